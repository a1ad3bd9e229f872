"""A path in, the data folder out: made, writable, and ours alone until it is released."""

import contextlib
import fcntl
import os
import secrets
import shutil
from pathlib import Path

from farthing.errors import StartError

LOCK = "farthing.lock"
SCRATCH = "scratch"
SERVER = "server"
ADDRESS = "address"
"""The file that tells commands on this machine where this folder's server listens."""


def address(path: Path) -> str:
    """Where the server of this folder listens; "" when none was told."""
    try:
        return (path / ADDRESS).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class DataFolder:
    """The folder that holds everything. The embedded engine opens it from one process only, so it is locked."""

    def __init__(self, path: Path) -> None:
        """Make the folder if need be and lock it. Raises `StartError`."""
        self.path = path.resolve()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = (
                f"The data folder {self.path} can't be used: {error.strerror}. "
                "Choose another with --data or FARTHING_DATA, or mend its permissions."
            )
            raise StartError(msg) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            msg = (
                f"The data folder {self.path} is in use by another Farthing (process {holder}). "
                "Stop that one, or choose another folder with --data."
            )
            raise StartError(msg) from error
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)
            os.fsync(self._file)
        except OSError as error:
            os.close(self._file)
            msg = f"The data folder {self.path} can't be written: {error.strerror}. Free some space and start again."
            raise StartError(msg) from error

    def scratch(self) -> Path:
        """A folder for files that live as long as a statement; what a crash left there is removed. Raises `StartError`."""
        place = self.path / SCRATCH
        try:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            msg = f"The data folder {self.path} can't be written: {error.strerror}. Free some space and start again."
            raise StartError(msg) from error
        return place

    def server(self) -> str:
        """A name of this folder's server, the same at every start. Raises `StartError`."""
        place = self.path / SERVER
        try:
            if place.exists() and (name := place.read_text(encoding="utf-8").strip()):
                return name
            name = secrets.token_hex(16)
            place.write_text(name + "\n", encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"The data folder {self.path} can't be written: {error}. Mend its permissions and start again."
            raise StartError(msg) from error
        return name

    def announce(self, url: str) -> None:
        """Tell commands on this machine where the server listens."""
        (self.path / ADDRESS).write_text(url + "\n", encoding="utf-8")

    def release(self) -> None:
        """Unlock the folder."""
        with contextlib.suppress(OSError):
            (self.path / ADDRESS).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.close(self._file)
