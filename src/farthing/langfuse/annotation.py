"""Requests of Langfuse's SDKs about annotation queues in; queues, items and assignments, as the SDKs parse them, out."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.annotation.queues import Queue, Queues
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, object_of, page_of, time_text
from farthing.store.meta.annotation import QueueItem


def router(parts: Parts) -> APIRouter:
    """/annotation-queues, without the items."""
    routes, queues = new_router(), Queues(parts.database, lambda: datetime.now(UTC))
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]
    _items(parts, routes, queues)

    @routes.get("/annotation-queues", dependencies=may_read)
    async def listing(request: Request) -> Response:
        page = page_of(request)
        found, total = await run_in_threadpool(queues.listing, project_of(request), page.offset, page.limit)
        return answer(page.of([_queue(one) for one in found], total))

    @routes.post("/annotation-queues", dependencies=may_write)
    async def create(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        fields = (told.get("name"), told.get("description"), told.get("scoreConfigIds"))
        return answer(_queue(await run_in_threadpool(queues.create, identity_of(request), *fields)))

    @routes.get("/annotation-queues/{queue_id}", dependencies=may_read)
    async def get(request: Request, queue_id: str) -> Response:
        return answer(_queue(await run_in_threadpool(queues.get, project_of(request), queue_id)))

    @routes.post("/annotation-queues/{queue_id}/assignments", dependencies=may_write)
    async def assign(request: Request, queue_id: str) -> Response:
        told = await object_of(request, parts.most_bytes)
        user = await run_in_threadpool(queues.assign, identity_of(request), queue_id, told.get("userId"), works=True)
        return answer({"userId": user, "queueId": queue_id, "projectId": project_of(request)})

    @routes.delete("/annotation-queues/{queue_id}/assignments", dependencies=may_write)
    async def unassign(request: Request, queue_id: str) -> Response:
        told = await object_of(request, parts.most_bytes)
        await run_in_threadpool(queues.assign, identity_of(request), queue_id, told.get("userId"), works=False)
        return answer({"success": True})

    return routes


def _items(parts: Parts, routes: APIRouter, queues: Queues) -> None:
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.get("/annotation-queues/{queue_id}/items", dependencies=may_read)
    async def items(request: Request, queue_id: str) -> Response:
        page, status = page_of(request), request.query_params.get("status", "")
        found, total = await run_in_threadpool(
            queues.items, project_of(request), queue_id, status, page.offset, page.limit
        )
        return answer(page.of([_item(one) for one in found], total))

    @routes.post("/annotation-queues/{queue_id}/items", dependencies=may_write)
    async def add(request: Request, queue_id: str) -> Response:
        told = await object_of(request, parts.most_bytes)
        fields = (told.get("objectType"), told.get("objectId"), told.get("status"))
        return answer(_item(await run_in_threadpool(queues.add, identity_of(request), queue_id, *fields)))

    @routes.get("/annotation-queues/{queue_id}/items/{item_id}", dependencies=may_read)
    async def item(request: Request, queue_id: str, item_id: str) -> Response:
        return answer(_item(await run_in_threadpool(queues.item, project_of(request), queue_id, item_id)))

    @routes.patch("/annotation-queues/{queue_id}/items/{item_id}", dependencies=may_write)
    async def change(request: Request, queue_id: str, item_id: str) -> Response:
        told = await object_of(request, parts.most_bytes)
        who, status = identity_of(request), told.get("status")
        return answer(_item(await run_in_threadpool(queues.change, who, queue_id, item_id, status)))

    @routes.delete("/annotation-queues/{queue_id}/items/{item_id}", dependencies=may_write)
    async def take_out(request: Request, queue_id: str, item_id: str) -> Response:
        await run_in_threadpool(queues.take_out, identity_of(request), queue_id, item_id)
        return answer({"success": True, "message": "The item was taken out of the queue."})


def _queue(queue: Queue) -> Json:
    return {
        "id": queue.id,
        "name": queue.name,
        "description": queue.about.description,
        "scoreConfigIds": queue.about.score_config_ids,
        "createdAt": time_text(queue.created_at),
        "updatedAt": time_text(queue.updated_at),
    }


def _item(item: QueueItem) -> Json:
    return {
        "id": item.id,
        "queueId": item.queue_id,
        "objectId": item.object_id,
        "objectType": item.object_type,
        "status": item.status,
        "completedAt": time_text(item.completed_at) if item.completed_at else None,
        "createdAt": time_text(item.created_at),
        "updatedAt": time_text(item.updated_at),
    }
