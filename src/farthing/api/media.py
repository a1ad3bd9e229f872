"""Files put and got at signed addresses, and requests about them, in; their bytes, which no browser runs, and what is known of them, out."""

from datetime import datetime
from pathlib import Path

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response, StreamingResponse

from farthing.access.identity import Identity
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.errors import UnsupportedError
from farthing.media.library import Media
from farthing.media.signing import May

_SHOWN = frozenset(
    {
        "application/pdf",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/plain",
    }
)
_SHOWN_KINDS = ("audio/", "video/")
"""What is told by its own type; anything else is bytes, so that nothing of it runs in a browser as if it were ours."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
    "Cache-Control": "private, max-age=3600",
}


class MediaShown(Model):
    """A file that spans speak of, and where it can be had for a while without a key."""

    id: str
    content_type: str
    content_length: int
    uploaded_at: datetime
    url: str
    url_expires_at: datetime


def router(media: Media, reading: Guard, changing: Guard) -> Routes:
    """The routes; files themselves need no key, but an address that was signed."""
    routes = Routes(prefix="/api/v1/media", tags=["media"], responses=documented(401, 403, 404, 503))

    @routes.put(
        "/files/{project_id}/{media_id}",
        summary="Upload a file, at an address that was given out for it",
        responses=documented(400, 415),
    )
    async def put(request: Request, project_id: str, media_id: str, until: str = "", signature: str = "") -> Response:
        wanted = await run_in_threadpool(media.permitted, May.UPLOAD, project_id, media_id, until, signature)
        said = request.headers.get("content-type", "").lower().partition(";")[0].strip()
        if said != wanted.content_type:
            msg = f"Content-Type: {wanted.content_type} was announced, not {said[:100] or 'nothing'}."
            raise UnsupportedError(msg)
        with await run_in_threadpool(media.begin, wanted) as upload:
            try:
                async for piece in request.stream():
                    await run_in_threadpool(upload.write, piece)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it
            await run_in_threadpool(upload.finished)
        await run_in_threadpool(media.uploaded, wanted)
        return Response(status_code=200)

    @routes.get(
        "/files/{project_id}/{media_id}", summary="A file, at an address that was given out for it", response_model=None
    )
    async def get(project_id: str, media_id: str, until: str = "", signature: str = "") -> Response:
        found = await run_in_threadpool(media.permitted, May.DOWNLOAD, project_id, media_id, until, signature)
        plain = found.content_type in _SHOWN or found.content_type.startswith(_SHOWN_KINDS)
        shown = found.content_type if plain else "application/octet-stream"
        file = await run_in_threadpool(media.file, found)
        if isinstance(file, Path):
            return FileResponse(file, headers=_HEADERS, media_type=shown, filename=found.id)
        told = {
            "Content-Disposition": f'attachment; filename="{found.id}"',
            "Content-Length": str(found.content_length),
        }
        return StreamingResponse(file, headers=_HEADERS | told, media_type=shown)

    @routes.get("/{media_id}", summary="A file that spans speak of", dependencies=[Depends(reading)])
    def one(media_id: str, request: Request) -> MediaShown:
        found = media.there(project_of(request), media_id)
        url, until = media.address(found, May.DOWNLOAD, str(request.base_url))
        return MediaShown(
            id=found.id,
            content_type=found.content_type,
            content_length=found.content_length,
            uploaded_at=found.uploaded_at or found.created_at,
            url=url,
            url_expires_at=until,
        )

    @routes.delete("/{media_id}", summary="Delete a file", status_code=204, dependencies=[Depends(changing)])
    def remove(media_id: str, request: Request) -> None:
        identity: Identity = request.state.identity
        media.remove(identity, media_id)

    return routes
