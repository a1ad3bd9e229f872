"""Questions about prices in: what would it cost, what does it cost, what did it; rates with their sources, and why, out. Scope read."""

import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec
from fastapi import Depends, Request
from starlette.responses import Response

from farthing.api import price_schemas as schemas
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import nanoseconds
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.live import Live
from farthing.errors import BadRequestError, NotFoundError
from farthing.pricing.catalog import Catalog
from farthing.pricing.explain import Question, UsageError, explain
from farthing.pricing.overrides import Scope
from farthing.query import price_models
from farthing.query import prices as asked
from farthing.query.errors import ParameterError

DEFAULT_PAGE, MOST_ROWS = 200, 5_000


def router(live: Live, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/prices",
        tags=["prices"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 422),
    )

    def catalog(request: Request, key: str = "") -> Catalog:
        return live.catalog.within(Scope(project=project_of(request), key=key))

    @routes.post(
        "/explain",
        summary="What a call would cost, line by line, and why",
        response_model=None,
        responses={200: {"model": schemas.Explained}},
    )
    def explained(wanted: schemas.ExplainWanted, request: Request) -> Response:
        question = Question(
            model=wanted.model,
            provider=wanted.provider,
            response_model=wanted.response_model,
            usage=wanted.usage,
            at_ns=nanoseconds(wanted.at) or time.time_ns(),
            service_tier=wanted.service_tier or ("batch" if wanted.batch else ""),
            region=wanted.region,
            operation=wanted.operation,
        )
        try:
            cost = explain(question, catalog(request, wanted.key))
        except UsageError as error:
            msg = f"usage: {error}."
            raise BadRequestError(msg) from error
        return _json(asked.explained(cost))

    @routes.get(
        "",
        summary="The rates of the catalogue",
        response_model=None,
        responses={200: {"model": schemas.Prices}},
    )
    def listing(
        request: Request,
        provider: str = "",
        q: str = "",
        now: bool = True,
        limit: int = DEFAULT_PAGE,
        cursor: str = "",
    ) -> Response:
        """`q` is a part of the model's name; with `now=false` also rates that hold no more, or not yet."""
        at = time.time_ns() if now else None
        rows = asked.rows(catalog(request), provider.lower(), q, at)
        return _json(_page(live, catalog(request).version, rows, limit, cursor))

    @routes.get(
        "/models",
        summary="The models of the catalogue with their plain rates, one row each",
        response_model=None,
        responses={200: {"model": schemas.PriceModels}},
    )
    def models(
        request: Request, provider: str = "", q: str = "", limit: int = DEFAULT_PAGE, cursor: str = ""
    ) -> Response:
        """`q` is words that provider and name hold. What was agreed with a provider is told by /overrides."""
        found = catalog(request)
        rows = price_models.listed(found, time.time_ns(), provider.lower(), q)
        return _json(_page(live, found.version, rows, limit, cursor))

    @routes.get(
        "/{provider}/{model:path}",
        summary="All rates a model ever had",
        response_model=None,
        responses={200: {"model": schemas.Prices}, **documented(404)},
    )
    def history(provider: str, model: str, request: Request) -> Response:
        """The model is found as one of a call is: by its id, a dated or prefixed name, a name of your own."""
        found = catalog(request)
        name, rule, rows = asked.history(found, provider, model)
        if not name:
            msg = f"There is no price for {model!r} of {provider!r}: {rule}."
            raise NotFoundError(msg)
        return _json({"matched_model": name, "rule": rule} | _page(live, found.version, rows, MOST_ROWS, ""))

    return routes


def _page(live: Live, version: str, rows: Iterable[dict[str, Any]], limit: int, cursor: str) -> dict[str, Any]:
    if not 1 <= limit <= MOST_ROWS:
        raise ParameterError("limit", f"a whole number from 1 to {MOST_ROWS}.")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
        raise ParameterError("cursor", "take next_cursor of the page before.")
    start = int(cursor or 0)
    found = list(islice(rows, start, start + limit + 1))
    return {
        "price_version": version,
        "data_age_days": live.age_days(),
        "data": found[:limit],
        "next_cursor": str(start + limit) if len(found) > limit else None,
    }


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
