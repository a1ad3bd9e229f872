"""A folder with a requirements.txt in; a virtual environment that holds what it names and nothing else, out.

Each is made once for each content of its requirements.txt, and each wheel is fetched once for all of them. Those that collected
tests will ask for are made from the start of the run on, while other tests run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

ENVIRONMENTS = Path(__file__).parents[1] / ".venvs-e2e"
_WHEELS = ENVIRONMENTS / "wheels"
_PIP = ("-m", "pip", "--disable-pip-version-check", "-qq")
# Whatever is measured meanwhile should hardly notice; yet with all cores at work on tests, it has to come to an end.
_NICENESS = 5


def environment_for(app: Path, home: Path = ENVIRONMENTS) -> Path:
    """The environment of the application in this folder."""
    return _Making().environment_for(app, home)


class Ahead:
    """Environments that are made on a thread, one after the other, until `stop`."""

    def __init__(self, apps: Iterable[Path]) -> None:
        """Begins at once."""
        self._apps = tuple(apps)
        self._making = _Making(_NICENESS)
        self._thread = threading.Thread(target=self._make, name="environments", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """What is not made is left to whoever asks for it."""
        self._making.stop()
        self._thread.join()

    def _make(self) -> None:
        for app in self._apps:
            # Whoever needs it will try again, and tell what is wrong.
            with contextlib.suppress(AssertionError, OSError):
                self._making.environment_for(app, ENVIRONMENTS)


class _Making:
    """One maker of environments, which can be stopped at any time."""

    def __init__(self, niceness: int = 0) -> None:
        self._niceness = niceness
        self._lock = threading.Lock()
        self._is_stopped = False
        self._running: subprocess.Popen[str] | None = None

    def environment_for(self, app: Path, home: Path) -> Path:
        requirements = app / "requirements.txt"
        digest = hashlib.sha256(sys.version.encode() + requirements.read_bytes()).hexdigest()[:12]
        folder = home / f"{app.name}-{digest}"
        complete = folder / ".complete"
        with _alone(home / f"{app.name}.lock"):
            if not complete.exists():
                for outdated in home.glob(f"{app.name}-????????????"):
                    shutil.rmtree(outdated)
                venv.create(folder, symlinks=True)
                self._install(folder / "bin" / "python", requirements)
                complete.touch()
        return folder

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            if self._running and self._running.poll() is None:
                # Pip begins another one in the environment itself.
                os.killpg(self._running.pid, signal.SIGTERM)

    def _install(self, python: Path, requirements: Path) -> None:
        lines = requirements.read_text(encoding="utf-8").splitlines()
        pins = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        known = _WHEELS / "known"
        with _alone(_WHEELS / "lock"):
            known.touch()
            if missing := [pin for pin in pins if pin not in known.read_text(encoding="utf-8").splitlines()]:
                self._run([*_PIP, "wheel", "--no-deps", "--wheel-dir", str(_WHEELS), *missing])
                with known.open("a", encoding="utf-8") as book:
                    book.writelines(f"{pin}\n" for pin in missing)
        # Everything is named, so that no release of somebody else's changes what is tested.
        asked = ["install", "--no-deps", "--no-compile", "--no-index", "--find-links", str(_WHEELS), *pins]
        self._run([*_PIP, "--python", str(python), *asked])

    def _run(self, arguments: list[str]) -> None:
        with self._lock:
            assert not self._is_stopped
            nice = ["nice", "-n", str(self._niceness)] if self._niceness else []
            self._running = subprocess.Popen(
                [*nice, sys.executable, *arguments],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        _, said = self._running.communicate()
        assert self._running.returncode == 0, said


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None]:
    """Inside, no other thread or process is inside with the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
