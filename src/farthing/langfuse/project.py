"""The project of a key, and whether we are well, asked for; both as Langfuse's SDKs parse them, out."""

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing import __version__
from farthing.langfuse.identity import identity_of, project_of, reading
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import answer, new_router


def router(parts: Parts) -> APIRouter:
    """GET /projects and /health."""
    routes = new_router()

    @routes.get("/projects", dependencies=[Depends(reading(parts))])
    async def projects(request: Request) -> Response:
        mine, known = project_of(request), await run_in_threadpool(parts.projects.seen_by, identity_of(request))
        name = next((one.name for one in known if one.id == mine), mine)
        organization = {"id": "farthing", "name": "Farthing"}
        told = {"id": mine, "name": name, "organization": organization, "metadata": {}, "retentionDays": None}
        return answer({"data": [told]})

    @routes.get("/health")
    async def health() -> Response:
        return answer({"version": __version__, "status": "OK"})

    return routes
