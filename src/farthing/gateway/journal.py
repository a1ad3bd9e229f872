"""What happens to calls in, written to files of the data folder at once; what a former process left there out.

A call's lines all go to the file that was the newest when it began; a file whose calls have all been told is removed. Nothing
is fsynced: what was written survives the process, which is what may be killed.
"""

import contextlib
import logging
import os
import threading
from pathlib import Path

import msgspec

from farthing.errors import StartError
from farthing.gateway.records import Attempt, Line, Passed, Record
from farthing.shapes import Shape

log = logging.getLogger(__name__)

FOLDER = "gateway"
LARGEST = 4 << 20
"""Bytes after which another file is begun."""

_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines
_decode = Shape[Line](Line).of_json


class _File:
    """One file, and how many of its calls have not been told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = 0
        self.untold = 0

    def remove(self) -> None:
        os.close(self.descriptor)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


class Journal:
    """Every method may be called from any thread."""

    def __init__(self, data: Path) -> None:
        """Below the data folder. Raises `StartError`."""
        self._folder = data / FOLDER
        self._lock = threading.Lock()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._left = sorted(self._folder.glob("*.jsonl"))
            self._number = max((int(path.stem) for path in self._left if path.stem.isdigit()), default=0)
            self._newest = self._next()
        except OSError as error:
            msg = f"The folder {self._folder} can't be written: {error.strerror}. Free some space and start again."
            raise StartError(msg) from error
        self._files: dict[str, _File] = {}

    def began(self, call: Passed, attempt: Attempt) -> None:
        """A call's first attempt is about to be made. Raises `OSError`."""
        with self._lock:
            if self._newest.size > LARGEST:
                self._turn()
            file = self._files[call.id] = self._newest
            file.untold += 1
            try:
                # A list: of whatever else is iterated over, msgspec (0.22) keeps the iterator for ever.
                self._write(file, _encode_lines([call, attempt]))
            except OSError:
                del self._files[call.id]
                file.untold -= 1
                raise

    def whole(self, call: Passed, attempt: Attempt) -> None:
        """A call that began and ended here. Calls go on where that can't be written."""
        with contextlib.suppress(OSError):
            self.began(call, attempt)

    def amend(self, attempt: Attempt) -> None:
        """What was found out later about an attempt. Calls go on where that can't be written."""
        with contextlib.suppress(OSError):
            self.note(attempt)

    def note(self, attempt: Attempt) -> None:
        """What is known of an attempt by now. Raises `OSError`."""
        with self._lock:
            file = self._files.get(attempt.of)
            if file is not None:
                self._write(file, _encode(attempt) + b"\n")

    def forget(self, call_id: str) -> None:
        """The call was told, durably."""
        with self._lock:
            file = self._files.pop(call_id, None)
            if file is None:
                return
            file.untold -= 1
            if file.untold:
                return
            if file is not self._newest:
                file.remove()
            elif file.size > LARGEST // 4:
                with contextlib.suppress(OSError):
                    os.ftruncate(file.descriptor, 0)
                    file.size = 0

    def left(self) -> list[Record]:
        """What a former process did not tell. Its files go once each of these is forgotten."""
        found: list[Record] = []
        for path in self._left:
            try:
                records = _read(path)
                file = _File(path)
            except OSError as error:
                log.warning("The journal %s can't be read: %s", path, error)
                continue
            if not records:
                file.remove()
            with self._lock:
                for record in records:
                    self._files[record.call.id] = file
                    file.untold += 1
            found += records
        self._left = []
        return found

    def close(self) -> None:
        """Nothing comes any more. Files of calls that were told are gone, all others stay."""
        with self._lock:
            for file in {*self._files.values(), self._newest}:
                if file.untold:
                    os.close(file.descriptor)
                else:
                    file.remove()
            self._files.clear()

    def _turn(self) -> None:
        """Begin another file."""
        former, self._newest = self._newest, self._next()
        if not former.untold:
            former.remove()

    def _next(self) -> _File:
        self._number += 1
        return _File(self._folder / f"{self._number:08}.jsonl")

    def _write(self, file: _File, line: bytes) -> None:
        written = os.write(file.descriptor, line)
        file.size += written
        if written < len(line):
            # Whoever reads it skips the torn line; the next one must not be torn with it.
            os.write(file.descriptor, b"\n")
            msg = "the disk is full"
            raise OSError(28, msg)


def _read(path: Path) -> list[Record]:
    found: dict[str, Record] = {}
    torn = 0
    for line in path.read_bytes().split(b"\n"):
        if not line:
            continue
        try:
            told = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            torn += 1
            continue
        if isinstance(told, Passed):
            found.setdefault(told.id, Record(told, []))
        elif told.of in found:
            found[told.of].put(told)
        else:
            torn += 1
    if torn:
        log.warning("%d lines of the journal %s can't be read; a crash may have cut them", torn, path)
    return [record for record in found.values() if record.attempts]
