"""Two ranges of time and filters in; what the difference in cost is made of, and which values of which dimensions moved most, out."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.usage import unit_of
from farthing.query import dimensions, moments
from farthing.query.dimensions import Dimension
from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.query.plan import plan
from farthing.query.question import RANGE, Given, Pairs, Question, Scope, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.split import Group, Model, Part, Period, Tier, split
from farthing.query.sql import SETTINGS, calls_where, cells_of
from farthing.shapes import Shape
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES
from farthing.store.telemetry.rollup import Rollup

_read_terms = Shape(list[Any]).of_json

DEFAULT_VALUES, MOST_VALUES = 10, 100
MOST_DIMENSIONS = 12
MOST_MODELS, MOST_RATES = 50, 20
_BY = ("model", "provider", "feature", "tenant", "team", "user", "environment", "prompt_version")

_MEASURED = tuple(m for m in MEASURES if m.name in ("calls", "cost", "unpriced_calls", "unknown_usage_calls"))
_LINES, _TOTAL = -2, -1
_SEEN_UNITS = 10**12
"""A rate is the same unless it makes at least this difference (10^-12 dollars): averages of what was cut off differ in between."""

ABOUT = {
    Part.VOLUME: "More or fewer calls, each at what a call cost on average before.",
    Part.MODEL_MIX: "Calls that went to other models. All that a model cost that was not used before is here.",
    Part.TIER: "Calls of the same model that were served at another tier or place.",
    Part.TOKENS_PER_CALL: "Longer or shorter prompts and answers of the same model and tier, at the average rate before.",
    Part.OTHER_USAGE: "More or less per call of what isn't counted in tokens: searches, images, seconds, fees.",
    Part.CACHE_SHARE: "Another share of the prompt read from a cache or written to one.",
    Part.CONTEXT: "Another share of long prompts, where a model charges more for them.",
    Part.PRICE: "The same usage at other rates.",
}


class _Asked(msgspec.Struct, frozen=True):
    before: Scope
    after: Scope
    by: tuple[Dimension, ...]
    values: int


class _Moved(msgspec.Struct, frozen=True):
    """A value of a dimension in both periods: calls, calls without a cost, and cost."""

    value: str
    calls: tuple[int, int]
    uncovered: tuple[int, int]
    costs: tuple[int | None, int | None]

    @property
    def delta(self) -> int:
        return (self.costs[1] or 0) - (self.costs[0] or 0)


_NOTHING = _Moved("", (0, 0), (0, 0), (None, None))


def why(engine: Engine, rollup: Rollup, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend/why`. Raises `ParameterError` and `StoreError`."""
    asked = _asked(project_id, pairs, now_ns)
    text, values = _compile(asked, rollup)
    periods: list[dict[Model, dict[Tier, Group]]] = [{}, {}]
    moved: dict[int, list[_Moved]] = {}
    for kind, period, *row in engine.query(text, values).rows:
        if kind == _LINES:
            _add(periods[int(period)], row)
        else:
            moved.setdefault(kind, []).append(_moved(row))
    total = moved.get(_TOTAL, [_NOTHING])[0]
    return {
        "from": moments.rfc3339(asked.after.start_ns),
        "to": moments.rfc3339(asked.after.end_ns),
        "cmp_from": moments.rfc3339(asked.before.start_ns),
        "cmp_to": moments.rfc3339(asked.before.end_ns),
        "before": _period(periods[0], total, 0),
        "after": _period(periods[1], total, 1),
        **_explained(periods, total, [(d, moved.get(at, [])) for at, d in enumerate(asked.by)]),
    }


def _explained(periods: Sequence[Period], total: _Moved, by: Iterable[tuple[Dimension, list[_Moved]]]) -> Json:
    costs = [sum(group.cost for tiers in period.values() for group in tiers.values()) for period in periods]
    if any(total.calls[at] and not periods[at] for at in (0, 1)):
        # A period of which nothing is known can't be compared with: its cost is not zero.
        which = "before" if total.calls[0] and not periods[0] else "after"
        unknown = f"No call of the period {which} has a known cost, so what the difference is can't be told."
        return {"difference_usd": None, "unknown": unknown, "parts": [], "models": [], "prices": [], "dimensions": []}
    parts = split(periods[0], periods[1])
    ranked = sorted(((d, _ranked(d, found, costs, total)) for d, found in by), key=lambda one: -one[1][0])
    return {
        "difference_usd": money.to_text(costs[1] - costs[0]),
        "unknown": None,
        "parts": [
            {"part": part.value, "usd": money.to_text(sum(of[part] for of in parts.values())), "about": ABOUT[part]}
            for part in Part
        ],
        "models": _models(periods, parts),
        "prices": _prices(periods),
        "dimensions": [shown for _, (_, shown) in ranked],
    }


def _asked(project_id: str, pairs: Pairs, now_ns: int) -> _Asked:
    given = Given(pairs)
    texts = [part.strip() for text in given.take_all("by") for part in text.split(",") if part.strip()]
    by = tuple(d for name in dict.fromkeys(texts or _BY) for d in dimensions.parse([name]))
    if len(by) > MOST_DIMENSIONS:
        raise ParameterError("by", f"at most {MOST_DIMENSIONS} dimensions at once, not {len(by)}.")
    values = take_limit(given, DEFAULT_VALUES, MOST_VALUES)
    cmp_from, cmp_to = given.take("cmp_from"), given.take("cmp_to")
    after, tz_name = take_scope(given, project_id, now_ns)
    given.finish(("by", "limit", "cmp_from", "cmp_to", *RANGE))
    tz = moments.zone(tz_name)
    length = after.end_ns - after.start_ns
    end = moments.parse("cmp_to", cmp_to, now_ns, tz) if cmp_to else None
    start = moments.parse("cmp_from", cmp_from, now_ns, tz) if cmp_from else None
    if end is None:
        end = after.start_ns if start is None else start + length
    if start is None:
        start = max(0, end - length)
    if start >= end:
        raise ParameterError("cmp_from", f"{moments.rfc3339(start)} is not before cmp_to, {moments.rfc3339(end)}.")
    return _Asked(msgspec.structs.replace(after, start_ns=start, end_ns=end), after, by, values)


def _compile(asked: _Asked, rollup: Rollup) -> tuple[str, dict[str, Any]]:
    """One query for everything, so that it is of one moment and adds up."""
    p = Parameters()
    scopes = (asked.before, asked.after)
    parts = [_lines_sql(scope, period, p) for period, scope in enumerate(scopes)]
    questions: list[tuple[int, tuple[Dimension, ...]]] = [(_TOTAL, ()), *((at, (d,)) for at, d in enumerate(asked.by))]
    for kind, by in questions:
        inner: list[str] = []
        for period, scope in enumerate(scopes):
            asks = Question(scope, by)
            held = rollup.coverage(scope.project_id, scope.start_ns // moments.NS, -(-scope.end_ns // moments.NS))
            key = "k0" if by else "''"
            names = ", ".join(m.name for m in _MEASURED)
            source = cells_of(asks, plan(asks, held), ["k0"] if by else [], p, _MEASURED)
            inner.append(f"SELECT {key} AS value, {period} AS period, {names} FROM ({source})")
        parts.append(_moved_sql(kind, " UNION ALL ".join(inner), asked.values if by else 1))
    return f"{' UNION ALL '.join(parts)} {SETTINGS}", p.values


def _lines_sql(scope: Scope, period: int, p: Parameters) -> str:
    where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
    return (
        f"SELECT toInt32({_LINES}) AS kind, toInt32({period}) AS period, toString(provider) AS a, toString(model) AS b,"
        " toString(served_tier) AS c, toString(region) AS d, CAST(line_bucket, 'Array(String)') AS buckets,"
        " toString(line_terms) AS terms, toUInt64(count()) AS calls, sumForEach(line_quantity) AS quantities,"
        " sumForEach(line_amount) AS amounts"
        f" FROM calls FINAL WHERE is_owner AND cost IS NOT NULL AND {where}"
        " GROUP BY provider, model, served_tier, region, line_bucket, line_terms"
    )


def _moved_sql(kind: int, source: str, most: int) -> str:
    counts = ", ".join(
        f"toUInt64(sumIf({what}, period = {at}))"
        for what in ("calls", "unpriced_calls + unknown_usage_calls")
        for at in (0, 1)
    )
    costs = ", ".join(f"sumIf(cost, period = {at})" for at in (0, 1))
    return (
        f"SELECT toInt32({kind}), toInt32(0), value, '', '', '', CAST([], 'Array(String)'), '', toUInt64(count() OVER ()),"
        f" [{counts}], [{costs}] FROM ({source}) GROUP BY value"
        " ORDER BY abs(ifNull(sumIf(cost, period = 1), 0) - ifNull(sumIf(cost, period = 0), 0)) DESC, value"
        f" LIMIT {most}"
    )


def _add(period: dict[Model, dict[Tier, Group]], row: Sequence[Any]) -> None:
    """Put calls with the same kind of lines to those of their model and tier."""
    provider, model, tier, region, buckets, terms, calls, quantities, amounts = row
    tiers = period.setdefault((provider, model), {})
    held = tiers.get((tier, region)) or Group(0, {})
    lines = dict(held.lines)
    told = _read_terms(terms) if terms else []
    for bucket, term, quantity, amount in zip(buckets, told, quantities, amounts, strict=True):
        had = lines.get((bucket, term[3]), (0, 0))
        lines[bucket, term[3]] = (had[0] + int(quantity), had[1] + money.to_units(amount or 0))
    tiers[tier, region] = Group(held.calls + int(calls), lines)


def _moved(row: Sequence[Any]) -> _Moved:
    value, *_, counts, costs = row
    before, after = (None if cost is None else money.to_units(cost) for cost in costs)
    calls_before, calls_after, less_before, less_after = (int(count) for count in counts)
    return _Moved(value, (calls_before, calls_after), (less_before, less_after), (before, after))


def _period(period: Period, total: _Moved, at: int) -> Json:
    cost = sum(group.cost for tiers in period.values() for group in tiers.values())
    calls, uncovered = total.calls[at], total.uncovered[at]
    return {
        "cost_usd": money.to_text(cost) if period or not calls else None,
        "calls": calls,
        "uncovered_calls": uncovered,
    }


def _ranked(by: Dimension, found: list[_Moved], costs: Sequence[int], total: _Moved) -> tuple[int, Json]:
    """The values that moved most, and how much the first one did; where there is one value only, it tells nothing."""
    rest = [costs[at] - sum(one.costs[at] or 0 for one in found) for at in (0, 1)]
    calls = [total.calls[at] - sum(one.calls[at] for one in found) for at in (0, 1)]
    others = any(rest) or any(calls)
    values = [
        {
            "value": one.value or None,
            "before_usd": _told(one, 0),
            "after_usd": _told(one, 1),
            "difference_usd": money.to_text(one.delta),
            "calls_before": one.calls[0],
            "calls_after": one.calls[1],
            "uncovered_calls": sum(one.uncovered),
        }
        for one in found
    ]
    shown: Json = {
        "by": by.name,
        "values": values,
        "others": {
            "before_usd": money.to_text(rest[0]),
            "after_usd": money.to_text(rest[1]),
            "difference_usd": money.to_text(rest[1] - rest[0]),
            "calls_before": calls[0],
            "calls_after": calls[1],
        }
        if others
        else None,
    }
    return (abs(found[0].delta) if len(found) > 1 else -1), shown


def _told(one: _Moved, at: int) -> str | None:
    cost = one.costs[at]
    if cost is None:
        return None if one.calls[at] else "0"
    return money.to_text(cost)


def _models(periods: Sequence[Period], parts: Mapping[Model, Mapping[Part, int]]) -> list[Json]:
    costs = [{m: sum(g.cost for g in tiers.values()) for m, tiers in period.items()} for period in periods]
    ranked = sorted(parts, key=lambda model: (-sum(abs(units) for units in parts[model].values()), model))
    rows = [(model, [of.get(model, 0) for of in costs], parts[model]) for model in ranked[:MOST_MODELS]]
    rest = ranked[MOST_MODELS:]
    shown = [{"provider": model[0] or None, "model": model[1] or None} | _row(c, of) for model, c, of in rows]
    if rest:
        left = {part: sum(parts[model][part] for model in rest) for part in Part}
        sums = [sum(of.get(model, 0) for model in rest) for of in costs]
        shown.append({"provider": None, "model": None, "others": True} | _row(sums, left))
    return shown


def _row(costs: Sequence[int], parts: Mapping[Part, int]) -> Json:
    return {
        "before_usd": money.to_text(costs[0]),
        "after_usd": money.to_text(costs[1]),
        "difference_usd": money.to_text(costs[1] - costs[0]),
        "parts": {part.value: money.to_text(parts[part]) for part in Part},
    }


def _prices(periods: Sequence[Period]) -> list[Json]:
    """The rates that changed, the one with the greatest effect first; an average where one was paid at several."""
    found: list[tuple[int, Json]] = []
    for model, tiers in periods[1].items():
        for tier, group in tiers.items():
            old = periods[0].get(model, {}).get(tier)
            for line, (quantity, amount) in group.lines.items():
                had = old.lines.get(line) if old else None
                if not had or not had[0] or not quantity:
                    continue
                effect = round(amount - Fraction(had[1], had[0]) * quantity)
                if abs(effect) >= _SEEN_UNITS:
                    rates = (Fraction(had[1], had[0]), Fraction(amount, quantity))
                    found.append((effect, _changed(model, tier, line, rates, effect)))
    return [shown for _, shown in sorted(found, key=lambda one: -abs(one[0]))[:MOST_RATES]]


def _changed(model: Model, tier: Tier, line: tuple[str, str], rates: tuple[Fraction, Fraction], effect: int) -> Json:
    unit = unit_of(line[0])
    per = 1_000_000 if unit == "token" else 1
    return {
        "provider": model[0] or None,
        "model": model[1] or None,
        "service_tier": tier[0] or None,
        "region": tier[1] or None,
        "bucket": line[0],
        "tier": line[1] or None,
        "unit": unit,
        "per": per,
        "before_rate_usd": money.to_text(round(rates[0] * per)),
        "after_rate_usd": money.to_text(round(rates[1] * per)),
        "usd": money.to_text(effect),
    }
