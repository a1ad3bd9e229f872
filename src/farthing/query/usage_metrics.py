"""All recorded calls in; cost, tokens and durations per project, provider, model and feature as counters for Prometheus out.

The sums are those of every other answer, written as exact decimals. A counter never goes back: where calls are corrected
downwards, it stands still until the sum has caught up. The first so many series have names of their own and keep them;
all others are one, called other, so that no series ever moves from one to the other.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from farthing.model import money
from farthing.query import dimensions, sql
from farthing.query.moments import NONE, NS
from farthing.query.plan import plan
from farthing.query.question import MOST_GROUPS, Question, Scope
from farthing.shapes import Shape
from farthing.store.meta import facts, projects
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES
from farthing.store.telemetry.rollup import Rollup

FRESH_NS = 5 * NS
"""Whoever asks again within this time gets the same answer: anybody may ask, and it reads everything."""

_FACT = "metrics.usage"
_AHEAD_NS = 2 * 86_400 * NS
OTHER = "other"

LONGEST_LABEL = 200
"""Whatever has a longer name than this is one of the others."""

Labels = tuple[str, str, str, str]
"""Project, provider, model, feature."""

_BY = ("provider", "model", "feature")
_COLUMNS = tuple(measure.name for measure in MEASURES)

_FAMILIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("gen_ai_usage_cost_usd", "counter", "What calls with a known price cost, in US dollars", "", "cost"),
    ("gen_ai_usage_tokens", "counter", "Tokens of calls that told them", 'type="input"', "input_tokens"),
    ("gen_ai_usage_tokens", "counter", "", 'type="output"', "output_tokens"),
    ("gen_ai_usage_tokens", "counter", "", 'type="cached_input"', "cached_input_tokens"),
    ("gen_ai_usage_unpriced_calls", "counter", "Calls that are in no cost: no price is known", "", "unpriced_calls"),
    ("gen_ai_usage_unknown_calls", "counter", "Calls that are in no cost: usage not told", "", "unknown_usage_calls"),
    ("gen_ai_usage_errors", "counter", "Calls that failed", "", "errors"),
    ("gen_ai_usage_duration_seconds", "summary", "How long calls took", "_sum", "duration_sum"),
    ("gen_ai_usage_duration_seconds", "summary", "", "_count", "calls"),
)
"""Name, type, help, what tells it from its siblings, and the measure."""


class Kept(msgspec.Struct):
    """What must not be forgotten between two answers: which series have names, and what was told of each."""

    names: list[Labels] = []
    told: dict[str, list[str]] = {}
    """Labels as JSON → exact values in the order of the families; "" for never told."""


_read_kept = Shape(Kept).of_json


class UsageMetrics:
    """Every method may be called from any thread."""

    def __init__(
        self, engine: Engine, rollup: Rollup, database: Database, most_series: int, clock: Callable[[], int]
    ) -> None:
        """At most so many series have names; 0 turns all of this off. `clock` answers Unix nanoseconds."""
        self._engine = engine
        self._rollup = rollup
        self._database = database
        self._most = most_series
        self._clock = clock
        self._asking = threading.Lock()
        self._made_at = -FRESH_NS
        self._text = ""

    def text(self) -> str:
        """In Prometheus' text format. Raises `StoreError`."""
        if not self._most:
            return ""
        with self._asking:
            now = self._clock()
            if not 0 <= now - self._made_at < FRESH_NS:
                self._text, self._made_at = self._made(now), now
            return self._text

    def _made(self, now_ns: int) -> str:
        with self._database.read() as session:
            names = [project.id for project in projects.listing(session)]
        found = {name: _sums(self._engine, self._rollup, name, now_ns + _AHEAD_NS) for name in names}
        # Several servers share what was told: none of them may go back behind another.
        with self._database.exclusive() as session:
            written = facts.get(session, _FACT)
            kept = _read_kept(written) if written else Kept()
            series = dict(_named(found, kept, self._most))
            for labels, values in _keyed(series):
                key = msgspec.json.encode(labels).decode()
                before = kept.told.get(key, [""] * len(values))
                kept.told[key] = [_ahead(*pair) for pair in zip(values, before, strict=True)]
            after = msgspec.json.encode(kept).decode()
            if after != written:
                facts.put(session, _FACT, after)
        return "".join(_lines(kept.told))


Sums = dict[str, Decimal | None]


def _sums(engine: Engine, rollup: Rollup, project_id: str, end_ns: int) -> tuple[Sums, dict[Labels, Sums]]:
    """All calls of a project together, and by what they are told apart by."""
    scope = Scope(project_id, 0, end_ns)
    asked = Question(scope, dimensions.parse(list(_BY)), NONE, limit=MOST_GROUPS)
    compiled = sql.compile_spend(asked, plan(asked, rollup.coverage(project_id, 0, -(-end_ns // NS))))
    total: Sums = dict.fromkeys(_COLUMNS)
    groups: dict[Labels, Sums] = {}
    for kind, _, told, *values in engine.query(compiled.text, compiled.values).rows:
        sums = _read(values[len(_BY) : -1])
        if kind == sql.TOTAL:
            total = sums
        elif told:
            provider, model, feature = values[: len(_BY)]
            groups[project_id, provider, model, feature] = sums
    return total, groups


def _read(values: Sequence[Any]) -> Sums:
    sums: Sums = {name: None if v is None else Decimal(v) for name, v in zip(_COLUMNS, values, strict=True)}
    if (milliseconds := sums["duration_sum"]) is not None:
        sums["duration_sum"] = milliseconds.scaleb(-3)
    return sums


def _named(found: dict[str, tuple[Sums, dict[Labels, Sums]]], kept: Kept, most: int) -> Iterator[tuple[Labels, Sums]]:
    """The series that have names, new ones while there is room, the dearest first; then each project's rest."""
    groups = {labels: sums for _, of_project in found.values() for labels, sums in of_project.items()}
    known = set(kept.names)
    new = [labels for labels in groups if labels not in known and max(map(len, labels)) <= LONGEST_LABEL]
    for labels in sorted(new, key=lambda name: (-(groups[name]["cost"] or 0), name)):
        if len(kept.names) >= most:
            break
        kept.names.append(labels)
        known.add(labels)
    for project_id, (total, of_project) in found.items():
        rest = dict(total)
        for labels, sums in of_project.items():
            if labels in known:
                yield labels, sums
                rest = {name: _less(rest[name], sums[name]) for name in rest}
        if rest["calls"]:
            yield (project_id, OTHER, OTHER, OTHER), rest


def _less(whole: Decimal | None, part: Decimal | None) -> Decimal | None:
    if whole is None or part is None:
        return whole
    return money.to_decimal(money.to_units(whole) - money.to_units(part))


def _keyed(series: dict[Labels, Sums]) -> Iterator[tuple[Labels, list[str]]]:
    for labels, sums in series.items():
        values = [sums[measure] for *_, measure in _FAMILIES]
        yield labels, ["" if value is None else money.decimal_text(value) for value in values]


def _ahead(value: str, before: str) -> str:
    """The greater of two values, where "" is none."""
    if not value or not before:
        return value or before
    return max(value, before, key=Decimal)


def _lines(told: dict[str, list[str]]) -> Iterator[str]:
    last = ""
    for at, (name, kind, about, sibling, _) in enumerate(_FAMILIES):
        if name != last:
            yield f"# HELP {name} {about}\n# TYPE {name} {kind}\n"
            last = name
        suffix, more = (sibling, "") if sibling.startswith("_") else ("", f",{sibling}" if sibling else "")
        for key, values in told.items():
            if values[at]:
                yield f"{name}{suffix}{{{_written(key)}{more}}} {values[at]}\n"


def _written(key: str) -> str:
    labels = zip(("project", *_BY), msgspec.json.decode(key), strict=True)
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
