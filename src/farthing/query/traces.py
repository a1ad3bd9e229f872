"""Questions for traces in; pages of them, with what each holds and cost, out."""

from collections.abc import Sequence

from farthing.query import cursors, shapes
from farthing.query.moments import rfc3339
from farthing.query.parameters import Parameters
from farthing.query.question import RANGE, Given, Pairs, Scope, take_limit, take_scope
from farthing.query.shapes import Json
from farthing.query.sql import calls_where
from farthing.store.telemetry import score_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import UNKNOWN_USAGE
from farthing.store.telemetry.score_rows import Summed
from farthing.store.telemetry.span_rows import NO_SPAN

DEFAULT_PAGE, MOST_PAGE = 50, 1_000
NEAR_NS = 6 * 3600 * 10**9
"""How far around a call the other spans of its trace are looked for."""

MOST_TAGS = 12
"""Pairs of key and value that are told of one trace."""

MOST_BARS = 24
"""Calls of which is told when they ran, the earliest ones."""

_CURSOR = (cursors.WHOLE, cursors.TRACE_ID)


def traces(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """A page of `GET /api/v1/traces`: traces with matching calls, the one with the latest call first."""
    given = Given(pairs)
    after = cursors.unpack(given.take("cursor"), *_CURSOR)
    limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
    scope = take_scope(given, project_id, now_ns)[0].of_traces
    given.finish(("cursor", "limit", *RANGE))
    p = Parameters()
    where = f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    page = where
    if after is not None:
        at = p.instant(int(after[0]))
        last = f"({at}, {cursors.raw(after[1], 16, p)})"
        page = (
            f"{where} AND start_time <= {at} AND (start_time, trace_id) < {last}"
            f" AND trace_id NOT IN (SELECT trace_id FROM calls FINAL WHERE {where} AND (start_time, trace_id) >= {last})"
        )
    found = engine.query(
        "SELECT trace_id, toUnixTimestamp64Nano(start_time) FROM calls FINAL"
        f" WHERE {page} ORDER BY start_time DESC, trace_id DESC LIMIT 1 BY trace_id LIMIT {limit + 1}",
        p.values,
    ).rows
    return _page(engine, scope, found, limit)


def of_scope(engine: Engine, scope: Scope, after: Sequence[str] | None, limit: int) -> Json:
    """A page of the traces with calls in a scope, the earliest first, each with the sums of those calls alone.

    So the traces of a session add up to the session, also where a trace holds calls of another one. `after` is what
    `cursor` made of the page before. Raises `StoreError`.
    """
    p = Parameters()
    where = f"is_owner AND {calls_where(scope, ((scope.start_ns, scope.end_ns),), p)}"
    having = ""
    if after is not None:
        having = f" HAVING (first, trace_id) > ({p.instant(int(after[0]))}, {cursors.raw(after[1], 16, p)})"
    found = engine.query(
        "SELECT trace_id, toUnixTimestamp64Nano(min(start_time) AS first) FROM calls FINAL"
        f" WHERE {where} GROUP BY trace_id{having} ORDER BY first, trace_id LIMIT {limit + 1}",
        p.values,
    ).rows
    return _page(engine, scope, found, limit, only_scope=True)


def cursor(text: str | None) -> list[str] | None:
    """Where a page of `traces` or `of_scope` begins. Raises `ParameterError`."""
    return cursors.unpack(text, *_CURSOR)


def _page(
    engine: Engine, scope: Scope, found: Sequence[tuple[bytes, int]], limit: int, *, only_scope: bool = False
) -> Json:
    shown = found[:limit]
    more = cursors.pack([str(shown[-1][1]), shown[-1][0].hex()]) if len(found) > limit else None
    if not shown:
        return {"data": [], "next_cursor": None}
    window = (min(at for _, at in shown) - NEAR_NS, max(at for _, at in shown) + NEAR_NS)
    ids = [trace_id for trace_id, _ in shown]
    calls_of = scope if only_scope else Scope(scope.project_id, *window, every_mode=True)
    data = summaries(engine, ids, Scope(scope.project_id, *window, every_mode=True), calls_of)
    return {"data": data, "next_cursor": more}


def summaries(engine: Engine, ids: Sequence[bytes], spans_of: Scope, calls_of: Scope) -> list[Json]:
    """What traces hold: their spans in one scope, their calls in one. Raises `StoreError`."""
    spans = sums_of_spans(engine, ids, spans_of)
    calls = _by_trace(engine, ids, calls_of, "calls", _OF_CALLS)
    scores = score_rows.of_traces(engine, spans_of.project_id, ids)
    return [summary(one, spans.get(one, {}), calls.get(one, {}), scores.get(one, ())) for one in ids]


def sums_of_spans(engine: Engine, ids: Sequence[bytes], scope: Scope) -> dict[bytes, Json]:
    """What traces hold of spans, as `summary` takes it, by their ids. Raises `StoreError`."""
    return _by_trace(engine, ids, scope, "spans", _OF_SPANS)


_OF_SPANS = f"""count() AS spans, min(toUnixTimestamp64Nano(start_time)) AS start_ns,
max(toUnixTimestamp64Nano(start_time) + duration_ns) AS end_ns,
argMin(name, (parent_span_id != unhex('{NO_SPAN.hex()}'), start_time)) AS root, countIf(status = 2) AS errors"""

_OF_CALLS = f"""count() AS calls, sum(cost) AS cost_, sum(input_tokens) AS input_tokens_,
sum(output_tokens) AS output_tokens_, countIf(status = 'error') AS errors,
countIf(cost_status = 'unpriced') AS unpriced_calls,
countIf({UNKNOWN_USAGE}) AS unknown_usage_calls,
any(feature) AS feature_, any(user_id) AS user_id_, any(session_id) AS session_id_, any(environment) AS environment_,
groupUniqArrayArray({MOST_TAGS})(arrayZip(mapKeys(tags), mapValues(tags))) AS tags_,
groupArraySorted({MOST_BARS})((toUnixTimestamp64Nano(start_time), duration_ns, status = 'error')) AS bars,
min(toUnixTimestamp64Nano(start_time)) AS start_ns, max(toUnixTimestamp64Nano(start_time) + duration_ns) AS end_ns"""
"""Names end in _ where a filter may look at the column of that name."""


def _by_trace(engine: Engine, ids: Sequence[bytes], scope: Scope, table: str, picked: str) -> dict[bytes, Json]:
    p = Parameters()
    where = calls_where(scope, ((scope.start_ns, scope.end_ns),), p)
    listed = p.add("Array(String)", [one.hex() for one in ids])
    owners = "" if table == "spans" else "is_owner AND "
    found = engine.query(
        f"SELECT trace_id, {picked} FROM {table} FINAL WHERE {owners}{where}"
        f" AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({listed})), 16)) GROUP BY trace_id",
        p.values,
    )
    return {row["trace_id"]: row for row in shapes.rows(found)}


def summary(trace_id: bytes, spans: Json, calls: Json, scores: Sequence[Summed] = ()) -> Json:
    """A trace as lists show it, from the sums over its spans, over its calls and over its scores."""
    times = spans or calls
    return {
        "trace_id": trace_id.hex(),
        "name": spans.get("root") or None,
        "start_time": rfc3339(times["start_ns"]) if times else None,
        "duration_ms": (times["end_ns"] - times["start_ns"]) // 1_000_000 if times else None,
        "span_count": spans.get("spans", 0),
        "calls": calls.get("calls", 0),
        "errors": max(spans.get("errors", 0), calls.get("errors", 0)),
        "cost_usd": shapes.dollars(calls.get("cost_")),
        "input_tokens": calls.get("input_tokens_"),
        "output_tokens": calls.get("output_tokens_"),
        "unpriced_calls": calls.get("unpriced_calls", 0),
        "unknown_usage_calls": calls.get("unknown_usage_calls", 0),
        **{name: calls.get(f"{name}_") or None for name in ("feature", "user_id", "session_id", "environment")},
        "tags": [{"key": key, "value": value} for key, value in sorted(calls.get("tags_", ()))],
        "score_sums": [
            {"name": one.name, "count": one.count, "average": one.average, "label": one.label or None} for one in scores
        ],
        "bars": [
            {
                "offset_ms": shapes.milliseconds(start_ns - times["start_ns"]),
                "duration_ms": shapes.milliseconds(lasted),
                "failed": bool(failed),
            }
            for start_ns, lasted, failed in calls.get("bars", ())
        ],
    }
