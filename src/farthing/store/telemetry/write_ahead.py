"""Rows of `spans` in; durable with one write to a file when that returns, and a moment later, many at once, in the engine.

An insert costs the engine about the same for one row as for a thousand, some ten milliseconds of the processor and more until its part is
merged. A write here costs a fiftieth of that. After a crash the engine takes in what was left here before anything is asked of it.
"""

import errno
import logging
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from farthing.errors import StartError, StoreError, StoreFullError
from farthing.store.telemetry.ahead_files import AheadFiles
from farthing.store.telemetry.engine import Engine

log = logging.getLogger(__name__)

FOLDER = "write-ahead"

LARGEST = 4 << 20
"""Bytes of rows that one write may have."""

AT_ONCE = 64 << 20
"""About so many bytes of rows the engine takes in at once."""

_LEFT = "SELECT commit, count() FROM spans WHERE commit >= {first:UInt64} GROUP BY commit"


class WriteAhead:
    """Rows of this process alone, for an engine of its own. Every method may be called from any thread."""

    def __init__(self, engine: Engine, data: Path) -> None:
        """The files are below the data folder. Raises `StartError`."""
        self._engine = engine
        folder = data / FOLDER
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            msg = f"The folder {folder} can't be written: {error.strerror}. Free some space and start again."
            raise StartError(msg) from error
        self._files = AheadFiles(folder)
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, pa.Table]] = deque()

    def recover(self) -> None:
        """Hand the engine what a former process acknowledged and left here. Raises `StoreError`."""
        with self._lock, _translated():
            left = [(commit, _rows(told)) for commit, told in self._files.left()]
        if left:
            # Of the last ones the engine may have some already: that was not noted here any more.
            there = {int(commit): int(rows) for commit, rows in self._engine.query(_LEFT, {"first": left[0][0]}).rows}
            missing = [rows for commit, rows in left if there.get(commit, 0) < rows.num_rows]
            if missing:
                log.info("%d spans that were written ahead are taken in", sum(rows.num_rows for rows in missing))
                self._engine.insert("spans", pa.concat_tables(missing, promote_options="default"))
        with self._lock, _translated():
            self._files.clear()

    def keep(self, commit: int, rows: pa.Table) -> None:
        """Make these durable. Commits rise. Raises `StoreError`, and nothing is kept then."""
        # A full disk must be told now: whoever was told that something is kept doesn't come again.
        self._engine.require_space()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        with self._lock, _translated():
            self._files.add(commit, sink.getvalue().to_pybytes())
            self._waiting.append((commit, rows))

    def take_in(self, commit: int) -> None:
        """Hand the engine all rows up to this commit. Raises `StoreError`, and may then be asked again."""
        while some := self._next(commit):
            self._engine.insert("spans", pa.concat_tables([rows for _, rows in some], promote_options="default"))
            with self._lock, _translated():
                for _ in some:
                    self._waiting.popleft()
                self._files.forget(some[-1][0])

    def close(self) -> None:
        """Nothing comes any more; what the engine hasn't taken in stays for the next start."""
        with self._lock, _translated():
            self._files.close()

    def _next(self, commit: int) -> list[tuple[int, pa.Table]]:
        found: list[tuple[int, pa.Table]] = []
        size = 0
        with self._lock:
            for number, rows in self._waiting:
                if number > commit or size >= AT_ONCE:
                    break
                found.append((number, rows))
                size += rows.nbytes
        return found


def _rows(told: bytes) -> pa.Table:
    with pa.ipc.open_stream(told) as reader:
        return reader.read_all()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            msg = "The disk of the data folder is full. Free some space; senders will retry by themselves."
            raise StoreFullError(msg) from error
        msg = f"What was written ahead can't be written or read: {error.strerror}."
        raise StoreError(msg) from error
