"""An app for Node in; a folder in which it can be run out, with the packages that its lock file names and nothing else."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from e2e.conftest import APPS
from environments import ENVIRONMENTS


def need(*programs: str) -> None:
    """Skips where one of these programs is absent; where everything must be there, that is a failure."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} must be there")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


def folder_for(name: str) -> Path:
    """A copy of the app with its packages, made once for each content of its lock file. Needs Node and npm."""
    need("node", "npm")
    app = APPS / name
    digest = hashlib.sha256((app / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"{name}-{digest}"
    complete = folder / ".complete"
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            for outdated in ENVIRONMENTS.glob(f"{name}-????????????"):
                shutil.rmtree(outdated)
            folder.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(app / file, folder)
            asked = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            complete.touch()
    # Node looks for packages beside the program, so the program goes where they are.
    for file in app.glob("*.mjs"):
        shutil.copy(file, folder)
    return folder
