"""The aggregates that are kept: cuts (which dimensions) at grains (how long a bucket), and the SQL that makes them."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from farthing.store.telemetry.measures import MEASURES, NO_SKETCH, SKETCH


class Grain(NamedTuple):
    """A length of bucket. Buckets are aligned to Unix time, so every length divides a UTC day."""

    name: str
    seconds: int


DAY = Grain("1d", 86_400)
QUARTER = Grain("4h", 14_400)
HALF_HOUR = Grain("30m", 1_800)
GRAINS = (DAY, QUARTER, HALF_HOUR)
"""Coarse to fine. Half hours serve the days of every time zone but those 15 or 45 minutes off; four hours keep
the number of rows down where local days don't fit UTC days: 13 buckets a day instead of 48."""


class Cut(NamedTuple):
    """A set of dimensions, as column names of both `calls` and `rollup`."""

    name: str
    columns: tuple[str, ...]
    grains: tuple[Grain, ...] = GRAINS


CUTS = (
    Cut("status", ("status", "operation", "streaming", "environment")),
    Cut("team", ("team", "environment")),
    Cut("model", ("provider", "model", "response_model", "environment")),
    Cut("feature", ("feature", "environment")),
    Cut("tenant", ("tenant", "environment")),
    Cut("prompt", ("prompt_version", "feature", "environment")),
    Cut("user", ("user_id", "environment"), (DAY,)),
)
"""In the order of how many groups they usually have: a question takes the first that has what it needs."""

KEYS = tuple(dict.fromkeys(column for cut in CUTS for column in cut.columns))


class Aggregate(NamedTuple):
    """A cut at a grain: what `rollup` holds under one name."""

    cut: Cut
    grain: Grain

    @property
    def name(self) -> str:
        """The value in the column `cut`."""
        return f"{self.cut.name}@{self.grain.name}"


AGGREGATES = tuple(Aggregate(cut, grain) for cut in CUTS for grain in cut.grains)
BITS = {aggregate: 1 << number for number, aggregate in enumerate(AGGREGATES)}

DEFINITION = hashlib.sha256(
    repr(
        [(a.name, a.cut.columns) for a in AGGREGATES] + [list(m) for m in ((m.name, m.of_calls) for m in MEASURES)]
    ).encode()
).hexdigest()[:16]
"""Changes when a cut, a grain or a measure does: then everything is recomputed."""


def fitting(columns: Iterable[str]) -> Cut | None:
    """The first cut that has all these columns."""
    wanted = frozenset(columns)
    return next((cut for cut in CUTS if wanted.issubset(cut.columns)), None)


def at(grain: Grain) -> tuple[Aggregate, ...]:
    """All aggregates of a grain."""
    return tuple(a for a in AGGREGATES if a.grain == grain)


_NULLABLE = {f"sum({m.name})" for m in MEASURES}

# One block, so one part in one partition: a question sees the recomputed buckets all at once or not at all.
_ATOMIC = (
    "SETTINGS max_threads = 1, max_insert_threads = 1, optimize_on_insert = 1, max_block_size = 65409,"
    " min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 1000000000000"
)


def recompute(aggregates: Sequence[Aggregate]) -> str:
    """The statement that recomputes buckets of aggregates of one grain within one UTC day.

    Parameters: project, revision (higher than any in `rollup` by two), blocks (their first seconds), from and
    to (Unix seconds around them), seconds (the grain).
    """
    names = ", ".join(f"'{a.name}'" for a in aggregates)
    sets = ", ".join(f"(block, {', '.join(a.cut.columns)})" for a in aggregates)
    grouped = [key for key in KEYS if any(key in a.cut.columns for a in aggregates)]
    masks = ", ".join(str(_mask(a.cut, grouped)) for a in aggregates)
    held = ", ".join(grouped)
    measures = ", ".join((*(m.name for m in MEASURES), SKETCH.name))
    return f"""
INSERT INTO rollup (project_id, cut, bucket, {held}, revision, {measures})
SELECT {{project:String}}, transform(mask, [{masks}], [{names}], ''), toDateTime(block, 'UTC'), {held},
       {{revision:UInt64}}, {measures}
FROM (
    SELECT grouping({held}) AS mask, block, {held},
           {", ".join(f"{m.of_calls} AS {m.name}" for m in (*MEASURES, SKETCH))}
    FROM (
        SELECT *, toUInt32(intDiv(toUnixTimestamp(start_time), {{seconds:UInt32}}) * {{seconds:UInt32}}) AS block
        FROM calls FINAL
        WHERE project_id = {{project:String}} AND is_owner
          AND start_time >= toDateTime64({{from:UInt32}}, 9, 'UTC') AND start_time < toDateTime64({{to:UInt32}}, 9, 'UTC')
          AND block IN {{blocks:Array(UInt32)}}
    )
    GROUP BY GROUPING SETS ({sets})
)
UNION ALL
-- Groups that were there before and may be no more. Where they still are, the row above has the higher revision.
SELECT {{project:String}}, cut, bucket, {held}, {{revision:UInt64}} - 1,
       {", ".join("NULL" if m.of_calls in _NULLABLE else "0" for m in MEASURES)}, {NO_SKETCH}
FROM rollup
WHERE project_id = {{project:String}} AND cut IN ({names})
  AND bucket >= toDateTime({{from:UInt32}}, 'UTC') AND bucket < toDateTime({{to:UInt32}}, 'UTC')
  AND toUnixTimestamp(bucket) IN {{blocks:Array(UInt32)}}
{_ATOMIC}
"""


def _mask(cut: Cut, grouped: Sequence[str]) -> int:
    # grouping(a, b, c) has the first as its highest bit; a column that is grouped by gives 0.
    return sum(1 << at for at, key in enumerate(reversed(grouped)) if key not in cut.columns)


def census(aggregates: Sequence[Aggregate]) -> str:
    """The question how many calls a project's days have and how many rows each aggregate would; whole UTC days."""
    estimates = "".join(
        f", uniqCombined(15)((intDiv(toUnixTimestamp(start_time), {a.grain.seconds}), {', '.join(a.cut.columns)}))"
        for a in aggregates
    )
    return f"""
SELECT toUInt32(intDiv(toUnixTimestamp(start_time), {DAY.seconds})) AS day, count(){estimates}
FROM calls
WHERE project_id = {{project:String}} AND is_owner
  AND start_time >= toDateTime64({{from:UInt32}}, 9, 'UTC') AND start_time < toDateTime64({{to:UInt32}}, 9, 'UTC')
GROUP BY day
SETTINGS max_threads = 1
"""
