"""Requests for traces and sessions in; lists of them, one with all it is made of, and deletions, out."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.errors import BadRequestError, NotFoundError
from farthing.langfuse import observation_filters, trace_shapes
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.names import trace_bytes
from farthing.langfuse.parts import Parts
from farthing.langfuse.score_kinds import understood
from farthing.langfuse.shapes import Json, answer, moment, new_router, object_of, page_of, time_of
from farthing.langfuse.trace_shapes import GROUPS, Trace
from farthing.langfuse.unmaking import unmake
from farthing.query import observations, observed, of_traces
from farthing.query.observations import Wanted
from farthing.store.telemetry import score_rows

MOST_DELETED = 1_000
MOST_OF_SESSION = 1_000
_WAYS = ("", "asc", "desc")


def router(parts: Parts) -> APIRouter:
    """/traces and /sessions."""
    routes = new_router()
    may_read, may_send = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.get("/traces", dependencies=may_read)
    def listing(request: Request) -> Response:
        page, groups = page_of(request), _groups(request)
        by, _, way = (request.query_params.get("orderBy") or "timestamp.desc").partition(".")
        if by not in observations.ORDERS or way.lower() not in _WAYS:
            msg = f"orderBy is one of {', '.join(observations.ORDERS)}, with .asc or .desc behind it."
            raise BadRequestError(msg)
        wanted = _wanted(request)
        falling = way.lower() != "asc"
        found, total = observations.traces(parts.engine, wanted, page.limit, page.offset, by=by, falling=falling)
        read = _read(parts, request, found)
        return answer(page.of([trace_shapes.listed(one, groups) for one in read], total))

    @routes.delete("/traces", dependencies=may_send)
    async def delete_several(request: Request) -> Response:
        told = (await object_of(request, parts.most_bytes)).get("traceIds")
        ids = [one for one in cast("list[Any]", told) if isinstance(one, str)] if isinstance(told, list) else []
        if not 0 < len(ids) <= MOST_DELETED:
            msg = f"traceIds has to be a list of 1 to {MOST_DELETED} ids."
            raise BadRequestError(msg)
        await run_in_threadpool(unmake, parts, identity_of(request), ids)
        return answer({"message": "Traces deleted"})

    @routes.delete("/traces/{trace_id:path}", dependencies=may_send)
    async def delete(request: Request, trace_id: str) -> Response:
        await run_in_threadpool(unmake, parts, identity_of(request), [trace_id])
        return answer({"message": "Trace deleted"})

    @routes.get("/traces/{trace_id:path}", dependencies=may_read)
    def one(request: Request, trace_id: str) -> Response:
        found = _read(parts, request, [trace_bytes(trace_id)])
        if not found:
            msg = f"There is no trace {trace_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return answer(trace_shapes.whole(found[0]))

    _sessions(routes, parts)
    return routes


def _sessions(routes: APIRouter, parts: Parts) -> None:
    may_read = [Depends(reading(parts))]

    def shown(session: observations.Session, project_id: str) -> Json:
        began = moment(session.first_ns)
        return {"id": session.id, "createdAt": began, "projectId": project_id, "environment": session.environment}

    @routes.get("/sessions", dependencies=may_read)
    def listing(request: Request) -> Response:
        page, wanted = page_of(request), _wanted(request)
        found, total = observations.sessions(parts.engine, wanted, page.limit, page.offset)
        return answer(page.of([shown(one, wanted.project_id) for one in found], total))

    @routes.get("/sessions/{session_id:path}", dependencies=may_read)
    def one(request: Request, session_id: str) -> Response:
        wanted = Wanted(project_of(request), sessions=(session_id,))
        found, _ = observations.sessions(parts.engine, wanted, 1, 0)
        if not found:
            msg = f"There is no session {session_id[:80]!r} in this project."
            raise NotFoundError(msg)
        ids, _ = observations.traces(parts.engine, wanted, MOST_OF_SESSION, 0)
        read = _read(parts, request, ids)
        return answer({**shown(found[0], wanted.project_id), "traces": [trace_shapes.plain(one) for one in read]})


def _read(parts: Parts, request: Request, ids: Sequence[bytes]) -> list[Trace]:
    """These traces, in this order; what is not there is left out."""
    project_id, kinds = project_of(request), understood(request.headers, of_traces=True)
    parts.settled()
    spans = observed.of_traces(parts.engine, project_id, ids)
    about = of_traces.about(parts.engine, project_id, list(spans))
    scores = {
        one: [score for score in held if score.kind in kinds]
        for one, held in score_rows.whole_of_traces(parts.engine, project_id, list(spans)).items()
    }
    return [
        Trace(project_id, spans[one], about.get(one, of_traces.NOTHING), scores.get(one, ()), parts.root_path)
        for one in ids
        if one in spans
    ]


def _wanted(request: Request) -> Wanted:
    params = request.query_params
    wanted = Wanted(
        project_of(request),
        names=tuple(params.getlist("name")),
        users=tuple(params.getlist("userId")),
        sessions=tuple(params.getlist("sessionId")),
        versions=tuple(params.getlist("version")),
        releases=tuple(params.getlist("release")),
        environments=tuple(params.getlist("environment")),
        tags=tuple(params.getlist("tags")),
        from_ns=time_of("fromTimestamp", params.get("fromTimestamp")),
        to_ns=time_of("toTimestamp", params.get("toTimestamp")),
    )
    return msgspec.structs.replace(wanted, **observation_filters.of_request(request, observation_filters.TRACES))


def _groups(request: Request) -> frozenset[str]:
    said = request.query_params.get("fields")
    if not said:
        return GROUPS
    asked = frozenset(part.strip() for part in said.split(","))
    if unknown := asked - GROUPS:
        msg = f"fields: {min(unknown)[:40]!r} is none of {', '.join(sorted(GROUPS))}."
        raise BadRequestError(msg)
    return asked
