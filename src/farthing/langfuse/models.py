"""Requests of Langfuse's SDKs about models' prices in; definitions, ours among them, as the SDKs parse them, out."""

import re
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.catalogue.definition import Definition, read
from farthing.catalogue.definitions import Defined, Definitions
from farthing.catalogue.overrides import Actor
from farthing.errors import ForbiddenError, NotFoundError
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, moment, new_router, object_of, page_of, time_of, time_text
from farthing.query import pricing_models

OURS = "farthing:"
"""How ids of models begin whose prices are ours."""

_MILLION = Decimal(1_000_000)
_USAGES = {
    "inputPricePer1M": "input",
    "outputPricePer1M": "output",
    "cachedInputPricePer1M": "input_cached_tokens",
    "cacheWritePricePer1M": "input_cache_creation",
    "cacheWrite1hPricePer1M": "input_cache_creation_1h",
}


def router(parts: Parts) -> APIRouter:
    """/models. Those of one's own are price overrides; ours can't be changed."""
    routes, definitions = new_router(), Definitions(parts.database, parts.prices, lambda: datetime.now(UTC))
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    def ours() -> list[Json]:
        return [_ours(told) for told in pricing_models.models(parts.prices.catalog, time.time_ns())]

    @routes.get("/models", dependencies=may_read)
    async def listing(request: Request) -> Response:
        page, project_id = page_of(request), project_of(request)

        def found() -> list[Json]:
            return [*map(_own, definitions.of(project_id)), *ours()]

        models = await run_in_threadpool(found)
        return answer(page.of(models[page.offset : page.offset + page.limit], len(models)))

    @routes.post("/models", dependencies=may_write)
    async def create(request: Request) -> Response:
        wanted = _read(await object_of(request, parts.most_bytes))
        return answer(_own(await run_in_threadpool(definitions.put, _actor(request), wanted)))

    @routes.get("/models/{model_id:path}", dependencies=may_read)
    async def get(request: Request, model_id: str) -> Response:
        if not model_id.startswith(OURS):
            return answer(_own(await run_in_threadpool(definitions.get, project_of(request), model_id)))
        found = next((model for model in await run_in_threadpool(ours) if model["id"] == model_id), None)
        if found is None:
            msg = f"There is no model {model_id[:80]!r} in the price list."
            raise NotFoundError(msg)
        return answer(found)

    @routes.put("/models/{model_id:path}", dependencies=may_write)
    async def replace(request: Request, model_id: str) -> Response:
        _check_own(model_id)
        wanted = _read(await object_of(request, parts.most_bytes))
        return answer(_own(await run_in_threadpool(definitions.put, _actor(request), wanted, model_id)))

    @routes.delete("/models/{model_id:path}", dependencies=may_write)
    async def remove(request: Request, model_id: str) -> Response:
        _check_own(model_id)
        await run_in_threadpool(definitions.remove, _actor(request), model_id)
        return Response(status_code=204)

    return routes


def _check_own(model_id: str) -> None:
    if model_id.startswith(OURS):
        msg = "This is a list price. Give the model one of your own instead: it goes before the list's."
        raise ForbiddenError(msg)


def _actor(request: Request) -> Actor:
    who = identity_of(request)
    return Actor(who.project_id, who.key_id)


def _read(told: Json) -> Definition:
    return read(told, time_of("startDate", told.get("startDate")))


def _own(defined: Defined) -> Json:
    definition = defined.definition
    prices = {usage: Decimal(usd) for usage, usd in definition.prices.items()}
    return {
        **_shown(defined.id, definition.model_name, definition.match_pattern, prices),
        "startDate": None if definition.start_ns is None else moment(definition.start_ns),
        "unit": definition.unit,
        "tokenizerId": definition.tokenizer_id,
        "tokenizerConfig": definition.tokenizer_config,
        "isLangfuseManaged": False,
        "createdAt": time_text(defined.created_at),
    }


def _ours(told: Json) -> Json:
    provider, model = told["provider"], told["model"]
    prices = {usage: Decimal(told[name]) / _MILLION for name, usage in _USAGES.items() if told[name] is not None}
    return {
        **_shown(f"{OURS}{provider}/{model}", model, f"(?i)^({re.escape(model)})$", prices),
        "startDate": told["effectiveFrom"],
        "unit": "TOKENS",
        "tokenizerId": None,
        "tokenizerConfig": None,
        "isLangfuseManaged": True,
        "createdAt": told["effectiveFrom"] or "1970-01-01T00:00:00.000Z",
    }


def _shown(model_id: str, name: str, pattern: str, prices: dict[str, Decimal]) -> Json:
    tier: dict[str, Any] = {
        "id": f"{model_id}:default",
        "name": "Standard",
        "isDefault": True,
        "priority": 0,
        "conditions": [],
        "prices": prices,
    }
    return {
        "id": model_id,
        "modelName": name,
        "matchPattern": pattern,
        "inputPrice": prices.get("input"),
        "outputPrice": prices.get("output"),
        "totalPrice": prices.get("total"),
        "prices": {usage: {"price": price} for usage, price in prices.items()},
        "pricingTiers": [tier],
    }
