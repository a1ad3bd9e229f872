"""GET requests for why cost changed in; its exact parts, and the values that moved most, out. Scope read."""

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
from farthing.query.why import why
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_EXACT = "US dollars as an exact decimal string."
_KNOWN = Field(description=_EXACT)


class ComparedPeriod(Model):
    """What a period cost."""

    cost_usd: str | None = Money
    calls: int
    uncovered_calls: int = Field(description="Calls without a known cost: they are in no figure here.")


class PartOfDifference(Model):
    """One cause and what it did, in the order in which they are taken."""

    part: str = Field(
        description="volume, model_mix, tier, tokens_per_call, other_usage, cache_share, context or price."
    )
    usd: str = _KNOWN
    about: str


class ModelDifference(Model):
    """One model's share of every part."""

    provider: str | None
    model: str | None
    before_usd: str = _KNOWN
    after_usd: str = _KNOWN
    difference_usd: str = _KNOWN
    parts: dict[str, str] = Field(description="Part to US dollars; they add up to the model's difference.")
    others: bool = Field(default=False, description="All models that are not told apart.")


class ChangedRate(Model):
    """What one unit of the same thing cost before and after; an average where it was paid at several rates."""

    provider: str | None
    model: str | None
    service_tier: str | None
    region: str | None
    bucket: str
    tier: str | None = Field(description="The rate's class, such as that of long prompts.")
    unit: str
    per: int
    before_rate_usd: str = _KNOWN
    after_rate_usd: str = _KNOWN
    usd: str = Field(description="What that did to the cost; all of them together are the part price.")


class OtherValues(Model):
    """All values that are not told apart."""

    before_usd: str = _KNOWN
    after_usd: str = _KNOWN
    difference_usd: str = _KNOWN
    calls_before: int
    calls_after: int


class MovedValue(Model):
    """A value of a dimension in both periods."""

    value: str | None = Field(description="null: nobody said.")
    before_usd: str | None = Money
    after_usd: str | None = Money
    difference_usd: str = Field(description="Of the calls with a known cost.")
    calls_before: int
    calls_after: int
    uncovered_calls: int


class MovedDimension(Model):
    """The values that moved most; with `others` they add up to the difference."""

    by: str
    values: list[MovedValue]
    others: OtherValues | None


class Why(Model):
    """Why cost changed between two periods. The parts add up to the difference to the last digit."""

    from_: str = Field(alias="from")
    to: str
    cmp_from: str
    cmp_to: str
    before: ComparedPeriod
    after: ComparedPeriod
    difference_usd: str | None = Field(description=f"{_EXACT} null when a period has calls and none has a known cost.")
    unknown: str | None = Field(description="Why the difference can't be told.")
    parts: list[PartOfDifference]
    models: list[ModelDifference]
    prices: list[ChangedRate]
    dimensions: list[MovedDimension] = Field(description="The most telling first.")


def router(engine: Engine, rollup: Rollup, guard: Guard) -> Routes:
    """The route; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/spend",
        tags=["questions"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 503),
    )

    @routes.get(
        "/why",
        summary="Why cost changed between two periods",
        description=(
            "The first period is turned into the second step by step, in the order of the parts: as many calls, of the same"
            " models, at the same tiers, with the same tokens, cached as much, at the same rates. What a step costs is its part."
        ),
        response_model=None,
        responses={200: {"model": Why}},
        openapi_extra=parameters(
            {
                "cmp_from": "Where the period to compare with begins; by default as long before as the range is.",
                "cmp_to": "Where it ends; by default where the range begins, or as long after cmp_from.",
                "by": "Dimensions to look at, comma-separated, twelve at most; any tag is one: tag.<key>.",
                "limit": "How many values of each are told apart, 1 to 100; 10 by default.",
            }
        ),
    )
    def asked(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        answer = why(engine, rollup, project_of(request), pairs, time.time_ns())
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return routes
