"""Calls to be priced again in, their rows out; what changed, into `calls` and back out of it.

A step writes under a revision that was given before its calls were read, and after everything with a lower one had
become visible. So whatever is settled meanwhile has a higher revision and stands, however late the step's rows come.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from farthing.store.telemetry.call_rows import COSTS
from farthing.store.telemetry.engine import Engine

KEYS = ("start_time", "trace_id", "span_id")

TIMEOUT_S = 120

PLAIN = ("provider", "model", "request_model", "response_model", "served_tier", "region", "key_id", "operation",
         "usage_source", "is_owner")  # fmt: skip
"""What of a call its price depends on, besides its time and its quantities; and how it is counted."""

SHAPE = (
    f"cityHash64({', '.join(PLAIN)}, cost_status, price_version, price_source, price_rule, matched_model, line_bucket,"
    " line_rate, line_terms, input_tokens IS NOT NULL, output_tokens IS NOT NULL, has(line_quantity, 0),"
    " intDiv(toUnixTimestamp(start_time), 86400))"
)
"""Names what calls have in common that differ in nothing but quantities and the time of their day."""


class Calls(NamedTuple):
    """Which calls of one project: a condition over rows of `calls` with the values it speaks of."""

    project_id: str
    where: str
    values: Mapping[str, Any]


class Span(NamedTuple):
    """A piece of time in Unix nanoseconds, its end excluded."""

    start_ns: int
    end_ns: int


WITHIN = "start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND start_time < fromUnixTimestamp64Nano({to:Int64}, 'UTC')"


def step(engine: Engine, calls: Calls, within: Span, rows: int) -> Span:
    """The beginning of a piece of time that holds about so many of these calls. Raises `StoreError`."""
    found = engine.query(
        f"SELECT toUnixTimestamp64Nano(start_time) FROM calls WHERE {calls.where} AND {WITHIN}"
        " ORDER BY start_time LIMIT 1 OFFSET {rows:UInt64}",
        {**calls.values, **bounds(within), "rows": rows},
        timeout_s=TIMEOUT_S,
    ).rows
    end = int(found[0][0]) if found else within.end_ns
    return Span(within.start_ns, max(end, within.start_ns + 1))


def count(engine: Engine, calls: Calls) -> int:
    """About how many rows these calls have: what was written again is counted again."""
    return int(
        engine.query(f"SELECT count() FROM calls WHERE {calls.where}", calls.values, timeout_s=TIMEOUT_S).rows[0][0]
    )


def load(engine: Engine, calls: Calls, within: Span, shapes: Sequence[int] | None = None) -> pa.Table:
    """The rows of these calls, or of those that have one of these shapes, as they are now."""
    picked = ", ".join((*KEYS, *PLAIN, *COSTS))
    only = "" if shapes is None else " AND shape IN {shapes:Array(UInt64)}"
    return engine.arrow(
        f"SELECT {picked}, toUnixTimestamp64Nano(start_time) AS start_ns,"
        " toInt32(intDiv(toUnixTimestamp(start_time), 86400)) AS day,"
        " input_tokens IS NOT NULL AS input_told, output_tokens IS NOT NULL AS output_told,"
        f" {SHAPE} AS shape FROM calls FINAL WHERE {calls.where} AND {WITHIN}{only}",
        {**calls.values, **bounds(within), "shapes": list(shapes or ())},
        timeout_s=TIMEOUT_S,
    )


def change(engine: Engine, job: str, project_id: str, changes: Sequence[pa.Table], revision: int, within: Span) -> None:
    """Remember what changes, then change it. May be repeated. Raises `StoreError`."""
    table = pa.concat_tables(changes)
    for name, value, kind in (
        ("project_id", project_id, pa.string()),
        ("job", job, pa.string()),
        ("revision", revision, pa.uint64()),
    ):
        table = table.append_column(name, pa.array([value] * table.num_rows, kind))
    engine.insert("calls_repriced", table)
    replaced = ", ".join(f"told.new_{name} AS {name}" for name in COSTS)
    told = ", ".join((*KEYS, *(f"new_{name}" for name in COSTS)))
    engine.command(
        f"INSERT INTO calls SELECT now.* REPLACE({replaced}, {{revision:UInt64}} AS revision)"
        f" FROM (SELECT * FROM calls FINAL WHERE project_id = {{project:String}} AND {WITHIN}) AS now"
        f" INNER JOIN (SELECT {told} FROM calls_repriced WHERE project_id = {{project:String}} AND job = {{job:String}}"
        f" AND {WITHIN} AND revision = {{revision:UInt64}}) AS told USING ({', '.join(KEYS)})",
        {"project": project_id, "job": job, "revision": revision, **bounds(within)},
    )


def undo_step(engine: Engine, job: str, project_id: str, within: Span, rows: int) -> Span:
    """The beginning of a piece of time that holds about so many changes of a job."""
    found = engine.query(
        f"SELECT toUnixTimestamp64Nano(start_time) FROM ({_changed(WITHIN)})"
        " ORDER BY start_time LIMIT 1 OFFSET {rows:UInt64}",
        {"project": project_id, "job": job, "rows": rows, **bounds(within)},
        timeout_s=TIMEOUT_S,
    ).rows
    end = int(found[0][0]) if found else within.end_ns
    return Span(within.start_ns, max(end, within.start_ns + 1))


def restore(engine: Engine, job: str, project_id: str, revision: int, within: Span) -> None:
    """Give calls that `change` changed back the cost they had before, unless something else has changed them since.

    Those are calls that were settled anew meanwhile and came to another cost. May be repeated. Raises `StoreError`.
    """
    old = ", ".join(f"old_{name}" for name in COSTS)
    new = ("new_cost_status", "new_cost", "new_price_version")
    before = ", ".join(f"told.before.{number} AS {name}" for number, name in enumerate(COSTS, 1))
    same = " AND ".join(
        f"now.{name.removeprefix('new_')} IS NOT DISTINCT FROM told.after.{number}"
        for number, name in enumerate(new, 1)
    )
    engine.command(
        f"INSERT INTO calls SELECT now.* REPLACE({before}, {{revision:UInt64}} AS revision)"
        f" FROM (SELECT * FROM calls FINAL WHERE project_id = {{project:String}} AND {WITHIN}) AS now"
        f" INNER JOIN (SELECT {', '.join(KEYS)}, argMin(tuple({old}), revision) AS before,"
        f" argMax(tuple({', '.join(new)}), revision) AS after FROM calls_repriced"
        f" WHERE project_id = {{project:String}} AND job = {{job:String}} AND {WITHIN}"
        f" GROUP BY {', '.join(KEYS)}) AS told USING ({', '.join(KEYS)}) WHERE {same}",
        {"project": project_id, "job": job, "revision": revision, **bounds(within)},
    )


def starts(engine: Engine, project_id: str, revision: int, within: Span) -> list[int]:
    """When the calls of this revision began, by the half hour (Unix ns)."""
    rows = engine.query(
        "SELECT DISTINCT intDiv(toUnixTimestamp(start_time), 1800) * 1800 FROM calls"
        f" WHERE project_id = {{project:String}} AND {WITHIN} AND revision = {{revision:UInt64}}",
        {"project": project_id, "revision": revision, **bounds(within)},
        timeout_s=TIMEOUT_S,
    ).rows
    return [int(row[0]) * 10**9 for row in rows]


def changed_span(engine: Engine, job: str, project_id: str) -> Span | None:
    """From when until when the calls began that a job has changed; None when it changed none."""
    count, low, high = engine.query(
        "SELECT count(), min(toUnixTimestamp64Nano(start_time)), max(toUnixTimestamp64Nano(start_time))"
        f" FROM ({_changed()})",
        {"project": project_id, "job": job},
        timeout_s=TIMEOUT_S,
    ).rows[0]
    return Span(int(low), int(high) + 1) if count else None


def forget(engine: Engine, job: str, project_id: str) -> None:
    """Let go of what a job changed: it can't be undone any more. Raises `StoreError`."""
    for table in ("calls_repriced", "repriced_calls", "repriced_shapes"):
        engine.command(
            f"DELETE FROM {table} WHERE project_id = {{project:String}} AND job = {{job:String}}",
            {"project": project_id, "job": job},
        )


def written(engine: Engine, project_id: str, revision: int, within: Span) -> int:
    """How many calls have rows of this revision."""
    return int(
        engine.query(
            f"SELECT uniqExact({', '.join(KEYS)}) FROM calls WHERE project_id = {{project:String}} AND {WITHIN}"
            " AND revision = {revision:UInt64}",
            {"project": project_id, "revision": revision, **bounds(within)},
            timeout_s=TIMEOUT_S,
        ).rows[0][0]
    )


def bounds(within: Span) -> dict[str, int]:
    """The values that `WITHIN` speaks of."""
    return {"from": within.start_ns, "to": within.end_ns}


def _changed(where: str = "true") -> str:
    """When the calls began that a job has changed, call by call or by their shapes."""
    of_job = f"project_id = {{project:String}} AND job = {{job:String}} AND {where}"
    return " UNION ALL ".join(
        f"SELECT start_time FROM {table} WHERE {of_job}" for table in ("calls_repriced", "repriced_calls")
    )
