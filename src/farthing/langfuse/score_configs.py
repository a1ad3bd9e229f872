"""Requests of Langfuse's SDKs about score configs in; configs, as the SDKs parse them, out."""

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.annotation.score_configs import Config, ScoreConfigs, Told
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, new_router, object_of, page_of, time_text

_FIELDS = {
    "name": "name",
    "dataType": "kind",
    "minValue": "min_value",
    "maxValue": "max_value",
    "categories": "categories",
    "description": "description",
    "isArchived": "is_archived",
}


def router(parts: Parts) -> APIRouter:
    """/score-configs."""
    routes, configs = new_router(), ScoreConfigs(parts.database, lambda: datetime.now(UTC))
    may_read, may_write = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.get("/score-configs", dependencies=may_read)
    async def listing(request: Request) -> Response:
        page, project_id = page_of(request), project_of(request)
        found, total = await run_in_threadpool(configs.listing, project_id, page.offset, page.limit)
        return answer(page.of([_shown(project_id, one) for one in found], total))

    @routes.post("/score-configs", dependencies=may_write)
    async def create(request: Request) -> Response:
        told = _told(await object_of(request, parts.most_bytes))
        made = await run_in_threadpool(configs.create, identity_of(request), told)
        return answer(_shown(project_of(request), made))

    @routes.get("/score-configs/{config_id}", dependencies=may_read)
    async def get(request: Request, config_id: str) -> Response:
        project_id = project_of(request)
        return answer(_shown(project_id, await run_in_threadpool(configs.get, project_id, config_id)))

    @routes.patch("/score-configs/{config_id}", dependencies=may_write)
    async def change(request: Request, config_id: str) -> Response:
        told = _told(await object_of(request, parts.most_bytes), skip_null=True)
        changed = await run_in_threadpool(configs.change, identity_of(request), config_id, told)
        return answer(_shown(project_of(request), changed))

    return routes


def _told(body: Json, *, skip_null: bool = False) -> Told:
    # SDKs send null for what wasn't given.
    given = {ours: body[theirs] for theirs, ours in _FIELDS.items() if theirs in body}
    return Told(**{name: value for name, value in given.items() if value is not None or not skip_null})


def _shown(project_id: str, config: Config) -> Json:
    rules = config.rules
    return {
        "id": config.id,
        "name": config.name,
        "projectId": project_id,
        "dataType": rules.kind,
        "isArchived": config.is_archived,
        "minValue": rules.min_value,
        "maxValue": rules.max_value,
        "categories": [msgspec.to_builtins(one) for one in rules.categories] or None,
        "description": rules.description,
        "createdAt": time_text(config.created_at),
        "updatedAt": time_text(config.updated_at),
    }
