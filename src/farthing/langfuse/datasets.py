"""Requests of Langfuse's SDKs about datasets in; datasets, made and read, in the shape they parse, out."""

import time
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.access.identity import Identity
from farthing.catalogue.overrides import Actor
from farthing.datasets.book import Datasets
from farthing.datasets.dataset import Dataset
from farthing.errors import NotFoundError
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import answer, new_router, object_of, page_of, time_text

_FIELDS = {
    "name": "name",
    "description": "description",
    "metadata": "metadata",
    "inputSchema": "input_schema",
    "expectedOutputSchema": "expected_output_schema",
}
"""What they call a field → what we do."""


def router(parts: Parts) -> APIRouter:
    """/v2/datasets."""
    routes = new_router()
    book = Datasets(parts.database, time.time_ns)

    @routes.post("/v2/datasets", dependencies=[Depends(sending(parts))])
    async def create(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        return answer(shown(await run_in_threadpool(saved, book, actor_of(identity_of(request)), told)))

    @routes.get("/v2/datasets", dependencies=[Depends(reading(parts))])
    async def listing(request: Request) -> Response:
        page = page_of(request)
        found, total = await run_in_threadpool(book.listing, project_of(request), page.offset, page.limit)
        return answer(page.of([shown(one) for one in found], total))

    @routes.get("/v2/datasets/{name:path}", dependencies=[Depends(reading(parts))])
    async def one(request: Request, name: str) -> Response:
        return answer(shown(await run_in_threadpool(named, book, project_of(request), name)))

    return routes


def saved(book: Datasets, actor: Actor, told: dict[str, Any]) -> Dataset:
    """The dataset that is told, made or changed. Raises `BadRequestError`."""
    return book.save(actor, {ours: told[theirs] for theirs, ours in _FIELDS.items() if theirs in told})


def named(book: Datasets, project_id: str, name: str) -> Dataset:
    """The dataset of this name. Raises `NotFoundError`."""
    try:
        return book.named(project_id, name)
    except NotFoundError:
        # An SDK of version 2 encodes a name in the query twice.
        if unquote(name) == name:
            raise
        return book.named(project_id, unquote(name))


def actor_of(who: Identity) -> Actor:
    """Who makes a request that a guard has let in."""
    return Actor(who.project_id, who.key_id, who.is_of_organisation)


def shown(dataset: Dataset) -> dict[str, Any]:
    """A dataset as they parse it."""
    return {
        "id": dataset.id,
        "name": dataset.name,
        "description": dataset.description,
        "metadata": dataset.metadata,
        "inputSchema": dataset.input_schema,
        "expectedOutputSchema": dataset.expected_schema,
        "projectId": dataset.project_id,
        "createdAt": time_text(dataset.created_at),
        "updatedAt": time_text(dataset.updated_at),
    }
