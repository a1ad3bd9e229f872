"""A project in; the model calls that the gateway refused it, and why, out. Scope read."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field

from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.routing.refused import MOST_KEPT, Refusals


class RefusedCall(Model):
    """A call that nobody was asked for."""

    time: datetime
    request_id: str = Field(description="The UUID that the client was told.")
    key_id: str
    environment: str
    operation: str
    model: str = Field(description='As it was asked for; "" where nobody came to read it.')
    code: str = Field(description="Why: `budget_exceeded`, `too_many`, `guard_blocked`, `model_not_found` …")
    status: int = Field(description="The HTTP status it was answered with.")
    message: str = Field(description="What the client was told.")


class RefusedCount(Model):
    """How many were refused for one reason."""

    code: str
    requests: int


class RefusedList(Model):
    """The latest first."""

    data: list[RefusedCall]
    next_cursor: None = None
    counts: list[RefusedCount] = Field(description="All since the server started, also those that are not listed.")
    since: datetime = Field(description="When that was. Each of several servers has its own list.")


def router(refusals: Refusals, may_read: Guard) -> Routes:
    """The route; the guard lets in keys with the scope read."""
    routes = Routes(prefix="/api/v1/gateway", tags=["gateway"], dependencies=[Depends(may_read)])

    @routes.get(
        "/refused",
        summary="List model calls that were refused before a provider was asked",
        description="By a budget, a limit of their key, a guard, or since nobody serves the model. They are no calls: no total has them.",
        responses=documented(401, 403, 422, 503),
    )
    def refused(request: Request, limit: Annotated[int, Query(ge=1, le=MOST_KEPT)] = 50) -> RefusedList:
        project = project_of(request)
        return RefusedList(
            data=[RefusedCall(**one._asdict()) for one in refusals.latest(project, limit)],
            counts=[RefusedCount(code=code, requests=count) for code, count in refusals.counts(project).items()],
            since=refusals.since,
        )

    return routes
