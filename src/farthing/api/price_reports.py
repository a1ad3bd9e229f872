"""Questions about recorded calls and their prices in: what has none, what if, what caching saved; the answers out. Scope read."""

import time
from typing import Any

import msgspec
from fastapi import Depends, Request
from pydantic import Field
from starlette.responses import Response

from farthing.api.identity import Guard, project_of
from farthing.api.price_schemas import Strict
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.live import Live
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Scope
from farthing.query import price_reports
from farthing.query.errors import ParameterError
from farthing.query.what_if import Instead, what_if
from farthing.store.telemetry.engine import Engine


class WhatIfWanted(Strict):
    """Which calls, and what they would have been made with."""

    from_: str = Field(default="now-24h", alias="from", description="RFC 3339, Unix seconds, or relative: now-24h, 7d.")
    to: str = "now"
    tz: str = "UTC"
    filters: dict[str, str | list[str]] = Field(default={}, description="As everywhere: feature, model, tag.<key>, …")
    provider: str = Field(default="", max_length=200)
    model: str = Field(default="", max_length=500, description="Another model; the same by default.")
    service_tier: str = Field(default="", max_length=100)
    batch: bool = False
    region: str = Field(default="", max_length=100)


def router(engine: Engine, live: Live, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/prices",
        tags=["prices"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 422, 503),
    )

    def catalog(request: Request) -> Catalog:
        return live.catalog.within(Scope(project=project_of(request)))

    @routes.get("/unpriced", summary="Models without a price, and what their names may mean", response_model=None)
    def unpriced(request: Request) -> Response:
        """Of the last 30 days by default; range and filters as everywhere."""
        pairs = request.query_params.multi_items()
        return _json(price_reports.unpriced(engine, catalog(request), project_of(request), pairs, time.time_ns()))

    @routes.get("/cache-report", summary="What caching saved, and what was written and never read", response_model=None)
    def cache_report(request: Request) -> Response:
        """Of the last 7 days by default; range and filters as everywhere."""
        pairs = request.query_params.multi_items()
        return _json(price_reports.cache_report(engine, catalog(request), project_of(request), pairs, time.time_ns()))

    @routes.post("/what-if", summary="What recorded calls would have cost elsewhere", response_model=None)
    def asked(wanted: WhatIfWanted, request: Request) -> Response:
        """Re-costs the calls of a range, by the same ledger, on another model, tier or as a batch."""
        instead = Instead(
            wanted.provider, wanted.model, wanted.service_tier or ("batch" if wanted.batch else ""), wanted.region
        )
        if instead == Instead():
            raise ParameterError("model", "say what else: a model, a service_tier, batch or a region.")
        pairs = [("from", wanted.from_), ("to", wanted.to), ("tz", wanted.tz)]
        for name, told in wanted.filters.items():
            pairs += [(name, text) for text in ([told] if isinstance(told, str) else told)]
        return _json(what_if(engine, catalog(request), project_of(request), pairs, instead, time.time_ns()))

    return routes


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
