"""Records in the order of their numbers in; durable when that returns, and after a crash out again, but for those done with.

Two files take turns. A file has one block that says up to which number all is done with, and behind it the records. It is used
again from its beginning as soon as all of it is done with, so it hardly ever grows, and a write does not wait for the file system
to note a new length. What follows the last record is older, or was cut short: its number is lower or its checksum wrong.
"""

import errno
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

_TURN = 4 << 20
"""From so many bytes on it is the other file's turn, if all of that one is done with."""

_STEP = 2 << 20
"""A file grows by so many bytes."""

_MOST_SPARE = 64 << 20
"""What a file had to grow beyond this, as when the engine was stuck, is given back."""

_MARK = b"farthing"
_BLOCK = 4096
_HEAD = struct.Struct("<8sQ")
"""Of a file: the mark, and the last number that is done with."""

_RECORD = struct.Struct("<8sQQI")
"""Before a record: the mark, its number, how many bytes it has, and their checksum."""

_sync = getattr(os, "fdatasync", os.fsync)
"""Where there is no difference between them, as on macOS, the one that there is."""


class AheadFiles:
    """Not for several threads at once. Every method may raise `OSError`."""

    def __init__(self, folder: Path) -> None:
        """The files are made with the first record."""
        self._paths = [folder / f"records-{number}" for number in range(2)]
        self._now, self._other = (_File(path) for path in self._paths)
        self._done = 0

    def left(self) -> list[tuple[int, bytes]]:
        """What a former process left that was not done with, by its numbers."""
        held = [path.read_bytes() for path in self._paths if path.exists()]
        done = max((_done(one) for one in held), default=0)
        return sorted(record for one in held for record in _records(one) if record[0] > done)

    def clear(self) -> None:
        """All that a former process left is done with."""
        for path in self._paths:
            path.unlink(missing_ok=True)

    def add(self, number: int, record: bytes) -> None:
        """Keep this, durably. Its number is higher than all before. What was not kept leaves its place to the next one."""
        if self._now.last <= self._done:
            self._now.reuse()
        elif self._now.end > _TURN and self._other.last <= self._done:
            self._now, self._other = self._other, self._now
            self._now.reuse()
        self._now.append(number, record)

    def forget(self, number: int) -> None:
        """All up to this one are done with, durably."""
        self._now.note(number)
        self._done = number

    def close(self) -> None:
        """Nothing comes any more. Where all is done with, nothing stays."""
        self._now.close()
        self._other.close()
        if max(self._now.last, self._other.last) <= self._done:
            self.clear()


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._size = 0
        self._is_closed = False
        self.end = _BLOCK
        """Where the next record goes."""
        self.last = 0
        """The number of the last one."""

    def append(self, number: int, record: bytes) -> None:
        told = _RECORD.pack(_MARK, number, len(record), zlib.crc32(record)) + record
        self._make_room(self.end + len(told))
        self._write(told, self.end)
        _sync(self._file)
        self.end += len(told)
        self.last = number

    def note(self, done: int) -> None:
        self._make_room(_BLOCK)
        self._write(_HEAD.pack(_MARK, done), 0)
        _sync(self._file)

    def reuse(self) -> None:
        self.end, self.last = _BLOCK, 0
        if self._size > _MOST_SPARE:
            os.ftruncate(self._file, _STEP)
            self._size = _STEP

    def close(self) -> None:
        self._is_closed = True
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _make_room(self, size: int) -> None:
        if self._is_closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        if size > self._size:
            # Written, not merely reserved: the first write to a reserved block is as slow as one to a new block.
            grown = -(-size // _STEP) * _STEP
            self._write(bytes(grown - self._size), self._size)
            os.fsync(self._file)
            self._size = grown

    def _write(self, told: bytes, at: int) -> None:
        left = memoryview(told)
        while left:
            written = os.pwrite(self._file, left, at)
            left, at = left[written:], at + written


def _done(held: bytes) -> int:
    if len(held) < _HEAD.size:
        return 0
    mark, number = _HEAD.unpack_from(held)
    return number if mark == _MARK else 0


def _records(held: bytes) -> Iterator[tuple[int, bytes]]:
    at, before = _BLOCK, 0
    while at + _RECORD.size <= len(held):
        mark, number, length, checksum = _RECORD.unpack_from(held, at)
        at += _RECORD.size
        record = held[at : at + length]
        if mark != _MARK or number <= before or len(record) < length or zlib.crc32(record) != checksum:
            return
        yield number, record
        at, before = at + length, number
