"""Questions in, answers out: the one place that API, command line, alerts and exports ask."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from farthing.query import moments, question, sql
from farthing.query.plan import plan
from farthing.query.question import Pairs, Question
from farthing.query.shapes import Json, dollars
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES
from farthing.store.telemetry.rollup import Rollup

_NAMES = tuple(measure.name for measure in MEASURES)
_MONEY = ("cost", "input_cost", "output_cost")
_EMPTY: dict[str, Any] = {
    "calls": 0,
    "errors": 0,
    "unpriced_calls": 0,
    "unknown_usage_calls": 0,
    **dict.fromkeys(("cost", "input_cost", "output_cost"), Decimal(0)),
    **dict.fromkeys(("input_tokens", "output_tokens", "cached_input_tokens"), 0),
}


def spend(engine: Engine, rollup: Rollup, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend`. Raises `ParameterError` and `StoreError`."""
    return ask(engine, rollup, question.spend(project_id, pairs, now_ns))


def ask(engine: Engine, rollup: Rollup, asked: Question) -> Json:
    """Total, groups and series of a question, all of one moment, so that they add up. Raises `StoreError`."""
    scope = asked.scope
    coverage = rollup.coverage(scope.project_id, scope.start_ns // moments.NS, -(-scope.end_ns // moments.NS))
    compiled = sql.compile_spend(asked, plan(asked, coverage))
    rows = engine.query(compiled.text, compiled.values).rows
    total = _measures(_EMPTY, ())
    groups: list[Json] = []
    cells: dict[int, list[Json]] = {}
    for kind, step, told, *values in rows:
        named, sums, quantiles = _split(asked, values)
        measured = _measures(sums, quantiles)
        if kind == sql.TOTAL:
            total = measured
        elif kind == sql.GROUP:
            groups.append(_named(asked, told, named) | measured)
        else:
            cells.setdefault(step, []).append(_named(asked, told, named) | measured)
    answer: Json = {
        "from": moments.rfc3339(scope.start_ns),
        "to": moments.rfc3339(scope.end_ns),
        "tz": asked.tz,
        "granularity": asked.granularity if asked.edges else None,
        "by": [dimension.name for dimension in asked.by],
        "total": total,
        "groups": groups,
        "series": [{"time": moments.rfc3339(edge * moments.NS), "groups": cells.get(edge, [])} for edge in asked.edges],
    }
    return answer


def _split(asked: Question, values: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any], Sequence[float]]:
    width = len(asked.by)
    return values[:width], dict(zip(_NAMES, values[width:-1], strict=True)), values[-1]


def _named(asked: Question, told: bool, names: Sequence[str]) -> Json:
    if not asked.by:
        return {}
    found: Json = {d.name: name or None for d, name in zip(asked.by, names, strict=True)}
    return found if told else {d.name: None for d in asked.by} | {"others": True}


def _measures(sums: dict[str, Any], quantiles: Sequence[float]) -> Json:
    calls = int(sums["calls"])
    latency: Json = dict.fromkeys(("avg", "min", "max", "p50", "p95"))
    if calls:
        latency = {
            "avg": int(sums["duration_sum"]) // calls,
            "min": int(sums["duration_min"]),
            "max": int(sums["duration_max"]),
            "p50": round(quantiles[0]),
            "p95": round(quantiles[1]),
        }
    money: dict[str, Decimal | None] = {name: sums[name] for name in _MONEY}
    return {
        **{f"{name}_usd": dollars(value) for name, value in money.items()},
        "calls": calls,
        "errors": int(sums["errors"]),
        "input_tokens": sums["input_tokens"],
        "output_tokens": sums["output_tokens"],
        "cached_input_tokens": sums["cached_input_tokens"],
        "unpriced_calls": int(sums["unpriced_calls"]),
        "unknown_usage_calls": int(sums["unknown_usage_calls"]),
        "latency_ms": latency,
    }
