"""Requests about prompts in; versions, kept and audited, and what calls with each of them cost, out.

Reading needs the scope read, changing admin.
"""

import time
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Path, Request, Response

from farthing.access.identity import Identity
from farthing.api import changes, paging
from farthing.api.identity import Guard, project_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.prompt_schemas import (
    MeasuredPrompt,
    PromptChanges,
    PromptInList,
    PromptList,
    PromptVersion,
    PromptWanted,
    VersionChanges,
    WholePrompt,
)
from farthing.api.routes import Routes
from farthing.prompts.book import New, Prompts
from farthing.prompts.composing import Whole
from farthing.prompts.prompt import Content, Listed, Version
from farthing.query import question, run
from farthing.query.dimensions import Dimension
from farthing.query.filters import OneOf
from farthing.query.question import Given
from farthing.query.shapes import Json
from farthing.store.meta.prompts import Wanted
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

MONTH_S = 30 * 86_400

Number = Annotated[int, Path(ge=1, lt=1 << 31)]


def router(prompts: Prompts, engine: Engine, rollup: Rollup, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    answers = documented(400, 401, 403, 404, 409, 422, 503)
    routes = Routes(prefix="/api/v1", tags=["prompts"], responses=answers)
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    @routes.get("/prompts", summary="List prompts, by name", dependencies=reading)
    def listing(
        request: Request, q: str = "", label: str = "", tag: str = "", limit: int = 50, cursor: str = ""
    ) -> PromptList:
        part = paging.part(cursor, limit)
        found, total = prompts.listing(project_of(request), Wanted(text=q, label=label, tag=tag), *part)
        return PromptList(data=[_listed(one) for one in found], next_cursor=paging.after(part, total))

    @routes.post("/prompts", summary="Add a version of a prompt", status_code=201, dependencies=changing)
    def create(wanted: PromptWanted, request: Request) -> PromptVersion:
        new = New(
            wanted.name, wanted.prompt, wanted.type, wanted.config, wanted.labels, wanted.tags, wanted.commit_message
        )
        return PromptVersion(**_shown(prompts.create(_who(request), new)))

    @routes.get(
        "/prompts/{name:path}/versions/{version}", summary="One version, with all it quotes", dependencies=reading
    )
    def one(name: str, version: str, request: Request, *, resolve: bool = True) -> WholePrompt:
        project_id = project_of(request)
        number, label = (int(version), None) if _is_number(version) else (None, version)
        found = prompts.get(project_id, name, number, label)
        whole = prompts.whole(found, project_id) if resolve else Whole(found.written.prompt)
        quotes = list(dict.fromkeys(quoted.id for which in whole.quoted.values() for quoted in which))
        return WholePrompt(**_shown(found, whole.prompt), quotes=quotes)

    @routes.patch("/prompts/{name:path}/versions/{version}", summary="Change a version's labels", dependencies=changing)
    def label_(name: str, version: Number, wanted: VersionChanges, request: Request) -> PromptVersion:
        return PromptVersion(**_shown(prompts.label(_who(request), name, version, wanted.labels, only=True)))

    @routes.delete(
        "/prompts/{name:path}/versions/{version}", summary="Remove a version", status_code=204, dependencies=changing
    )
    def remove_version(name: str, version: Number, request: Request) -> None:
        prompts.remove(_who(request), name, version)

    @routes.get(
        "/prompts/{name:path}",
        summary="A prompt's versions, and what calls with each cost",
        response_model=None,
        responses={200: {"model": MeasuredPrompt}},
        dependencies=reading,
        openapi_extra={"parameters": _RANGE},
    )
    def measured(name: str, request: Request) -> Response:
        versions = prompts.versions(project_of(request), name)
        told = _measured(engine, rollup, request, name, versions)
        return Response(msgspec.json.encode(told), media_type="application/json")

    @routes.patch("/prompts/{name:path}", summary="Change a prompt's tags", dependencies=changing)
    def tag_(name: str, wanted: PromptChanges, request: Request) -> PromptInList:
        return _listed(prompts.tag(_who(request), name, wanted.tags))

    @routes.delete(
        "/prompts/{name:path}", summary="Remove a prompt with all versions", status_code=204, dependencies=changing
    )
    def remove(name: str, request: Request) -> None:
        prompts.remove(_who(request), name)

    # Not below the others, where it would be a prompt's name.
    @routes.get("/prompt-history", summary="Who changed what of a prompt", dependencies=reading)
    def history(name: str, request: Request, limit: int = 100) -> ChangeList:
        return changes.shown(prompts.history(project_of(request), name, changes.most(limit)))

    return routes


_RANGE: list[dict[str, Any]] = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("from", "Calls from this time on: RFC 3339, Unix seconds, or relative, such as now-30d, the default."),
        ("to", "Likewise; now by default. Not included."),
    )
]


def _measured(engine: Engine, rollup: Rollup, request: Request, name: str, versions: list[Version]) -> Json:
    now_ns = time.time_ns()
    others = [pair for pair in request.query_params.multi_items() if pair[0] != "tag.prompt"]
    given = Given(others)
    scope, tz = question.take_scope(given, project_of(request), now_ns, MONTH_S)
    given.finish(question.RANGE)
    scope = msgspec.structs.replace(scope, filters=(*scope.filters, OneOf(Dimension("tag.prompt"), (name,))))
    asked = question.Question(
        scope, (Dimension("prompt_version", "prompt_version"),), tz=tz, limit=question.MOST_GROUPS
    )
    answer = run.ask(engine, rollup, asked)
    groups: dict[str, Json] = {group["prompt_version"] or "": group for group in answer["groups"]}
    mine = [{**_shown(version), "usage": _plain(groups.pop(str(version.number), None))} for version in versions]
    return {
        "name": name,
        "from": answer["from"],
        "to": answer["to"],
        "total": answer["total"],
        "versions": mine,
        "other_versions": list(groups.values()),
    }


def _plain(group: Json | None) -> Json | None:
    return None if group is None else {key: value for key, value in group.items() if key != "prompt_version"}


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) < 10


def _listed(found: Listed) -> PromptInList:
    return PromptInList(
        name=found.name,
        type=found.kind.value,
        tags=list(found.tags),
        labels=dict(found.labels),
        versions=list(found.versions),
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


def _shown(version: Version, prompt: Content | None = None) -> Json:
    content = version.written.prompt if prompt is None else prompt
    return {
        "id": version.id,
        "name": version.name,
        "version": version.number,
        "type": version.kind.value,
        "prompt": content if isinstance(content, str) else [dict(message) for message in content],
        "config": version.written.config,
        "labels": list(version.labels),
        "tags": list(version.tags),
        "commit_message": version.written.message,
        "created_at": version.created_at,
        "created_by": version.created_by,
    }
