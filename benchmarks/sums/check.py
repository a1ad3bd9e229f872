"""A filled store and the truth about it in; every disagreement between parts, rows, groups, series, totals and the truth out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

import msgspec

from benchmarks.sums.truth import (
    MEASURES,
    MONEY,
    Asked,
    Sums,
    Truth,
    Values,
    groups,
    regrouped,
    stepped,
    together,
    told,
)
from farthing.query import run
from farthing.store.telemetry.engine import Engine, QueryTimeoutError
from farthing.store.telemetry.rollup import Rollup

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe")
STEPS = ("none", "hour", "day", "week", "month")
BY: tuple[tuple[str, ...], ...] = (
    *((), ("model",), ("feature",), ("provider", "status"), ("team", "environment")),
    ("model", "feature", "environment"),
)
FILTERS: tuple[Mapping[str, str], ...] = (
    *({}, {"environment": "production"}, {"status": "!ok"}),
    {"provider": "!openai", "environment": "production"},
)
OTHERS: Values = ("(others)",)
_PARTS = """
SELECT count(),
    countIf(cost IS NOT NULL AND arraySum(arrayMap(a -> ifNull(a, 0), line_amount)) != cost),
    countIf((cost IS NOT NULL) != (cost_status IN ('computed', 'estimated'))),
    countIf(cost IS NOT NULL AND arrayExists(a -> isNull(a), line_amount)),
    countIf(cost IS NOT NULL AND input_cost + output_cost > cost),
    countIf(length(line_bucket) != length(line_amount) OR length(line_bucket) != length(line_quantity))
FROM calls FINAL WHERE project_id = {project:String} AND is_owner
"""


class Found(msgspec.Struct):
    """What was held against what, and what differs."""

    questions: int = 0
    figures: int = 0
    wrong: list[str] = msgspec.field(default_factory=list[str])

    def hold(self, where: str, says: object, should: object) -> None:
        """One figure."""
        self.figures += 1
        if says != should and len(self.wrong) < 50:
            self.wrong.append(f"{where}: {says}, not {should}")


class Store(msgspec.Struct):
    """Where the answers come from, and the range that is asked about, in Unix seconds."""

    engine: Engine
    rollup: Rollup
    project: str
    start_s: int
    end_s: int

    def ask(self, asked: Asked, step: str, zone: str, limit: int = 10_000) -> dict[str, Any]:
        """What the API answers."""
        pairs = [("from", str(self.start_s)), ("to", str(self.end_s)), ("granularity", step), ("tz", zone)]
        pairs += [("by", ",".join(asked.by))] if asked.by else []
        pairs += [(name, value) for name, value in asked.only.items()]
        asked_for = [*pairs, ("limit", str(limit))]
        try:
            return run.spend(self.engine, self.rollup, self.project, asked_for, self.end_s * 10**9)
        except QueryTimeoutError:  # the machine stood still
            return run.spend(self.engine, self.rollup, self.project, asked_for, self.end_s * 10**9)


def rows(store: Store, truth: Truth, found: Found) -> None:
    """Every row is the sum of its lines, and no line is lost on the way."""
    ((calls, *wrong),) = store.engine.query(_PARTS, {"project": store.project}).rows
    found.hold("rows", calls, truth.calls)
    names = ("parts differ from the row", "status differs", "a part has no price", "sides exceed", "ragged lines")
    for name, count in zip(names, wrong, strict=True):
        found.hold(f"rows where {name}", count, 0)
    kept = store.engine.query(
        "SELECT bucket, sum(amount) FROM calls FINAL ARRAY JOIN line_bucket AS bucket, line_amount AS amount "
        "WHERE project_id = {project:String} AND is_owner AND cost IS NOT NULL GROUP BY bucket",
        {"project": store.project},
    ).rows
    found.hold(
        "money of each kind of line", {b: _units(a) for b, a in kept if a}, {b: a for b, a in truth.lines.items() if a}
    )


def questions(
    store: Store, truth: Truth, found: Found, steps: Sequence[str] = STEPS, zones: Sequence[str] = ZONES
) -> Iterator[int]:
    """Every granularity, time zone, grouping and filter; yields how many were asked."""
    for by, only in product(BY, FILTERS):
        asked = Asked(by, only)
        fine = groups(truth, asked, store.start_s, store.end_s)
        for step, zone in product(steps, zones):
            _compare(store, asked, step, zone, fine, found)
            found.questions += 1
            yield found.questions
        if by:
            _others(store, asked, found)


def _compare(
    store: Store, asked: Asked, step: str, zone: str, fine: Mapping[tuple[int, Values], Sums], found: Found
) -> None:
    where = f"by {','.join(asked.by) or 'nothing'}, {dict(asked.only)}, {step}, {zone}"
    answer = store.ask(asked, step, zone)
    named = {_key(asked, group) for group in answer["groups"]}
    # Of too many groups the rest is one, without a name.
    folded = regrouped(fine, lambda key: key if key in named else OTHERS)
    found.hold(f"{where}: total", _figures(answer["total"]), told(together(folded)))
    whole = {key: told(sums) for (_, key), sums in stepped(folded, ()).items()}
    found.hold(f"{where}: groups", _by_key(asked, answer["groups"]), whole)
    edges = [int(datetime.fromisoformat(one["time"]).timestamp()) for one in answer["series"]]
    should: dict[int, dict[Values, dict[str, Any]]] = {}
    for (edge, key), sums in stepped(folded, edges).items():
        should.setdefault(edge, {})[key] = told(sums)
    for edge, one in zip(edges, answer["series"], strict=True):
        found.hold(f"{where}: {one['time']}", _by_key(asked, one["groups"]), should.get(edge, {}))


def _others(store: Store, asked: Asked, found: Found) -> None:
    """Of more groups than are told apart the rest is one: together they are the total again."""
    answer = store.ask(asked, "none", "UTC", limit=2)
    for name in MEASURES:
        values = [group[name] for group in answer["groups"] if group[name] is not None]
        parts = sum((Decimal(value) for value in values), Decimal()) if name in MONEY else sum(values)
        total = answer["total"][name]
        found.hold(
            f"by {asked.by}, the two dearest and the others: {name}",
            parts,
            Decimal(total or 0) if name in MONEY else total or 0,
        )
    found.hold(f"by {asked.by}: groups at most", len(answer["groups"]) <= 3, True)


def _figures(measured: Mapping[str, Any]) -> dict[str, Any]:
    return {name: measured[name] for name in MEASURES}


def _by_key(asked: Asked, listed: Sequence[Mapping[str, Any]]) -> dict[Values, dict[str, Any]]:
    return {_key(asked, group): _figures(group) for group in listed}


def _key(asked: Asked, group: Mapping[str, Any]) -> Values:
    return OTHERS if "others" in group else tuple(group[name] or "" for name in asked.by)


def _units(amount: Any) -> int:
    return int(Decimal(amount).scaleb(24))
