"""Requests for observations in; lists of them by page and by cursor, and one alone, in the shapes of every version, out."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from farthing.errors import BadRequestError, NotFoundError
from farthing.langfuse import observation_filters
from farthing.langfuse.identity import project_of, reading
from farthing.langfuse.names import span_bytes, trace_bytes
from farthing.langfuse.observation_shapes import GROUPS, GROUPS_BY_DEFAULT, Fields, grouped, view
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import (
    MOST_OF_CURSOR,
    answer,
    cursor_of,
    cursor_page,
    new_router,
    number_of,
    page_of,
    time_of,
)
from farthing.query import observations, observed, of_traces
from farthing.query.observations import After, Wanted
from farthing.query.observed import Observed
from farthing.store.telemetry.span_rows import NO_SPAN

_LAST_NS = 253_402_300_799 * 10**9


def router(parts: Parts) -> APIRouter:
    """/observations, /observations/{id} and /v2/observations."""
    routes = new_router()
    may_read = [Depends(reading(parts))]

    @routes.get("/observations", dependencies=may_read)
    def listing(request: Request) -> Response:
        page, wanted = page_of(request), _wanted(request)
        parts.settled()
        places, total = observations.page(parts.engine, wanted, page.limit, page.offset)
        found = observed.of_places(parts.engine, wanted.project_id, places)
        above = _above(parts, wanted.project_id, found)
        return answer(page.of([view(one, above) for one in found], total))

    @routes.get("/observations/{observation_id:path}", dependencies=may_read)
    def one(request: Request, observation_id: str) -> Response:
        project_id, span_id = project_of(request), span_bytes(observation_id)
        parts.settled()
        trace_id = observations.trace_of(parts.engine, project_id, span_id)
        found = observed.of_places(parts.engine, project_id, [(trace_id, span_id)]) if trace_id else []
        if not found:
            msg = f"There is no observation {observation_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return answer(view(found[0], _above(parts, project_id, found)))

    @routes.get("/v2/observations", dependencies=may_read)
    def second(request: Request) -> Response:
        wanted, fields = _wanted(request), _fields(request)
        limit = number_of(request, "limit", 50, 1, MOST_OF_CURSOR)
        parts.settled()
        places = observations.following(parts.engine, wanted, limit + 1, _after(request))
        found = observed.of_places(parts.engine, wanted.project_id, [place for place, _ in places[:limit]])
        above = _above(parts, wanted.project_id, found)
        about = of_traces.about(parts.engine, wanted.project_id, {one.trace_id for one in found})
        shown = [grouped(one, above, about.get(one.trace_id), fields, wanted.project_id) for one in found]
        return answer(cursor_page(shown, limit, places[limit - 1][1] if len(places) > limit else None))

    return routes


def _above(parts: Parts, project_id: str, found: Sequence[Observed]) -> dict[bytes, Observed]:
    """The spans right above these, whose own names for themselves are wanted."""
    held = {one.span_id: one for one in found}
    wanted = [
        (one.trace_id, bytes.fromhex(one.said.parent))
        for one in found
        if one.said.parent and bytes.fromhex(one.said.parent) not in held
    ]
    more = observed.of_places(parts.engine, project_id, wanted) if wanted else []
    return held | {one.span_id: one for one in more}


def _wanted(request: Request) -> Wanted:
    params = request.query_params
    parents = tuple(span_bytes(one) if one else NO_SPAN for one in params.getlist("parentObservationId"))
    root = params.get("isRootObservation")
    wanted = Wanted(
        project_of(request),
        traces=tuple(trace_bytes(one) for one in params.getlist("traceId") if one),
        names=tuple(params.getlist("name")),
        types=tuple(one.upper() for one in params.getlist("type")),
        levels=tuple(params.getlist("level")),
        parents=parents,
        is_root=None if root is None else root.lower() == "true",
        environments=tuple(params.getlist("environment")),
        versions=tuple(params.getlist("version")),
        users=tuple(params.getlist("userId")),
        sessions=tuple(params.getlist("sessionId")),
        from_ns=time_of("fromStartTime", params.get("fromStartTime")),
        to_ns=time_of("toStartTime", params.get("toStartTime")),
    )
    return msgspec.structs.replace(wanted, **observation_filters.of_request(request, observation_filters.OBSERVATIONS))


def _fields(request: Request) -> Fields:
    params = request.query_params
    said = params.get("fields")
    groups = frozenset(part.strip() for part in said.split(",")) if said else GROUPS_BY_DEFAULT
    if unknown := groups - set(GROUPS):
        msg = f"fields: {min(unknown)[:40]!r} is none of {', '.join(GROUPS)}."
        raise BadRequestError(msg)
    expanded = frozenset((params.get("expandMetadata") or "").split(","))
    return Fields(groups, expanded, (params.get("parseIoAsJson") or "").lower() == "true")


def _after(request: Request) -> After | None:
    told = cursor_of(request)
    if told is None:
        return None
    if isinstance(told, list) and [type(part) for part in cast("list[Any]", told)] == [int, str, str]:
        at, trace, span = cast("list[Any]", told)
        if 0 <= at < _LAST_NS and len(trace) == 32 and len(span) == 16:
            return at, trace, span
    msg = "cursor is none that was given out here."
    raise BadRequestError(msg)
