"""GET requests for the tags that calls carry in; their keys, always of the key's own project, out. Scope read."""

import time

import msgspec
from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.questions import parameters
from farthing.api.routes import Routes
from farthing.query.tags import tags
from farthing.store.telemetry.engine import Engine


class Tag(Model):
    """A tag; `tag.<key>` is a dimension and a filter."""

    key: str


class Tags(Model):
    """The tags of the calls of a range."""

    data: list[Tag] = Field(description="The most frequent first.")
    truncated: bool = Field(description="Whether there are more.")


def router(engine: Engine, guard: Guard) -> Routes:
    """The route; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1", tags=["questions"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 503)
    )

    @routes.get(
        "/tags",
        summary="Which tags calls carry",
        description="Their values, with what each cost: GET /api/v1/spend?by=tag.<key>.",
        response_model=None,
        responses={200: {"model": Tags}},
        openapi_extra=parameters({"limit": "How many keys, 1 to 1,000; 200 by default."}),
    )
    def asked(request: Request) -> Response:
        answer = tags(engine, project_of(request), request.query_params.multi_items(), time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return routes
