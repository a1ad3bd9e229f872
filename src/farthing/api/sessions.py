"""GET requests for sessions and users in; what each did and cost, always in the key's own project, out."""

import time
from typing import Any

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response

from farthing.api import session_schemas as schemas
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.questions import parameters
from farthing.api.routes import Routes
from farthing.query import sessions
from farthing.query.sessions import SESSION, USER, Kind
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_CURSOR = "next_cursor of the page before."
_PAGE = {
    "limit": "1 to 200, 50 by default.",
    "cursor": _CURSOR,
    "sort": "last_seen, cost, calls; - in front: the highest first. -last_seen by default.",
}
_ONE = "Only calls in the range count: 30 days up to `to`, unless `from` says otherwise."


def router(engine: Engine, rollup: Rollup, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1", tags=["questions"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 503)
    )

    def page(kind: Kind, request: Request) -> Response:
        asked = request.query_params.multi_items()
        return _json(sessions.page(engine, rollup, kind, project_of(request), asked, time.time_ns()))

    @routes.get(
        "/sessions",
        summary="Sessions with matching calls: when they were seen, and the sums over these calls",
        response_model=None,
        responses={200: {"model": schemas.Sessions}},
        openapi_extra=parameters(_PAGE),
    )
    def list_sessions(request: Request) -> Response:
        return page(SESSION, request)

    # An id may hold slashes.
    @routes.get(
        "/sessions/{session_id:path}",
        summary="One session: its sums, and its traces in order",
        description=_ONE,
        response_model=None,
        responses={200: {"model": schemas.SessionDetail}, **documented(404)},
        openapi_extra=parameters({"limit": "Traces: 1 to 200, 50 by default.", "cursor": _CURSOR}),
    )
    def one_session(session_id: str, request: Request) -> Response:
        asked = request.query_params.multi_items()
        return _json(sessions.one_session(engine, rollup, project_of(request), session_id, asked, time.time_ns()))

    @routes.get(
        "/users",
        summary="Users with matching calls: when they were seen, and the sums over these calls",
        response_model=None,
        responses={200: {"model": schemas.Users}},
        openapi_extra=parameters(_PAGE),
    )
    def list_users(request: Request) -> Response:
        return page(USER, request)

    @routes.get(
        "/users/{user_id:path}",
        summary="One user: their sums, by model and by feature, and their latest sessions",
        description=f"{_ONE} Later pages of the sessions are at /sessions?user=<id> with the same range and that cursor.",
        response_model=None,
        responses={200: {"model": schemas.UserDetail}, **documented(404)},
        openapi_extra=parameters({}),
    )
    def one_user(user_id: str, request: Request) -> Response:
        asked = request.query_params.multi_items()
        return _json(sessions.one_user(engine, rollup, project_of(request), user_id, asked, time.time_ns()))

    return routes


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
