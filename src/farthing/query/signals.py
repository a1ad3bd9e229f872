"""Questions about what came beside spans in: the scores of a trace, and metrics as series; their answers out."""

from collections.abc import Sequence
from typing import Any

from farthing.model.score import NO_SPAN, Score
from farthing.normalize.logs import LOG, SIGNAL
from farthing.query.errors import ParameterError
from farthing.query.moments import rfc3339
from farthing.query.question import RANGE, Given, Pairs, take_limit, take_scope
from farthing.query.shapes import Json, attributes
from farthing.store.telemetry import point_rows, score_rows
from farthing.store.telemetry.engine import Engine

IS_LOG = f'position(attributes, \'"{SIGNAL}":"{LOG}"\') > 0'
"""In SQL: whether a row of `spans` was made of a log record."""

MOST_SCORES = 1_000
MOST_OF_CALL = 100
DEFAULT_POINTS = 1_000
MOST_NAMES = 1_000

_DISTRIBUTION = ("count", "sum", "min", "max")


def scores(engine: Engine, project_id: str, trace_id: str) -> list[Json]:
    """The scores of a trace, the earliest first. Raises `StoreError`."""
    return [_shown(score) for score in score_rows.of_trace(engine, project_id, trace_id, MOST_SCORES)]


def scores_of_calls(engine: Engine, project_id: str, calls: Sequence[tuple[bytes, bytes]]) -> list[list[Json]]:
    """The scores of calls, told by trace and span: their own and their traces', the earliest first. Raises `StoreError`."""
    found = score_rows.whole_of_traces(engine, project_id, sorted({trace_id for trace_id, _ in calls}))
    return [
        [_shown(one) for one in found.get(trace_id, ()) if one.span_id in (span_id, NO_SPAN)][:MOST_OF_CALL]
        for trace_id, span_id in calls
    ]


def _shown(score: Score) -> Json:
    return {
        "id": score.id,
        "span_id": None if score.span_id == NO_SPAN else score.span_id.hex(),
        "name": score.name,
        "data_type": score.kind.value,
        "value": score.value,
        "label": score.label or None,
        "text": score.text or None,
        "explanation": score.explanation or None,
        "source": score.source.value,
        "time": rfc3339(score.time_ns),
    }


def metrics(engine: Engine, project_id: str, pairs: Pairs, now_ns: int) -> Json:
    """The answer of `GET /api/v1/metrics`: names, or one metric's series. Raises `ParameterError` and `StoreError`."""
    given = Given(pairs)
    name = given.take("name")
    limit = take_limit(given, DEFAULT_POINTS, 10 * DEFAULT_POINTS)
    scope, _ = take_scope(given, project_id, now_ns)
    given.finish(("name", "limit", *RANGE))
    if scope.filters:
        raise ParameterError("name", "metrics are found by name and time; filters are for calls.")
    window = (scope.start_ns, scope.end_ns)
    if name is None:
        return {"data": _names(engine, project_id, window), "next_cursor": None}
    rows = point_rows.load(engine, project_id, name, window, limit + 1)
    return {"name": name, "data": _series(rows[:limit]), "truncated": len(rows) > limit, "next_cursor": None}


def _names(engine: Engine, project_id: str, window: tuple[int, int]) -> list[Json]:
    return [
        {"name": name, "kind": kind, "unit": unit, "series": series, "points": points, "last_time": rfc3339(last)}
        for name, kind, unit, series, points, last in point_rows.names(engine, project_id, window, MOST_NAMES)
    ]


def _series(rows: list[tuple[Any, ...]]) -> list[Json]:
    """Points by series, the latest first in each."""
    found: dict[bytes, Json] = {}
    for series, kind, unit, temporality, monotonic, scope, version, resource, told, *point in rows:
        if series not in found:
            found[series] = {
                "kind": kind,
                "unit": unit,
                "temporality": temporality or None,
                "monotonic": monotonic,
                "scope": scope or None,
                "scope_version": version or None,
                "resource": attributes(resource),
                "attributes": attributes(told),
                "points": [],
            }
        found[series]["points"].append(_point(point))
    return list(found.values())


def _point(row: list[Any]) -> Json:
    start_ns, time_ns, whole, value, *distribution, shape = row
    point: Json = {
        "start_time": rfc3339(start_ns) if start_ns else None,
        "time": rfc3339(time_ns),
        "value": value if whole is None else whole,
        **dict(zip(_DISTRIBUTION, distribution, strict=True)),
    }
    return point | ({"distribution": attributes(shape)} if shape else {})
