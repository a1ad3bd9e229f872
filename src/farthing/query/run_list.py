"""Runs as their cases tell of them asked for; when each ran and how many cases it has, the latest first, out."""

from collections.abc import Sequence

import msgspec

from farthing.model.run import RunItem
from farthing.query.parameters import Parameters
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

MOST = 10_000
TIMEOUT_S = 60


class Seen(msgspec.Struct, frozen=True):
    """A run as its cases tell of it. "" and None mean not told; times are Unix nanoseconds."""

    id: str
    dataset_id: str
    name: str
    description: str
    metadata: str
    """A JSON document."""
    first_ns: int
    last_ns: int
    """When something of it last began or ended."""
    items: int
    errors: int


class Wanted(msgspec.Struct, frozen=True):
    """Which runs, or cases, of a project: those that have all of this. What is empty or None is not asked about."""

    project_id: str
    run_ids: Sequence[str] = ()
    dataset_ids: Sequence[str] | None = None
    names: Sequence[str] = ()
    item_ids: Sequence[str] = ()
    from_ns: int | None = None
    to_ns: int | None = None
    """Of when a case began."""


_BEGAN = "ifNull(min(began), min(told))"


def seen(engine: Engine, wanted: Wanted, limit: int = MOST, after: tuple[int, str] | None = None) -> list[Seen]:
    """Runs, the latest first; those behind the one that was last active then and has this id. Raises `StoreError`."""
    p = Parameters()
    having = [f"name IN {p.add('Array(String)', list(wanted.names))}"] if wanted.names else []
    if after is not None:
        last = f"({p.add('Int64', after[0])}, {p.add('String', after[1])})"
        having.append(f"(last_ns, run_id) < {last}")
    rows = engine.query(
        "SELECT run_id, max(dataset_id), max(run_name) AS name, max(description), max(metadata),"
        " ifNull(toUnixTimestamp64Nano(min(start)), 0), ifNull(toUnixTimestamp64Nano(max(greatest(start, ifNull(stop, start)))), 0)"
        " AS last_ns, uniqExact(item_id), uniqExactIf(item_id, result = 2) FROM ("
        f"SELECT {run_rows.KEY}, max(run_name) AS run_name, max(description) AS description, max(metadata) AS metadata,"
        f" {_BEGAN} AS start, max(ended) AS stop, max(outcome) AS result FROM run_items WHERE {_where(wanted, p)}"
        f" GROUP BY {run_rows.KEY}{_within(wanted, p)}) GROUP BY run_id"
        f"{' HAVING ' + ' AND '.join(having) if having else ''} ORDER BY last_ns DESC, run_id DESC LIMIT {limit}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [Seen(*row) for row in rows]


def items(engine: Engine, wanted: Wanted, limit: int, after: tuple[int, str] | None = None) -> list[RunItem]:
    """All cases, the latest first, also those that a later one of the same item replaces. Raises `StoreError`.

    With `after` those behind the one that began then and has this key (`key_of`).
    """
    p = Parameters()
    having = ["1"]
    if wanted.names:
        having.append(f"max(run_name) IN {p.add('Array(String)', list(wanted.names))}")
    if after is not None:
        having.append(f"(started, key) < ({p.add('Int64', after[0])}, {p.add('String', after[1])})")
    if wanted.from_ns is not None:
        having.append(f"started >= {p.add('Int64', wanted.from_ns)}")
    if wanted.to_ns is not None:
        having.append(f"started < {p.add('Int64', wanted.to_ns)}")
    rows = engine.query(
        f"SELECT {run_rows.COLUMNS}, concat(run_id, '/', item_id, '/', lower(hex(trace_id))) AS key FROM run_items"
        f" WHERE {_where(wanted, p)} GROUP BY {run_rows.KEY} HAVING {' AND '.join(having)}"
        f" ORDER BY started DESC, key DESC LIMIT {limit}",
        p.values,
        timeout_s=TIMEOUT_S,
    ).rows
    return [run_rows.item(row) for row in rows]


def key_of(item: RunItem) -> tuple[int, str]:
    """Where a page that begins behind this case begins."""
    return item.started_ns, f"{item.run_id}/{item.item_id}/{item.trace_id.hex()}"


def _where(wanted: Wanted, p: Parameters) -> str:
    parts = [f"project_id = {p.add('String', wanted.project_id)}"]
    for column, told in (("run_id", wanted.run_ids), ("item_id", wanted.item_ids)):
        if told:
            parts.append(f"{column} IN {p.add('Array(String)', list(told))}")
    if wanted.dataset_ids is not None:
        parts.append(f"dataset_id IN {p.add('Array(String)', list(wanted.dataset_ids))}")
    return " AND ".join(parts)


def _within(wanted: Wanted, p: Parameters) -> str:
    parts = [] if wanted.from_ns is None else [f"start >= {p.instant(wanted.from_ns)}"]
    parts += [] if wanted.to_ns is None else [f"start < {p.instant(wanted.to_ns)}"]
    return f" HAVING {' AND '.join(parts)}" if parts else ""
