"""The `filter` of Langfuse's lists, JSON, in; what is asked for by it, out: conditions on texts and lists of them, and times. Pure.

What can't be answered exactly is refused with a sentence: a list that leaves a condition out would be a wrong one.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec
from fastapi import Request

from farthing.errors import BadRequestError
from farthing.langfuse.names import span_bytes, trace_bytes
from farthing.langfuse.shapes import Json, time_of
from farthing.query import comparing
from farthing.query.observations import Compared
from farthing.store.telemetry.span_rows import NO_SPAN

OBSERVATIONS: Mapping[str, str] = {
    "id": "spans",
    "traceId": "traces",
    "type": "types",
    "name": "names",
    "level": "levels",
    "parentObservationId": "parents",
    "environment": "environments",
    "version": "versions",
    "userId": "users",
    "sessionId": "sessions",
    "tags": "tags",
    "traceTags": "tags",
    "startTime": "time",
}
TRACES: Mapping[str, str] = {
    "id": "traces",
    "name": "names",
    "userId": "users",
    "sessionId": "sessions",
    "version": "versions",
    "release": "releases",
    "environment": "environments",
    "tags": "tags",
    "timestamp": "time",
}
"""Column → the field of `Wanted` that asks for it."""

_NEXT_NS = 1


def _parent_bytes(text: str) -> bytes:
    return span_bytes(text) if text else NO_SPAN


_OF_IDS = ("=", "any of")
_IDS: Mapping[str, Callable[[str], bytes]] = {"spans": span_bytes, "traces": trace_bytes, "parents": _parent_bytes}


def of_request(request: Request, columns: Mapping[str, str]) -> dict[str, Any]:
    """The fields of `Wanted` that the request's filter tells; they take precedence over parameters. Raises `BadRequestError`."""
    said = request.query_params.get("filter")
    if not said:
        return {}
    try:
        told = msgspec.json.decode(said)
    except msgspec.DecodeError as error:
        msg = "filter has to be a JSON list of conditions."
        raise BadRequestError(msg) from error
    if not isinstance(told, list):
        msg = "filter has to be a JSON list of conditions."
        raise BadRequestError(msg)
    found: dict[str, Any] = {}
    for condition in cast("list[Any]", told):
        _take(found, cast("Json", condition) if isinstance(condition, dict) else {}, columns)
    return found


def _take(found: dict[str, Any], condition: Json, columns: Mapping[str, str]) -> None:
    column, operator, value = str(condition.get("column")), condition.get("operator"), condition.get("value")
    field = columns.get(column)
    if field is None:
        msg = f"filter: the column {column[:60]!r} can't be asked for here; there are {', '.join(columns)}."
        raise BadRequestError(msg)
    if field == "time":
        _take_time(found, operator, time_of(f"filter.{column}", value) or 0)
        return
    values = [one for one in cast("list[Any]", value if isinstance(value, list) else [value]) if isinstance(one, str)]
    known = comparing.LISTS if field == "tags" else _OF_IDS if field in _IDS else comparing.TEXTS
    if operator not in known or not values:
        msg = f"filter: {column} {str(operator)[:20]!r} can't be answered here; use {', '.join(known)}, and texts as values."
        raise BadRequestError(msg)
    if field not in found and (operator in ("all of", "=") or (field != "tags" and operator == "any of")):
        found[field] = tuple(_IDS[field](one) for one in values) if field in _IDS else tuple(values)
    elif field in _IDS:
        msg = f"filter: name {column} once."
        raise BadRequestError(msg)
    else:
        found["compared"] = (*found.get("compared", ()), Compared(field, str(operator), tuple(values)))


def _take_time(found: dict[str, Any], operator: Any, at: int) -> None:
    bounds = {
        ">=": ("from_ns", at),
        ">": ("from_ns", at + _NEXT_NS),
        "<": ("to_ns", at),
        "<=": ("to_ns", at + _NEXT_NS),
    }
    if operator not in bounds:
        msg = "filter: a time is compared by >, >=, < or <=."
        raise BadRequestError(msg)
    field, bound = bounds[operator]
    was = found.get(field)
    if was is not None:
        bound = max(was, bound) if field == "from_ns" else min(was, bound)
    found[field] = bound
