"""Refused items in, rows of the `quarantine` table out as Arrow; and the list back out of it."""

import hashlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.store.telemetry.texts import as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

NAME = "quarantine"

RING = 1_000
"""So many items of a project are kept, the latest."""

MOST_PER_MINUTE = 60
"""So many a minute are written for one project; under a flood the others are only counted."""

_MINUTE = 60_000_000
_INT64 = (-(2**63), 2**63 - 1)


class Held(msgspec.Struct, frozen=True):
    """One item of the list. `start_ns` is Unix time, `size` the bytes of the whole of which `sample` may be a part."""

    signal: str
    reason: str
    sample: str
    size: int
    replayable: bool
    trace_id: bytes = b""
    start_ns: int = 0


class Listed(msgspec.Struct, frozen=True):
    """An item as it is listed, under its id, with the number it came as and when."""

    id: bytes
    number: int
    commit: int
    held: Held


def table(project_id: str, held: Sequence[Held]) -> pa.Table:
    """Rows of one project, without commit and place in the ring (see `Ring`)."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(held), pa.string()),
            "id": pa.array([_digest(one) for one in held], pa.binary(16)),
            "signal": pa.array([one.signal for one in held], pa.string()),
            "reason": pa.array([one.reason for one in held], pa.string()),
            "trace_id": pa.array([one.trace_id[:32].hex() for one in held], pa.string()),
            "start_ns": pa.array([min(max(one.start_ns, _INT64[0]), _INT64[1]) for one in held], pa.int64()),
            "size": pa.array([one.size for one in held], pa.uint64()),
            "replayable": pa.array([one.replayable for one in held], pa.bool_()),
            "sample": pa.array([as_text(one.sample) for one in held], pa.string()),
        }
    )


def _digest(held: Held) -> bytes:
    parts = (held.signal, held.reason, held.sample, held.trace_id.hex(), str(held.start_ns))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).digest()


class Ring:
    """Gives rows their place; those that come too fast have none. Used by several threads."""

    def __init__(self, engine: "Engine") -> None:
        """Numbers go on where the store's end."""
        self._engine = engine
        self._lock = threading.Lock()
        self._next: dict[str, int] = {}
        self._written: dict[str, tuple[int, int]] = {}

    def placed(self, tables: Sequence[pa.Table], commit: int) -> pa.Table | None:
        """These rows with their commit and places; None when none has one. Raises `StoreError`."""
        with self._lock:
            kept = [placed for table in tables if (placed := self._place(table, commit)) is not None]
        return pa.concat_tables(kept) if kept else None

    def _place(self, table: pa.Table, commit: int) -> pa.Table | None:
        project_id: str = table.column("project_id")[0].as_py()
        minute, written = self._written.get(project_id, (0, 0))
        if minute != commit // _MINUTE:
            minute, written = commit // _MINUTE, 0
        count = min(table.num_rows, MOST_PER_MINUTE - written)
        if count <= 0:
            return None
        first = self._next[project_id] if project_id in self._next else self._first(project_id)
        self._next[project_id] = first + count
        self._written[project_id] = (minute, written + count)
        numbers = range(first, first + count)
        added: dict[str, Any] = {
            "slot": pa.array([number % RING for number in numbers], pa.uint16()),
            "number": pa.array(numbers, pa.uint64()),
            "version": pa.array([2 * commit] * count, pa.uint64()),
            "commit": pa.array([commit] * count, pa.uint64()),
            "gone": pa.array([False] * count, pa.bool_()),
        }
        table = table.slice(0, count)
        for name, column in added.items():
            table = table.append_column(name, column)
        return table

    def _first(self, project_id: str) -> int:
        asked = "SELECT max(number) FROM quarantine WHERE project_id = {project:String}"
        return int(self._engine.query(asked, {"project": project_id}).rows[0][0]) + 1


_LIST = """
SELECT id, max(number) AS latest, argMax(commit, number), argMax(signal, number),
       argMax(reason, number), argMax(sample, number), argMax(size, number),
       argMax(replayable, number), argMax(trace_id, number), argMax(start_ns, number)
FROM quarantine FINAL
WHERE project_id = {project:String} AND NOT gone
  AND ({reason:String} = '' OR reason = {reason:String})
  AND ({id:String} = '' OR id = toFixedString(unhex({id:String}), 16))
GROUP BY id
HAVING {before:UInt64} = 0 OR latest < {before:UInt64}
ORDER BY latest DESC
LIMIT {most:UInt32}
"""


def load(
    engine: "Engine", project_id: str, *, reason: str = "", before: int = 0, most: int = 1, of_id: str = ""
) -> list[Listed]:
    """A project's items, the latest first, each once: those numbered below `before`, or one by its hex id. Raises `StoreError`."""
    asked = {"project": project_id, "reason": reason, "before": before, "most": most, "id": of_id}
    return [
        Listed(
            name, number, commit, Held(signal, why, sample, size, bool(replayable), bytes.fromhex(trace_id), start_ns)
        )
        for name, number, commit, signal, why, sample, size, replayable, trace_id, start_ns in engine.query(
            _LIST, asked
        ).rows
    ]


def remove(engine: "Engine", project_id: str, item: bytes) -> None:
    """Take an item off the list, however often it is on it. Raises `StoreError`."""
    engine.command(
        "INSERT INTO quarantine (project_id, slot, number, version, commit, id, gone)"
        " SELECT project_id, slot, number, version + 1, commit, id, true FROM quarantine FINAL"
        " WHERE project_id = {project:String} AND id = toFixedString(unhex({id:String}), 16) AND NOT gone",
        {"project": project_id, "id": item.hex()},
    )
