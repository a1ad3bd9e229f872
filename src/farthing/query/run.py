"""Questions in, answers out: the one place that API, command line, alerts and exports ask."""

from collections.abc import Sequence
from typing import Any

from farthing.query import moments, question, sql
from farthing.query.plan import apart, plan
from farthing.query.question import Pairs, Question
from farthing.query.shapes import Json, dollars
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES
from farthing.store.telemetry.rollup import Rollup

_NAMES = tuple(measure.name for measure in MEASURES)
_MONEY = ("cost", "input_cost", "output_cost")
_COUNTS = ("input_tokens", "output_tokens", "cached_input_tokens")


def spend(engine: Engine, rollup: Rollup, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend`. Raises `ParameterError` and `StoreError`."""
    return ask(engine, rollup, question.spend(project_id, pairs, now_ns))


def ask(engine: Engine, rollup: Rollup, asked: Question) -> Json:
    """Total, groups and series of a question, all of one moment, so that they add up. Raises `StoreError`."""
    scope = asked.scope
    coverage = rollup.coverage(scope.project_id, scope.start_ns // moments.NS, -(-scope.end_ns // moments.NS))
    whole = plan(asked, coverage)
    known = rollup.singles.known(scope.project_id, scope.start_ns // moments.NS, -(-scope.end_ns // moments.NS))
    quick = apart(whole, known)
    compiled = sql.compile_spend(asked, quick)
    rows = engine.query(compiled.text, compiled.values).rows
    if not rollup.singles.stands(scope.project_id, known, quick.single_half_hours):
        # Somebody wrote there meanwhile: a call may have been counted twice.
        compiled = sql.compile_spend(asked, whole)
        rows = engine.query(compiled.text, compiled.values).rows
    total = _NOTHING
    groups: list[Json] = []
    cells: dict[int, list[Json]] = {}
    steps: dict[int, Json] = {}
    for kind, step, told, *values in rows:
        named, sums, quantiles = _split(asked, values)
        measured = _measures(sums, quantiles)
        if kind == sql.TOTAL:
            total = measured
        elif kind == sql.GROUP:
            groups.append(_named(asked, told, named) | measured)
        elif kind == sql.STEP:
            steps[step] = measured
        else:
            cells.setdefault(step, []).append(_named(asked, told, named) | measured)
    if not asked.by:
        groups = [total] if total["calls"] else []
        steps = {step: only[0] for step, only in cells.items()}
    answer: Json = {
        "from": moments.rfc3339(scope.start_ns),
        "to": moments.rfc3339(scope.end_ns),
        "tz": asked.tz,
        "granularity": asked.granularity if asked.edges else None,
        "by": [dimension.name for dimension in asked.by],
        "total": total,
        "groups": groups,
        "series": [
            {
                "time": moments.rfc3339(edge * moments.NS),
                "total": steps.get(edge, _NOTHING),
                "groups": cells.get(edge, []),
            }
            for edge in asked.edges
        ],
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
    if not calls:
        return _NOTHING
    shortest, longest = int(sums["duration_min"]), int(sums["duration_max"])
    return {
        **{f"{name}_usd": dollars(sums[name]) for name in _MONEY},
        "calls": calls,
        "errors": int(sums["errors"]),
        **{name: sums[name] for name in _COUNTS},
        "unpriced_calls": int(sums["unpriced_calls"]),
        "unknown_usage_calls": int(sums["unknown_usage_calls"]),
        "latency_ms": {
            "avg": (2 * int(sums["duration_sum"]) + calls) // (2 * calls),  # half a millisecond is rounded up
            "min": shortest,
            "max": longest,
            # An estimate must not be beyond what is known exactly.
            "p50": min(max(round(quantiles[0]), shortest), longest),
            "p95": min(max(round(quantiles[1]), shortest), longest),
        },
    }


_NOTHING: Json = {
    **{f"{name}_usd": "0" for name in _MONEY},
    "calls": 0,
    "errors": 0,
    **dict.fromkeys(_COUNTS, 0),
    "unpriced_calls": 0,
    "unknown_usage_calls": 0,
    "latency_ms": dict.fromkeys(("avg", "min", "max", "p50", "p95")),
}
"""Where there was no call, it is known that nothing was spent."""
