"""GET requests for what was paid in vain in; failed calls, repeated prompts and the share of reasoning, out. Scope read."""

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
from farthing.api.schemas import Money
from farthing.query.waste import waste
from farthing.store.telemetry.engine import Engine


class Wasted(Model):
    """Calls that may have been for nothing, and what they cost."""

    calls: int
    input_tokens: int | None
    cost_usd: str | None = Money
    uncovered_calls: int = Field(description="Calls without a known cost: they are not in the sum.")


class WastedBy(Wasted):
    """The same of one model, feature and prompt version."""

    kind: str = Field(description="failed or repeated.")
    provider: str | None
    model: str | None
    feature: str | None
    prompt_version: str | None


class Waste(Model):
    """What was paid in vain, as far as it can be told without content."""

    from_: str = Field(alias="from")
    to: str
    calls: int
    output_tokens: int | None = Field(description="Including reasoning.")
    reasoning_tokens: int | None = Field(description="null: no call told any.")
    reasoning_calls: int = Field(description="How many calls told their reasoning tokens.")
    failed: Wasted
    repeated: Wasted = Field(
        description="Successful calls of the same trace, model, feature and prompt version whose prompt is exactly as long as"
        " an earlier one's, in tokens."
    )
    data: list[WastedBy] = Field(description="The dearest first.")


def router(engine: Engine, guard: Guard) -> Routes:
    """The route; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/spend",
        tags=["questions"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 503),
    )

    @routes.get(
        "/waste",
        summary="What failed calls, repeated prompts and reasoning took",
        response_model=None,
        responses={200: {"model": Waste}},
        openapi_extra=parameters({"limit": "How many rows of each kind, 1 to 200; 20 by default."}),
    )
    def asked(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        answer = waste(engine, project_of(request), pairs, time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return routes
