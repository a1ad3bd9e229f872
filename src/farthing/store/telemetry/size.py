"""An engine in; how much room its tables take, and how much is left, out."""

from typing import NamedTuple

from farthing.store.telemetry.engine import Engine

_TABLES = (
    "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()"
    " GROUP BY table ORDER BY sum(bytes_on_disk) DESC, table"
)
_FREE = "SELECT min(unreserved_space) FROM system.disks WHERE type = 'Local'"


class TableSize(NamedTuple):
    """What one table takes."""

    table: str
    rows: int
    bytes: int


def tables(engine: Engine) -> list[TableSize]:
    """The largest first. Raises `StoreError`."""
    return [TableSize(str(table), int(rows), int(size)) for table, rows, size in engine.query(_TABLES).rows]


def free_bytes(engine: Engine) -> int | None:
    """What the fullest of its local disks has left; None when there is none. Raises `StoreError`."""
    rows = engine.query(_FREE).rows
    return int(rows[0][0]) if rows and rows[0][0] is not None else None
