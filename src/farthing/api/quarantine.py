"""GET requests for what was refused in, the list out; POST requests for one of them in, what happened when it was sent again out."""

from collections.abc import Awaitable, Callable

import msgspec
from fastapi import Depends, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.errors import ConflictError
from farthing.query import quarantine
from farthing.store.telemetry import quarantine_rows
from farthing.store.telemetry.engine import Engine

_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in {
        "reason": f"One of {', '.join(quarantine.REASONS)}.",
        "limit": "1 to 1000, 50 by default.",
        "cursor": "next_cursor of the page before.",
    }.items()
]


class Item(Model):
    """One span, log record or data point that was refused, or a trace that is kept and can't be read."""

    id: str
    received_at: str
    signal: str
    reason: str
    detail: str | None = Field(description="The reason as a sentence.")
    kept: bool = Field(description="Whether it is kept all the same, and only its calls are missing.")
    trace_id: str | None
    replayable: bool = Field(description="Whether all of it is here, so that it can be sent again.")
    size: int
    sample: dict[str, object] | str | None = Field(
        description="An OTLP/JSON request with it alone, scrubbed, at most 8 KiB; of what can't be read, its shape."
    )


class Items(Model):
    """A page of the list."""

    data: list[Item]
    next_cursor: str | None


class Replayed(Model):
    """What happened when it was sent again."""

    id: str
    accepted: bool
    detail: str | None = Field(description="Why it is refused still.")


Replay = Callable[[str, str, str], Awaitable[str]]
"""Project, signal and sample → why it is refused still, "" when it is kept."""

SettleAgain = Callable[[str, bytes, int], str]
"""Project, trace and start → why it can't be read still, "" when it is settled."""


def router(engine: Engine, reading: Guard, sending: Guard, replay: Replay, settle_again: SettleAgain) -> Routes:
    """The routes; `reading` lets in keys with the scope read, `sending` those with ingest."""
    routes = Routes(prefix="/api/v1/quarantine", tags=["quarantine"], responses=documented(400, 401, 403, 503))

    @routes.get(
        "",
        summary="What was refused lately and why, the latest first",
        description="The last 1,000 of a project, for 30 days. Of one request 20 are listed, a minute 60; all are counted.",
        response_model=None,
        dependencies=[Depends(reading)],
        responses={200: {"model": Items}},
        openapi_extra={"parameters": _PARAMETERS},
    )
    def listed(request: Request) -> Response:
        return _json(quarantine.page(engine, project_of(request), request.query_params.multi_items()))

    @routes.get(
        "/{item_id}",
        summary="One of them",
        response_model=None,
        dependencies=[Depends(reading)],
        responses={200: {"model": Item}, **documented(404)},
    )
    def shown(item_id: str, request: Request) -> Response:
        return _json(quarantine.shown(engine, project_of(request), item_id))

    @routes.delete(
        "/{item_id}",
        summary="Take one of them off the list",
        status_code=204,
        response_model=None,
        dependencies=[Depends(sending)],
        responses=documented(404),
    )
    def dropped(item_id: str, request: Request) -> Response:
        project_id = project_of(request)
        quarantine_rows.remove(engine, project_id, quarantine.one(engine, project_id, item_id).id)
        return Response(status_code=204)

    @routes.post(
        "/{item_id}/replay",
        summary="Send one of them again; it leaves the list when it is accepted",
        response_model=None,
        dependencies=[Depends(sending)],
        responses={200: {"model": Replayed}, **documented(404, 409)},
    )
    async def replayed(item_id: str, request: Request) -> Response:
        project_id = project_of(request)
        item = await run_in_threadpool(quarantine.one, engine, project_id, item_id)
        held = item.held
        if not held.replayable:
            msg = "Only a part of it was kept, so it can't be sent again. Send it again from where it came from."
            raise ConflictError(msg)
        if held.reason in quarantine.KEPT:
            refused = await run_in_threadpool(settle_again, project_id, held.trace_id, held.start_ns)
        else:
            refused = await replay(project_id, held.signal, held.sample)
        if not refused:
            await run_in_threadpool(quarantine_rows.remove, engine, project_id, item.id)
        return _json({"id": item_id, "accepted": not refused, "detail": refused or None})

    return routes


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
