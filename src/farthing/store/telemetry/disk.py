"""The folder of an embedded engine in; out: writes refused before the disk is full, and what a full disk broke, mended.

The embedded engine does not notice when the system refuses to write: it acknowledges an insert whose files are cut
short, and it replaces whole parts by a merged one that is empty. So nothing is written while less than `RESERVE` is
free; merges, which may write for minutes, rest earlier still; and where the space vanished in the middle of a write all
the same, every part's files are held against the sizes the engine remembers. What was being inserted is thrown away
and refused; what was being merged is thrown away too, for its sources are still there.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from farthing.errors import FarthingError, StoreFullError
from farthing.store.telemetry import packed

log = logging.getLogger(__name__)

RESERVE = 64 << 20
"""Bytes that must be free for anything to be written: far more than others write while one insert takes."""

MERGE_RESERVE = 256 << 20
"""Bytes that must be free for merges to go on."""

LOOK_EVERY_S = 0.1

_UNCOUNTED = frozenset(
    {
        "checksums.txt",
        "columns.txt",
        "columns_substreams.txt",
        "default_compression_codec.txt",
        "metadata_version.txt",
    }
)
"""Files of a part that its remembered size leaves out. None of them is ever empty."""

_PARTS = """
SELECT table, path, bytes_on_disk, min_block_number = max_block_number,
       arrayExists(other -> other.1 = table AND other.2 = partition_id
                            AND other.3 >= min_block_number AND other.4 <= max_block_number,
                   (SELECT groupArray((table, partition_id, min_block_number, max_block_number))
                    FROM system.parts WHERE database = currentDatabase() AND NOT active))
FROM system.parts
WHERE database = currentDatabase() AND active AND modification_time > now() - INTERVAL 15 MINUTE
"""
"""The engine keeps the sources of a merge for eight minutes."""


class _Part(NamedTuple):
    table: str
    path: Path
    size: int
    is_single: bool
    """Whether it is one insert's."""
    has_sources: bool
    """Whether the parts it was merged from are still there."""

    def is_whole(self) -> bool:
        with os.scandir(self.path) as files:
            found = {file.name: file.stat().st_size for file in files}
        if packed.NAME in found:
            return packed.is_whole(self.path / packed.NAME, found[packed.NAME])
        counted = sum(size for name, size in found.items() if name not in _UNCOUNTED)
        return counted >= self.size and all(found.get(name, 1) for name in _UNCOUNTED)


class Disk:
    """Watches the disk under one engine from `watch` to `close`."""

    def __init__(
        self, folder: Path, ask: Callable[[str], Sequence[tuple[Any, ...]]], run: Callable[[str], None]
    ) -> None:
        """`ask` answers a question, `run` runs a statement; both raise `StoreError`."""
        self._folder = folder
        self._ask = ask
        self._run = run
        self._mending = threading.Lock()
        self._thrown_away = 0
        self._detached: set[str] = set()
        self._merging = True
        self._was_low = False
        self._suspicious = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="disk", daemon=True)

    def watch(self) -> None:
        """Look after the disk on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def require_space(self) -> None:
        """Raises `StoreFullError` when too little is left to write anything."""
        if self._is_low():
            msg = (
                f"The disk of the data folder is full: less than {RESERVE >> 20} MiB are free. Free some space; "
                "senders will retry by themselves."
            )
            raise StoreFullError(msg)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Around a write, which is done and whole when the block ends well. Raises `StoreFullError`."""
        self.require_space()
        before = self._thrown_away
        try:
            yield
        except StoreFullError:
            self._suspicious = True
            raise
        if self._is_low():
            self._mend()
        if self._thrown_away != before:
            msg = (
                "The disk of the data folder became full meanwhile. Nothing was kept; senders will retry by themselves."
            )
            raise StoreFullError(msg)

    def _is_low(self) -> bool:
        low = self._free() < RESERVE
        # Whatever else was written meanwhile is to be looked at, however soon there is space again.
        self._suspicious = self._suspicious or low
        return low

    def _free(self) -> int:
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_EVERY_S):
            try:
                self._look()
            except (FarthingError, OSError) as error:
                log.warning("What a full disk may have broken is not mended yet: %s", error)

    def _look(self) -> None:
        free = self._free()
        if free < MERGE_RESERVE and self._merging:
            self._run("SYSTEM STOP MERGES")
            self._merging = False
        if free < RESERVE and not self._was_low:
            self._suspicious = True
            self._mend()
        self._was_low = free < RESERVE
        # A merge that was under way may have ended since: once more, when there is none any more.
        if self._detached or (self._suspicious and not self._ask("SELECT 1 FROM system.merges LIMIT 1")):
            self._mend()
            self._suspicious = False
        if free >= MERGE_RESERVE and not self._merging and not self._suspicious:
            self._run("SYSTEM START MERGES")
            self._merging = True

    def _mend(self) -> None:
        with self._mending:
            self._attach()
            broken = [part for part in self._parts() if not part.is_whole()]
            for table in {part.table for part in broken}:
                self._throw_away(table, [part for part in broken if part.table == table])

    def _parts(self) -> list[_Part]:
        return [
            _Part(table, Path(path), size, bool(single), bool(sources))
            for table, path, size, single, sources in self._ask(_PARTS)
        ]

    def _throw_away(self, table: str, broken: Sequence[_Part]) -> None:
        # A table that is attached again takes the sources of a merged part that isn't there.
        self._detached.add(table)
        self._run(f"DETACH TABLE {table} SYNC")
        for part in broken:
            if part.has_sources:
                log.warning("Thrown away, its sources are still there: %s, which a full disk cut short", part.path)
            elif part.is_single:
                self._thrown_away += 1
                log.warning("Thrown away and refused: %s, which a full disk cut short", part.path)
            else:
                log.error("Damaged: %s, which a full disk cut short and whose sources are gone", part.path)
                continue
            shutil.rmtree(part.path)
        self._attach()

    def _attach(self) -> None:
        for table in tuple(self._detached):
            self._run(f"ATTACH TABLE IF NOT EXISTS {table}")
            self._detached.discard(table)
