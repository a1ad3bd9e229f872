"""Requests of Langfuse's SDKs about media in; where to put and get them, as the SDKs parse it, out."""

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, object_of, time_text
from farthing.media.library import media_id_of
from farthing.media.signing import May

_OF_DATASETS = ("datasetId", "datasetItemId")
"""What is put into a dataset is kept whatever the key says of what is said in traces."""


def router(parts: Parts) -> APIRouter:
    """/media."""
    routes, media = new_router(), parts.media
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.post("/media", dependencies=may_write)
    async def announce(request: Request) -> Response:
        told, who = await object_of(request, parts.most_bytes), identity_of(request)
        fields = [told.get(name) for name in ("contentType", "contentLength", "sha256Hash")]
        if not who.keeps_content and not any(told.get(name) for name in _OF_DATASETS):
            # To the SDK a file that is not wanted is one that is there already.
            return answer({"mediaId": media_id_of(fields[2]), "uploadUrl": None}, 201)
        found, is_wanted = await run_in_threadpool(media.announce, who.project_id, *fields)
        url = media.address(found, May.UPLOAD, str(request.base_url))[0] if is_wanted else None
        return answer({"mediaId": found.id, "uploadUrl": url}, 201)

    @routes.patch("/media/{media_id}", dependencies=may_write)
    async def told_done(request: Request, media_id: str) -> Response:
        # Whether it was uploaded is known here without being told.
        await object_of(request, parts.most_bytes)
        await run_in_threadpool(media.get, project_of(request), media_id)
        return answer({})

    @routes.get("/media/{media_id}", dependencies=may_read)
    async def get(request: Request, media_id: str) -> Response:
        found = await run_in_threadpool(media.there, project_of(request), media_id)
        url, until = media.address(found, May.DOWNLOAD, str(request.base_url))
        told: Json = {
            "mediaId": found.id,
            "contentType": found.content_type,
            "contentLength": found.content_length,
            "uploadedAt": time_text(found.uploaded_at or found.created_at),
            "url": url,
            "urlExpiry": time_text(until),
        }
        return answer(told)

    return routes
