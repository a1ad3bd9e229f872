"""An app for Node in; a folder in which it can be run out, with the packages that its lock file names and nothing else."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from e2e.conftest import APPS, ENVIRONMENTS


def folder_for(name: str) -> Path:
    """A copy of the app with its packages, made once for each content of its lock file. Skips where Node is absent."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("needs Node and npm, which are not on this machine")
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
