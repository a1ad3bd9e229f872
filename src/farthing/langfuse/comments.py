"""Requests of Langfuse's SDKs about comments in; comments, as the SDKs parse them, out."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.annotation.comments import Comments
from farthing.errors import BadRequestError
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, object_of, page_of, time_text
from farthing.store.meta.annotation import Comment


def router(parts: Parts) -> APIRouter:
    """/comments."""
    routes, comments = new_router(), Comments(parts.database, lambda: datetime.now(UTC))
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.get("/comments", dependencies=may_read)
    async def listing(request: Request) -> Response:
        page, given = page_of(request), request.query_params
        of, author = (given.get("objectType", ""), given.get("objectId", "")), given.get("authorUserId", "")
        found, total = await run_in_threadpool(
            comments.listing, project_of(request), of, author, page.offset, page.limit
        )
        return answer(page.of([_shown(one) for one in found], total))

    @routes.post("/comments", dependencies=may_write)
    async def create(request: Request) -> Response:
        told, who = await object_of(request, parts.most_bytes), identity_of(request)
        if told.get("projectId") not in (None, who.project_id):
            msg = f"projectId: this key is for the project {who.project_id!r}."
            raise BadRequestError(msg)
        fields = [told.get(name) for name in ("objectType", "objectId", "content", "authorUserId")]
        return answer({"id": (await run_in_threadpool(comments.create, who, *fields)).id})

    @routes.get("/comments/{comment_id}", dependencies=may_read)
    async def get(request: Request, comment_id: str) -> Response:
        return answer(_shown(await run_in_threadpool(comments.get, project_of(request), comment_id)))

    return routes


def _shown(comment: Comment) -> Json:
    return {
        "id": comment.id,
        "projectId": comment.project_id,
        "objectType": comment.object_type,
        "objectId": comment.object_id,
        "content": comment.content,
        "authorUserId": comment.author_user_id,
        "createdAt": time_text(comment.created_at),
        "updatedAt": time_text(comment.updated_at),
    }
