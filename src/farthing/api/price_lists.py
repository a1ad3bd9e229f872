"""Price lists in, as files; what they change, and lists in other tools' formats, out. Reading needs the scope read, changing admin."""

import time
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.api.identity import Guard
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import Strict
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.lists import Lists, Report
from farthing.errors import TooLargeError
from farthing.pricing.staging import Change
from farthing.query.prices import shown

Form = Annotated[str, Query(alias="format")]

MOST_BYTES = 32 << 20
MOST_TOLD = 2_000
"""Changes that are told one by one."""


class Confirmation(Strict):
    """Which held models may hold; all of them where none is named."""

    models: list[tuple[str, str]] = Field(default=[], max_length=10_000, description="Provider and model.")


def router(lists: Lists, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    routes = Routes(prefix="/api/v1/prices", tags=["prices"], responses=documented(400, 401, 403, 404, 413, 422))
    reading, changing = [Depends(may_read)], [Depends(may_change)]
    body: dict[str, Any] = {"requestBody": {"content": {"application/octet-stream": {}}, "required": True}}

    @routes.post(
        "/update",
        summary="Newer price data, as genai-prices publishes it",
        response_model=None,
        dependencies=changing,
        openapi_extra=body,
    )
    async def updated(request: Request, source: str = "", dry_run: bool = False) -> Response:
        """Live at once, but for models with a rate twenty times off the last: they wait to be confirmed."""
        data, actor = await _body(request), actor_of(request)
        return _json(_report(await run_in_threadpool(lists.update, actor, data, source, dry_run=dry_run)))

    @routes.get("/update", summary="What waits to be confirmed", response_model=None, dependencies=reading)
    def held() -> Response:
        return _json({"data": [_change(change) for change in lists.held()], "next_cursor": None})

    @routes.post("/update/confirm", summary="Let held prices hold", status_code=204, dependencies=changing)
    def confirm(which: Confirmation, request: Request) -> None:
        lists.confirm(actor_of(request), which.models)

    @routes.post(
        "/import",
        summary="Prices of another tool's list, as overrides of the whole organisation",
        response_model=None,
        dependencies=changing,
        openapi_extra=body,
    )
    async def imported(
        request: Request, form: Form, source: str = "", confirmed: bool = False, dry_run: bool = False
    ) -> Response:
        """Formats: litellm, models.dev, openlit, csv. Only rates that differ from those that hold are taken in."""
        data, actor = await _body(request), actor_of(request)
        report = await run_in_threadpool(lists.take_in, actor, data, form, source, confirmed=confirmed, dry_run=dry_run)
        return _json(_report(report))

    @routes.get("/export", summary="The catalogue in another tool's format", response_model=None, dependencies=reading)
    def export(form: Form) -> Response:
        """Formats: litellm, openlit, csv."""
        kind = "text/csv" if form == "csv" else "application/json"
        return Response(lists.export(form, time.time_ns()), media_type=kind)

    return routes


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            msg = f"A price list has at most {MOST_BYTES >> 20} MiB."
            raise TooLargeError(msg)
    return bytes(data)


def _report(report: Report) -> dict[str, Any]:
    return {
        "applied": report.applied,
        "changed_rates": len(report.changes),
        "changes": [_change(change) for change in report.changes[:MOST_TOLD]],
        "held": [{"provider": provider, "model": model} for provider, model in report.held],
        "skipped": [{"name": name, "reason": why} for name, why in report.skipped[:MOST_TOLD]],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "what": change.what.value,
        "before": None if change.before is None else shown(change.before),
        "after": None if change.after is None else shown(change.after),
        "suspicious": change.suspicious or None,
    }


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
