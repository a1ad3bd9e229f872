"""Queries of Langfuse's metrics, JSON, in; rows of dimensions and aggregated measures, and sums by day, out."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from farthing.errors import BadRequestError
from farthing.langfuse.identity import project_of, reading
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, page_of, time_of
from farthing.query import pivots
from farthing.query.parameters import Parameters
from farthing.query.pivots import Asked, Condition, compile_pivot

TIMEOUT_S = 60
MOST_ROWS = 1_000
"""Of an answer."""
_FAR_NS = 4_102_444_800 * 10**9
_TIMES = ("startTime", "timestamp")
_DAY = 10


def router(parts: Parts) -> APIRouter:
    """/metrics, /v2/metrics and /metrics/daily."""
    routes = new_router()
    may_read = [Depends(reading(parts))]

    def metrics(request: Request) -> Response:
        parts.settled()
        return answer({"data": _rows(parts, _asked(request))})

    for prefix in ("", "/v2"):
        routes.add_api_route(f"{prefix}/metrics", metrics, methods=["GET"], dependencies=may_read)

    @routes.get("/metrics/daily", dependencies=may_read)
    def daily(request: Request) -> Response:
        parts.settled()
        days = _days(parts, request)
        page = page_of(request)
        return answer(page.of(days[page.offset : page.offset + page.limit], len(days)))

    return routes


def _rows(parts: Parts, asked: Asked) -> list[Json]:
    p = Parameters()
    text, names = compile_pivot(asked, p)
    found = parts.engine.query(text, p.values, timeout_s=TIMEOUT_S).rows
    return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in found]


def _plain(value: Any) -> Any:
    """Moments and days as text; numbers that are none as null."""
    if isinstance(value, date):
        at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
        return at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return None if isinstance(value, float) and math.isnan(value) else value


def _asked(request: Request) -> Asked:
    said = request.query_params.get("query")
    try:
        told = msgspec.json.decode(said) if said else None
    except msgspec.DecodeError as error:
        msg = "query has to be JSON."
        raise BadRequestError(msg) from error
    if not isinstance(told, dict):
        msg = "query has to be a JSON object."
        raise BadRequestError(msg)
    query = cast("Json", told)
    config = _object(query, "config")
    since, until = (time_of(name, query.get(name)) for name in ("fromTimestamp", "toTimestamp"))
    conditions, (least, most) = _conditions(query)
    return Asked(
        project_of(request),
        str(query.get("view")),
        max(since or 0, least),
        min(until or _FAR_NS, most),
        tuple(str(one.get("field")) for one in _listed(query, "dimensions")),
        tuple((str(one.get("measure")), str(one.get("aggregation"))) for one in _listed(query, "metrics")),
        conditions,
        str(_object(query, "timeDimension").get("granularity") or ""),
        tuple((str(one.get("field")), one.get("direction") == "desc") for one in _listed(query, "orderBy")),
        min(_number(config, "row_limit", 100), MOST_ROWS),
        _number(config, "bins", 10),
    )


def _conditions(query: Json) -> tuple[tuple[Condition, ...], tuple[int, int]]:
    """Those of columns; those of times as a range."""
    found: list[Condition] = []
    least, most = 0, _FAR_NS
    for one in _listed(query, "filters"):
        column, operator, value = str(one.get("column")), str(one.get("operator")), one.get("value")
        if one.get("key"):
            msg = f"filters: keys within {column[:40]} can't be asked for here."
            raise BadRequestError(msg)
        if column in _TIMES:
            at = time_of(f"filters.{column}", value) or 0
            if operator in (">", ">="):
                least = max(least, at + (operator == ">"))
            elif operator in ("<", "<="):
                most = min(most, at + (operator == "<="))
            else:
                msg = f"filters: {column} is compared by >, >=, < or <=."
                raise BadRequestError(msg)
            continue
        values = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
        found.append(Condition(column, operator, tuple(_text(one) for one in values)))
    return tuple(found), (least, most)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(query: Json, name: str) -> list[Json]:
    told = query.get(name)
    if told is None:
        return []
    items = cast("list[Any]", told) if isinstance(told, list) else [None]
    if not all(isinstance(one, dict) for one in items):
        msg = f"{name} has to be a list of objects."
        raise BadRequestError(msg)
    return cast("list[Json]", items)


def _object(query: Json, name: str) -> Json:
    told = query.get(name)
    return cast("Json", told) if isinstance(told, dict) else {}


def _number(config: Json, name: str, default: int) -> int:
    told = config.get(name)
    return told if isinstance(told, int) and not isinstance(told, bool) else default


def _days(parts: Parts, request: Request) -> list[Json]:
    """What each day held, the latest first, as version 2 asks for it."""
    params = request.query_params
    named = (("traceName", "traceName"), ("userId", "userId"), ("environment", "environment"))
    conditions = [Condition(column, "=", (params[name],)) for name, column in named if params.get(name)]
    conditions += [Condition("tags", "all of", (tag,)) for tag in params.getlist("tags")]
    counted = (("count", "count"), ("totalCost", "sum"), ("inputTokens", "sum"), ("outputTokens", "sum"))
    asked = Asked(
        project_of(request),
        "observations",
        time_of("fromTimestamp", params.get("fromTimestamp")) or 0,
        time_of("toTimestamp", params.get("toTimestamp")) or _FAR_NS,
        ("providedModelName",),
        (*counted, ("traces", "uniq")),
        tuple(conditions),
        "day",
        limit=pivots.MOST_ROWS,
    )
    by_model = _by_day(_rows(parts, asked))
    whole = _by_day(_rows(parts, msgspec.structs.replace(asked, by=())))
    return [_day(day, rows[0], by_model.get(day, ())) for day, rows in sorted(whole.items(), reverse=True)]


def _by_day(rows: Sequence[Json]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for row in rows:
        found.setdefault(row["time_dimension"][:_DAY], []).append(row)
    return found


def _day(day: str, whole: Json, by_model: Sequence[Json]) -> Json:
    return {
        "date": day,
        "countTraces": whole["uniq_traces"],
        "countObservations": whole["count_count"],
        "totalCost": whole["sum_totalCost"] or 0,
        "usage": [
            {
                "model": row["providedModelName"],
                "inputUsage": row["sum_inputTokens"] or 0,
                "outputUsage": row["sum_outputTokens"] or 0,
                "totalUsage": (row["sum_inputTokens"] or 0) + (row["sum_outputTokens"] or 0),
                "countTraces": row["uniq_traces"],
                "countObservations": row["count_count"],
                "totalCost": row["sum_totalCost"] or 0,
            }
            for row in by_model
            if row["providedModelName"]
        ],
    }
