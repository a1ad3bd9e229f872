"""Requests of Langfuse's SDKs about the items of datasets in; items as they are, or were, in the shape they parse, out."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.datasets.book import Datasets
from farthing.datasets.dataset import ACTIVE, Draft, Item
from farthing.errors import BadRequestError
from farthing.langfuse.datasets import actor_of, named
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.item_media import Find, finder, references
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, Page, answer, moment, new_router, object_of, page_of, time_of
from farthing.query.moments import NS
from farthing.store.meta.datasets import Wanted

_MS = NS // 1000
_FIELDS = {
    "id": "id",
    "input": "input",
    "expectedOutput": "expected",
    "metadata": "metadata",
    "sourceTraceId": "source_trace",
    "sourceObservationId": "source_observation",
    "status": "status",
}


def router(parts: Parts) -> APIRouter:
    """/dataset-items."""
    routes = new_router()
    book = Datasets(parts.database, time.time_ns)

    @routes.post("/dataset-items", dependencies=[Depends(sending(parts))])
    async def put(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        return answer(await run_in_threadpool(_put, book, request, told, files_of(parts, request)))

    @routes.get("/dataset-items", dependencies=[Depends(reading(parts))])
    async def listing(request: Request) -> Response:
        page = page_of(request)
        asked, files = request.query_params, files_of(parts, request)
        return answer(await run_in_threadpool(_listed, book, project_of(request), asked, page, files))

    @routes.get("/dataset-items/{item_id:path}", dependencies=[Depends(reading(parts))])
    async def one(request: Request, item_id: str) -> Response:
        return answer(await run_in_threadpool(_one, book, project_of(request), item_id, files_of(parts, request)))

    @routes.delete("/dataset-items/{item_id:path}", dependencies=[Depends(sending(parts))])
    async def remove(request: Request, item_id: str) -> Response:
        await run_in_threadpool(book.remove_item, actor_of(identity_of(request)), item_id)
        return answer({"message": "Dataset item successfully deleted"})

    return routes


def files_of(parts: Parts, request: Request) -> Find:
    """What finds the files that items of the request's project stand for."""
    return finder(parts.media, project_of(request), str(request.base_url))


def _put(book: Datasets, request: Request, told: Json, files: Find) -> Json:
    name = told.get("datasetName")
    if not isinstance(name, str):
        msg = "datasetName: the name of a dataset."
        raise BadRequestError(msg)
    dataset = named(book, project_of(request), name)
    # They send null for whatever they were not given.
    given: dict[str, Any] = {ours: told[theirs] for theirs, ours in _FIELDS.items() if told.get(theirs) is not None}
    put = book.put(actor_of(identity_of(request)), dataset.id, [Draft(**given)], keeps=True)
    return shown(put.items[0], dataset.name, files)


def _listed(book: Datasets, project_id: str, asked: Mapping[str, str], page: Page, files: Find) -> Json:
    version = time_of("version", asked.get("version"))
    wanted = Wanted(
        status=ACTIVE,  # an archived item is tried no more
        source_trace=asked.get("sourceTraceId") or "",
        source_observation=asked.get("sourceObservationId") or "",
        at_ms=None if version is None else version // _MS,
    )
    if name := asked.get("datasetName"):
        dataset = named(book, project_id, name)
        wanted = msgspec.structs.replace(wanted, dataset_id=dataset.id)
    found = book.items(project_id, wanted, page.offset, page.limit)
    names = {one: book.get(project_id, one).name for one in {item.dataset_id for item in found}}
    return page.of([shown(item, names[item.dataset_id], files) for item in found], book.count(project_id, wanted))


def _one(book: Datasets, project_id: str, item_id: str, files: Find) -> Json:
    item = book.item(project_id, item_id)
    return shown(item, book.get(project_id, item.dataset_id).name, files)


def shown(item: Item, dataset_name: str, files: Find) -> Json:
    """An item as they parse it."""
    return {
        "id": item.id,
        "status": item.status,
        "input": item.input,
        "expectedOutput": item.expected,
        "metadata": item.metadata,
        "sourceTraceId": item.source_trace or None,
        "sourceObservationId": item.source_observation or None,
        "datasetId": item.dataset_id,
        "datasetName": dataset_name,
        "createdAt": moment(item.created_ms * _MS),
        "updatedAt": moment(item.version_ms * _MS),
        "version": moment(item.version_ms * _MS),
        "mediaReferences": references(item, files),
    }
