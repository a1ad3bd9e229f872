"""Pieces of a file as they arrive in; the file in the data folder, whole, hashed and durable, out."""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from farthing.errors import BadRequestError, StoreError, StoreFullError

PARTIAL = ".partial"
"""Where files stand until they have arrived."""


class Storage:
    """Files of each project by the SHA-256 of their bytes. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """The folder is made with its first file. What a crash left unfinished is removed."""
        self._folder = folder
        shutil.rmtree(folder / PARTIAL, ignore_errors=True)

    def place(self, project_id: str, sha256: str) -> Path:
        """Where a file stands, if it is there. Neither name can lead elsewhere: one is a project's id, one is hexadecimal."""
        return self._folder / project_id / sha256[:2] / sha256

    def has(self, project_id: str, sha256: str) -> bool:
        """Whether the file is there."""
        return self.place(project_id, sha256).is_file()

    def begin(self, project_id: str, sha256: str, length: int) -> "Upload":
        """Take a file in. Raises `StoreError`."""
        place = self.place(project_id, sha256)
        return Upload(self._folder / PARTIAL, sha256, length, lambda partial: _move(partial, place))

    def file(self, project_id: str, sha256: str) -> Path | Iterator[bytes]:
        """What is in a file that is there."""
        return self.place(project_id, sha256)

    def remove(self, project_id: str, sha256: str) -> None:
        """Delete a file; nothing happens if it isn't there."""
        with _translated():
            self.place(project_id, sha256).unlink(missing_ok=True)

    def forget(self, project_id: str) -> None:
        """Delete all files of a project."""
        with _translated():
            shutil.rmtree(self._folder / project_id, ignore_errors=True)


class Upload:
    """A file that is arriving. Unless it is `finished`, nothing of it stays."""

    def __init__(self, partial: Path, sha256: str, length: int, keep: Callable[[Path], None]) -> None:
        """`length` bytes with this hash are expected; `keep` takes the file from among the `partial` ones to its place."""
        self._keep = keep
        self._sha256 = sha256
        self._length = length
        self._hash = hashlib.sha256()
        self._size = 0
        with _translated():
            partial.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path = partial / secrets.token_hex(16)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        """The upload itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """What was not finished is removed."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises `BadRequestError` when there are too many, `StoreError`."""
        self._size += len(piece)
        if self._size > self._length:
            msg = f"The file is larger than the {self._length} bytes that were announced."
            raise BadRequestError(msg)
        self._hash.update(piece)
        rest = memoryview(piece)
        with _translated():
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def finished(self) -> None:
        """Let the file stand in its place, durably. Raises `BadRequestError` when it isn't the one that was announced, `StoreError`."""
        if self._size != self._length:
            msg = f"The file has {self._size} bytes; {self._length} were announced."
            raise BadRequestError(msg)
        if self._hash.hexdigest() != self._sha256:
            msg = "The file's SHA-256 is not the one that was announced."
            raise BadRequestError(msg)
        with _translated():
            os.fsync(self._file)
            self._keep(self._path)


def _move(partial: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial.replace(place)
    for folder in (place.parent, place.parent.parent, place.parent.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            msg = "The disk is full: no more media can be kept."
            raise StoreFullError(msg) from error
        msg = f"Media can't be kept: {error.strerror}."
        raise StoreError(msg) from error
