"""Requests of Langfuse's SDKs about prompts in; the versions that are meant, as the SDKs parse them, out."""

import hashlib
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.errors import BadRequestError
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, object_of, page_of, time_of, time_text
from farthing.prompts.book import New, Prompts
from farthing.prompts.composing import Whole
from farthing.prompts.prompt import Listed, Version
from farthing.store.meta.prompts import Wanted

_LARGEST = 1 << 31


def router(parts: Parts) -> APIRouter:
    """/v2/prompts. Names may have slashes: an SDK of version 2 sends them as they are."""
    routes, prompts = new_router(), Prompts(parts.database, lambda: datetime.now(UTC))
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.get("/v2/prompts", dependencies=may_read)
    async def listing(request: Request) -> Response:
        page, wanted = page_of(request, default=10), _wanted(request)
        found, total = await run_in_threadpool(prompts.listing, project_of(request), wanted, page.offset, page.limit)
        return answer(page.of([_listed(one) for one in found], total))

    @routes.post("/v2/prompts", dependencies=may_write)
    async def create(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        new = New(
            name=told.get("name"),
            prompt=told.get("prompt"),
            kind=told.get("type"),
            config=told.get("config"),
            labels=told.get("labels"),
            tags=told.get("tags"),
            message=told.get("commitMessage"),
        )
        made = await run_in_threadpool(prompts.create, identity_of(request), new)
        return answer(_shown(made, Whole(made.written.prompt)), 201)

    @routes.patch("/v2/prompts/{name:path}/versions/{version}", dependencies=may_write)
    async def label(request: Request, name: str, version: str) -> Response:
        told = await object_of(request, parts.most_bytes)
        number = _number(version)
        done = await run_in_threadpool(
            prompts.label, identity_of(request), name, number, told.get("newLabels"), only=False
        )
        return answer(_shown(done, Whole(done.written.prompt)))

    @routes.get("/v2/prompts/{name:path}", dependencies=may_read)
    async def get(request: Request, name: str) -> Response:
        project_id, (number, label) = project_of(request), _which(request)
        is_whole = request.query_params.get("resolve", "true").lower() != "false"

        def found() -> Json:
            version = prompts.get(project_id, name, number, label)
            return _shown(version, prompts.whole(version, project_id) if is_whole else Whole(version.written.prompt))

        return _tagged(request, answer(await run_in_threadpool(found)))

    @routes.delete("/v2/prompts/{name:path}", dependencies=may_write)
    async def remove(request: Request, name: str) -> Response:
        await run_in_threadpool(prompts.remove, identity_of(request), name, *_which(request))
        return Response(status_code=204)

    return routes


def _tagged(request: Request, made: Response) -> Response:
    """Who has it already isn't sent it again."""
    tag = f'W/"{hashlib.blake2b(bytes(made.body), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in {part.strip() for part in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    made.headers.update(headers)
    return made


def _which(request: Request) -> tuple[int | None, str | None]:
    version, label = request.query_params.get("version"), request.query_params.get("label")
    if version and label:
        msg = "Ask for a version or for a label, not for both."
        raise BadRequestError(msg)
    return (_number(version) if version else None), label or None


def _number(said: str) -> int:
    if not (said.isascii() and said.isdigit()) or not 0 < int(said[:12]) < _LARGEST:
        msg = f"version: a whole number from 1 on, not {said[:40]!r}."
        raise BadRequestError(msg)
    return int(said[:12])


def _wanted(request: Request) -> Wanted:
    given = request.query_params
    if given.get("filter"):
        msg = "filter: prompts are found by name, label, tag, fromUpdatedAt and toUpdatedAt here."
        raise BadRequestError(msg)
    return Wanted(
        name=given.get("name", ""),
        label=given.get("label", ""),
        tag=given.get("tag", ""),
        since=_moment("fromUpdatedAt", given.get("fromUpdatedAt")),
        to=_moment("toUpdatedAt", given.get("toUpdatedAt")),
    )


def _moment(name: str, said: str | None) -> datetime | None:
    ns = time_of(name, said)
    return None if ns is None else datetime.fromtimestamp(ns / 10**9, UTC)


def _listed(found: Listed) -> Json:
    return {
        "name": found.name,
        "type": found.kind,
        "versions": found.versions,
        "labels": list(found.labels),
        "tags": found.tags,
        "lastUpdatedAt": time_text(found.updated_at),
        "lastConfig": found.config,
    }


def _shown(version: Version, whole: Whole) -> Json:
    return {
        "id": version.id,
        "type": version.kind,
        "name": version.name,
        "version": version.number,
        "prompt": whole.prompt,
        "config": version.written.config,
        "labels": version.labels,
        "tags": version.tags,
        "commitMessage": version.written.message,
        "resolutionGraph": _graph(version, whole),
        "createdAt": time_text(version.created_at),
        "createdBy": version.created_by,
    }


def _graph(version: Version, whole: Whole) -> Json | None:
    if not whole.quoted:
        return None
    quoted = {by: [_node(one) for one in which] for by, which in whole.quoted.items()}
    return {"root": _node(version), "dependencies": quoted}


def _node(version: Version) -> Json:
    return {"name": version.name, "version": version.number, "id": version.id}
