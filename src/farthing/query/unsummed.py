"""A range and filters in; what reading from caches cost and how long first tokens took, which no aggregate holds, out."""

from collections.abc import Iterable
from decimal import Decimal

from farthing.model import money
from farthing.query import moments
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Scope, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import SETTINGS, calls_where
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import ACCURACY

_READ = "arraySum((b, a) -> if(endsWith(b, 'cache_read'), ifNull(a, 0), 0), line_bucket, line_amount)"
_MS = "intDiv(assumeNotNull(ttft_ns), 1000000)"

_Row = tuple[int, int, Decimal | None]
"""Calls that read from a cache, those of them whose input has no known cost, and what reading cost in the others."""


def cached(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend/cached`. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    wanted = given.take("granularity") or moments.AUTO
    scope, tz = take_scope(given, project_id, now_ns)
    given.finish(("granularity", *RANGE))
    step = moments.granularity(wanted, scope.start_ns, scope.end_ns)
    edges = [] if step == moments.NONE else moments.edges(step, scope.start_ns, scope.end_ns, moments.zone(tz))
    p = Parameters()
    at = f"roundDown(toUnixTimestamp(start_time), {p.add('Array(UInt32)', edges)})" if edges else "0"
    rows = engine.query(
        f"SELECT {at} AS step, toUInt64(count()), toUInt64(countIf(input_cost IS NULL)), sumIf({_READ}, input_cost IS NOT NULL)"
        f" FROM calls FINAL WHERE {_owned(scope, p)} AND cached_input_tokens > 0 GROUP BY step {SETTINGS}",
        p.values,
    ).rows
    found: dict[int, _Row] = {int(row[0]): (int(row[1]), int(row[2]), row[3]) for row in rows}
    return {
        "from": moments.rfc3339(scope.start_ns),
        "to": moments.rfc3339(scope.end_ns),
        "tz": tz,
        "granularity": step if edges else None,
        "total": _reading(found.values()),
        "series": [
            {"time": moments.rfc3339(edge * moments.NS)} | _reading([found[edge]] if edge in found else [])
            for edge in edges
        ],
    }


def _reading(rows: Iterable[_Row]) -> Json:
    all_rows = list(rows)
    calls, uncovered = sum(row[0] for row in all_rows), sum(row[1] for row in all_rows)
    units = sum(money.to_units(row[2] or 0) for row in all_rows)
    # Where nothing was read it is known that nothing was paid for it.
    is_known = uncovered < calls or not calls
    return {
        "calls": calls,
        "uncovered_calls": uncovered,
        "cached_cost_usd": money.to_text(units) if is_known else None,
    }


def first_token(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/spend/first-token`. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(RANGE)
    p = Parameters()
    calls, sums, least, most, quantiles = engine.query(
        f"SELECT toUInt64(count()), sum({_MS}), min({_MS}), max({_MS}), quantilesDD({ACCURACY}, 0.5, 0.95)({_MS})"
        f" FROM calls FINAL WHERE {_owned(scope, p)} AND ttft_ns IS NOT NULL {SETTINGS}",
        p.values,
    ).rows[0]
    took: Json = dict.fromkeys(("avg", "min", "max", "p50", "p95"))
    if calls:
        # An estimate must not be beyond what is known exactly; half a millisecond is rounded up.
        middle, late = (min(max(round(one), least), most) for one in quantiles)
        took = {"avg": (2 * sums + calls) // (2 * calls), "min": least, "max": most, "p50": middle, "p95": late}
    return {
        "from": moments.rfc3339(scope.start_ns),
        "to": moments.rfc3339(scope.end_ns),
        "calls": calls,
        "ttft_ms": took,
    }


def _owned(scope: Scope, p: Parameters) -> str:
    return f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
