"""GET requests for what sums by group don't tell in; what reading from caches cost and how long first tokens took, out. Scope read."""

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
from farthing.api.schemas import Latency, Money
from farthing.query.unsummed import cached, first_token
from farthing.store.telemetry.engine import Engine


class CacheReading(Model):
    """Calls that read from a cache."""

    calls: int
    uncovered_calls: int = Field(description="Those of them that are not in the sum: their input has no known cost.")
    cached_cost_usd: str | None = Money


class CacheReadingStep(CacheReading):
    """The same in one step of time."""

    time: str = Field(description="When the step begins, RFC 3339 in UTC.")


class CachedSpend(Model):
    """What reading from caches cost: a part of input_cost_usd. Steps add up to the total exactly."""

    from_: str = Field(alias="from")
    to: str
    tz: str
    granularity: str | None
    total: CacheReading
    series: list[CacheReadingStep]


class FirstToken(Model):
    """How long callers waited for the first token, of those calls that told it."""

    from_: str = Field(alias="from")
    to: str
    calls: int = Field(description="How many told it.")
    ttft_ms: Latency


def router(engine: Engine, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/spend",
        tags=["questions"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 503),
    )

    @routes.get(
        "/cached",
        summary="What reading from caches cost",
        response_model=None,
        responses={200: {"model": CachedSpend}},
        openapi_extra=parameters({"granularity": "minute, hour, day, week, month, auto (default), or none."}),
    )
    def of_caches(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        answer = cached(engine, project_of(request), pairs, time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    @routes.get(
        "/first-token",
        summary="How long first tokens took",
        response_model=None,
        responses={200: {"model": FirstToken}},
        openapi_extra=parameters({}),
    )
    def of_first_tokens(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        answer = first_token(engine, project_of(request), pairs, time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return routes
