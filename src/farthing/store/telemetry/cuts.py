"""The aggregates that are kept: cuts (which dimensions) at grains (how long a bucket), and the SQL that makes them."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from farthing.shapes import Shape
from farthing.store.telemetry.measures import MEASURES, NO_SKETCH, SKETCH

_read_columns = Shape(tuple[str, ...]).of_json


class Grain(NamedTuple):
    """A length of bucket. Buckets are aligned to Unix time, so every length divides a UTC day, or is several whole ones."""

    name: str
    seconds: int


FIVE_DAYS = Grain("5d", 432_000)
DAY = Grain("1d", 86_400)
QUARTER = Grain("4h", 14_400)
HALF_HOUR = Grain("30m", 1_800)
GRAINS = (FIVE_DAYS, DAY, QUARTER, HALF_HOUR)
"""Coarse to fine. Five days are kept of cuts with many groups: any 30 days are ten buckets or fewer, and no other length makes
fewer of them wherever they begin. Half hours serve the days of every time zone but those 15 or 45 minutes off; four hours keep
the number of rows down where local days don't fit UTC days: 13 buckets a day instead of 48."""


TAG = "tag."


class Cut(NamedTuple):
    """A set of dimensions: column names of both `calls` and `rollup`, or tags as `tag.<key>`."""

    name: str
    columns: tuple[str, ...]
    grains: tuple[Grain, ...] = (DAY, QUARTER, HALF_HOUR)

    @property
    def plain(self) -> tuple[str, ...]:
        """The columns that aren't tags."""
        return tuple(column for column in self.columns if not column.startswith(TAG))

    @property
    def tags(self) -> tuple[str, ...]:
        """The columns that are tags. `rollup` has their values in this order in its array `tags`."""
        return tuple(column for column in self.columns if column.startswith(TAG))


_LONG = (FIVE_DAYS, DAY)

CUTS = (
    Cut("total", ()),
    Cut("outcome", ("status",)),
    Cut("status", ("status", "operation", "streaming", "environment")),
    Cut("team", ("team", "environment")),
    Cut("named model", ("model",)),
    Cut("model", ("provider", "model", "response_model", "environment")),
    Cut("feature", ("feature", "environment")),
    Cut("tenant", ("tenant", "environment"), GRAINS),
    Cut("prompt", ("prompt_version", "feature", "environment"), GRAINS),
    Cut("lone user", ("user_id",), _LONG),
    Cut("user", ("user_id", "environment"), _LONG),
)
"""In the order of how many groups they usually have: a question takes the first that has what it needs. What is asked
most has a cut of its own, without the environment: merging latency sketches is nine tenths of a question's work."""

KEYS = tuple(dict.fromkeys(column for cut in CUTS for column in cut.columns))


class Aggregate(NamedTuple):
    """A cut at a grain: what `rollup` holds under one name."""

    cut: Cut
    grain: Grain

    @property
    def name(self) -> str:
        """The value in the column `cut`."""
        return f"{self.cut.name}@{self.grain.name}"

    @property
    def shorter(self) -> "Aggregate":
        """The one with the same cut that it may be made from."""
        return Aggregate(self.cut, DAY if self.grain == FIVE_DAYS else HALF_HOUR)


AGGREGATES = tuple(Aggregate(cut, grain) for cut in CUTS for grain in cut.grains)
_NAMED = {aggregate.name: aggregate for aggregate in AGGREGATES}
_OF_TAGS = "tags "


def of_tags(columns: Iterable[str]) -> Cut:
    """The cut by these tags, and maybe other columns: which ones are worth it depends on a project's calls."""
    chosen = tuple(sorted(columns))
    return Cut(_OF_TAGS + msgspec.json.encode(chosen).decode(), chosen, _LONG)


def named(name: str) -> Aggregate | None:
    """The aggregate that `rollup` holds under this name; None for one that is made no more."""
    if not name.startswith(_OF_TAGS):
        return _NAMED.get(name)
    columns, _, grain = name.removeprefix(_OF_TAGS).rpartition("@")
    cut = of_tags(_read_columns(columns))
    return next((Aggregate(cut, kept) for kept in cut.grains if kept.name == grain), None)


DEFINITION = hashlib.sha256(
    repr(
        [("real",)]
        + [(a.name, a.cut.columns) for a in AGGREGATES if a.grain != FIVE_DAYS]
        + [list(m) for m in ((m.name, m.of_calls) for m in MEASURES)]
    ).encode()
).hexdigest()[:16]
"""Changes when a cut, a grain or a measure does: then everything is recomputed. Five days are made from days where there are none."""


def fitting(columns: Iterable[str], cuts: Iterable[Cut] = CUTS) -> Cut | None:
    """The first cut that has all these columns."""
    wanted = frozenset(columns)
    return next((cut for cut in cuts if wanted.issubset(cut.columns)), None)


def at(grain: Grain) -> tuple[Aggregate, ...]:
    """All aggregates of a grain."""
    return tuple(a for a in AGGREGATES if a.grain == grain)


_SUMMED = (*MEASURES, SKETCH)
_LISTED = ", ".join(m.name for m in _SUMMED)
_NULLABLE = {f"sum({m.name})" for m in MEASURES}

_NO_TAGS = "CAST([], 'Array(String)')"

# One block, so one part in one partition: a question sees the recomputed buckets all at once or not at all.
_ATOMIC = (
    "SETTINGS optimize_functions_to_subcolumns = 0, enable_shared_storage_snapshot_in_query = 1, max_threads = 1, max_insert_threads = 1, optimize_on_insert = 1,"
    " max_block_size = 65409, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 1000000000000"
)


class Statement(NamedTuple):
    """SQL and those of its parameters that name aggregates and tags."""

    text: str
    values: dict[str, Any]


def recompute(aggregates: Sequence[Aggregate], held: Collection[Aggregate] = ()) -> Statement:
    """The statement that recomputes buckets of aggregates of one grain within one UTC day, or one bucket of several days.

    Those of which the shorter ones are among `held` are made from them; they must hold. Further parameters: project,
    revision (higher than any in these buckets by two), blocks (their first seconds), from and to (Unix seconds around them),
    seconds (the grain).
    """
    summed = [a for a in aggregates if a.shorter in held]
    counted = [a for a in aggregates if a.shorter not in held]
    tags = _Tags(counted)
    grouped = _keys(aggregates)
    listed = "".join(f", {key}" for key in grouped)
    rows = [_of_calls(counted, grouped, tags)] if counted else []
    rows += [_of_shorter(summed, grouped)] if summed else []
    text = f"""
INSERT INTO rollup (project_id, cut, bucket{listed}, tags, revision, {_LISTED})
{"UNION ALL".join(rows)}
UNION ALL
-- Groups that were there before and may be no more. Where they still are, the row above has the higher revision.
SELECT {{project:String}}, cut, bucket{listed}, tags, {{revision:UInt64}} - 1,
       {", ".join("NULL" if m.of_calls in _NULLABLE else "0" for m in MEASURES)}, {NO_SKETCH}
FROM rollup
WHERE project_id = {{project:String}} AND cut IN {{names:Array(String)}}
  AND bucket >= toDateTime({{from:UInt32}}, 'UTC') AND bucket < toDateTime({{to:UInt32}}, 'UTC')
  AND toUnixTimestamp(bucket) IN {{blocks:Array(UInt32)}}
{_ATOMIC}
"""
    names = {"names": [a.name for a in aggregates], "counted": [a.name for a in counted]}
    by_shorter = {"summed": [a.name for a in summed], "shorter": [a.shorter.name for a in summed]}
    return Statement(text, names | by_shorter | tags.values)


def _of_calls(aggregates: Sequence[Aggregate], listed: Sequence[str], tags: "_Tags") -> str:
    keys = _keys(aggregates)
    told = [*keys, *tags.aliases]
    sets = ", ".join(f"({', '.join(('block', *grouped_by))})" for grouped_by in map(tags.columns, aggregates))
    masks = [_mask(tags.columns(a), told) for a in aggregates]
    mask = f"grouping({', '.join(told)})" if told else "0"
    arrays = "".join(
        f"mask = {number}, CAST([{', '.join(map(tags.alias, a.cut.tags))}], 'Array(String)'), "
        for number, a in zip(masks, aggregates, strict=True)
        if a.cut.tags
    )
    held = "".join(f", {key}" if key in keys else ", ''" for key in listed)
    return f"""
SELECT {{project:String}}, {{counted:Array(String)}}[indexOf({masks}, mask)], toDateTime(block, 'UTC'){held},
       {f"multiIf({arrays}{_NO_TAGS})" if arrays else _NO_TAGS}, {{revision:UInt64}}, {_LISTED}
FROM (
    SELECT {mask} AS mask, block{"".join(f", {key}" for key in told)},
           {", ".join(f"{m.of_calls} AS {m.name}" for m in _SUMMED)}
    FROM (
        SELECT *{tags.picked}, toUInt32(intDiv(toUnixTimestamp(start_time), {{seconds:UInt32}}) * {{seconds:UInt32}}) AS block
        FROM calls FINAL
        WHERE project_id = {{project:String}} AND is_owner AND data_mode = ''
          AND start_time >= toDateTime64({{from:UInt32}}, 9, 'UTC') AND start_time < toDateTime64({{to:UInt32}}, 9, 'UTC')
          AND block IN {{blocks:Array(UInt32)}}
    )
    GROUP BY GROUPING SETS ({sets})
)
"""


def _of_shorter(aggregates: Sequence[Aggregate], listed: Sequence[str]) -> str:
    # A row has '' in the columns that its cut hasn't, so grouping by all columns keeps the cuts apart.
    keys = _keys(aggregates)
    held = "".join(f", {key}" if key in keys else ", ''" for key in listed)
    grouped = "".join(f", {key}" for key in keys)
    where = """project_id = {project:String} AND cut IN {shorter:Array(String)}
          AND bucket >= toDateTime({from:UInt32}, 'UTC') AND bucket < toDateTime({to:UInt32}, 'UTC')"""
    return f"""
SELECT {{project:String}}, {{summed:Array(String)}}[indexOf({{shorter:Array(String)}}, made_of)], toDateTime(block, 'UTC'){held},
       tags, {{revision:UInt64}}, {_LISTED}
FROM (
    SELECT cut AS made_of, block{grouped}, tags, {", ".join(f"{m.of_sums} AS {m.name}" for m in _SUMMED)}
    FROM (
        SELECT *, toUInt32(intDiv(toUnixTimestamp(bucket), {{seconds:UInt32}}) * {{seconds:UInt32}}) AS block
        FROM rollup
        WHERE {where} AND calls > 0 AND {latest(where)}
    )
    WHERE block IN {{blocks:Array(UInt32)}}
    GROUP BY made_of, block{grouped}, tags
)
"""


def latest(where: str) -> str:
    """The condition for rows of `rollup` that hold, of those `where` is about.

    A bucket is written whole, under one revision: what has a lower one is no more, though nobody may have said so of each
    group. Cheaper than FINAL, which would compare rows with their sketches.
    """
    return (
        f"(cut, bucket, revision) IN (SELECT cut, bucket, max(revision) FROM rollup WHERE {where} GROUP BY cut, bucket)"
    )


def _keys(aggregates: Iterable[Aggregate]) -> list[str]:
    columns = {column for a in aggregates for column in a.cut.plain}
    return [key for key in KEYS if key in columns]


class _Tags:
    """The tags that aggregates look at: each is read once, under an alias; its key is a parameter."""

    def __init__(self, aggregates: Sequence[Aggregate]) -> None:
        tags = dict.fromkeys(tag for a in aggregates for tag in a.cut.tags)
        self._number = {tag: number for number, tag in enumerate(tags)}
        self.aliases = [self.alias(tag) for tag in tags]
        self.values = {f"{self.alias(tag)}_key": tag.removeprefix(TAG) for tag in tags}
        self.picked = "".join(f", tags[{{{alias}_key:String}}] AS {alias}" for alias in self.aliases)

    def alias(self, tag: str) -> str:
        return f"tag{self._number[tag]}"

    def columns(self, aggregate: Aggregate) -> list[str]:
        return [*aggregate.cut.plain, *map(self.alias, aggregate.cut.tags)]


def _mask(columns: Iterable[str], grouped: Sequence[str]) -> int:
    # grouping(a, b, c) has the first as its highest bit; a column that is grouped by gives 0.
    return sum(1 << at for at, key in enumerate(reversed(grouped)) if key not in columns)


def census(aggregates: Sequence[Aggregate]) -> Statement:
    """The question how many calls a project's days have and how many rows each aggregate would; whole UTC days."""
    tags = _Tags(aggregates)
    estimates = "".join(
        f", uniqCombined(15)(({', '.join((f'intDiv(toUnixTimestamp(start_time), {a.grain.seconds})', *tags.columns(a), '0'))}))"
        for a in aggregates
    )
    text = f"""
SELECT toUInt32(intDiv(toUnixTimestamp(start_time), {DAY.seconds})) AS day, count(){estimates}
FROM (
    SELECT *{tags.picked}
    FROM calls
    WHERE project_id = {{project:String}} AND is_owner AND data_mode = ''
      AND start_time >= toDateTime64({{from:UInt32}}, 9, 'UTC') AND start_time < toDateTime64({{to:UInt32}}, 9, 'UTC')
)
GROUP BY day
SETTINGS max_threads = 1, optimize_functions_to_subcolumns = 0
"""
    return Statement(text, dict(tags.values))
