"""GET requests for spend, calls, traces and spans in; their answers, always of the key's own project, out."""

import asyncio
import gzip
import hashlib
import time
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.api import schemas
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.api.timeline_schemas import Timeline
from farthing.query import filters, judged, listing, moments, run
from farthing.query import one_trace as tracing
from farthing.query import traces as trace_lists
from farthing.query.answers import Answers
from farthing.query.shapes import Json
from farthing.query.timeline import timeline
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

TAIL_SECONDS = 10.0
LOOK_EVERY = 0.25
"""How long a tail waits for the next call, and how often it looks."""

WORTH_PACKING = 16_384
"""Bytes of an answer. At gzip's lowest level a tenth or a fifth is left, for some milliseconds per megabyte."""

_RANGE = {
    "from": "RFC 3339, Unix seconds, or relative: now-24h (the default), 7d.",
    "to": "Likewise; now by default. Not included.",
    "tz": "IANA time zone of days, weeks and months; UTC by default.",
}
_FILTER = "A filter. Repeated: any of them; ! in front: none of them; empty: nobody said."


def parameters(own: dict[str, str]) -> dict[str, Any]:
    """The OpenAPI entry of query parameters, filters included."""
    named = {**own, **_RANGE, **dict.fromkeys(filters.names(), _FILTER)}
    entries: list[dict[str, Any]] = [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in named.items()
    ]
    entries.append(
        {
            "name": "tags",
            "in": "query",
            "required": False,
            "style": "form",
            "explode": True,
            "description": "Any tag is a filter too: tag.<key>=<value>.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    )
    entries.append(
        {
            "name": "scores",
            "in": "query",
            "required": False,
            "style": "form",
            "explode": True,
            "description": "Scores are filters too: score.<name>>=0.8, score.<name><=0.2, score.<name>=<label or number>;"
            " of a call or of its trace. Empty: nobody judged it by that name; !: somebody did.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    )
    return {"parameters": entries}


def _json(answer: Any, request: Request) -> Response:
    return _packed(msgspec.json.encode(answer), request, {})


def _tagged(body: bytes, request: Request) -> Response:
    """What a browser has already isn't sent again; it asks each time whether it still holds."""
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Response(status_code=304, headers=headers)
    return _packed(body, request, headers)


def _packed(body: bytes, request: Request, headers: dict[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    if len(body) >= WORTH_PACKING and "gzip" in accepted:
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="application/json", headers=headers)


def router(engine: Engine, rollup: Rollup, guard: Guard) -> Routes:  # noqa: C901  a list of routes
    """The routes; `guard` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1", tags=["questions"], dependencies=[Depends(guard)], responses=documented(400, 401, 403, 503)
    )

    answers = Answers(time.monotonic)
    rollup.listen(answers.heard)

    def pairs(request: Request) -> list[tuple[str, str]]:
        return request.query_params.multi_items()

    def once(request: Request, make: Callable[[str, list[tuple[str, str]]], Json]) -> Response:
        """Asked once for all who ask the same while nothing changes. Of what other servers write nobody hears here."""
        project_id, asked = project_of(request), pairs(request)
        if not engine.is_alone:
            return _tagged(msgspec.json.encode(make(project_id, asked)), request)
        if any(
            judged.is_one(name) or name == "include" or (name == "by" and judged.PREFIX in value)
            for name, value in asked
        ):
            # Of new scores nobody hears here either.
            return _tagged(msgspec.json.encode(make(project_id, asked)), request)
        ends = [value for name, value in asked if name in ("from", "to")]
        fixed = len(ends) == 2 and all(map(moments.is_fixed, ends))
        key = (request.url.path, *asked)
        body = answers.get(project_id, key, lambda: msgspec.json.encode(make(project_id, asked)), fixed=fixed)
        return _tagged(body, request)

    @routes.get(
        "/spend",
        summary="What was spent, by what, over time",
        response_model=None,
        responses={200: {"model": schemas.Spend}},
        openapi_extra=parameters(
            {
                "by": "Up to four dimensions, comma-separated; any tag is one: tag.<key>, and any score: score.<name>, by label"
                " or by range. A call without that score is in a group of its own, null.",
                "edges": "Where ranges of scores that are numbers begin: 0.5,0.8. By default whole numbers up to ten stand for"
                " themselves, others are in ranges of a tenth, of one, of ten …",
                "granularity": "auto, minute, hour, day, week, month or none.",
                "limit": "How many groups are told apart; the rest is one with others=true.",
            }
        ),
    )
    def spend(request: Request) -> Response:
        return once(request, lambda project, asked: run.spend(engine, rollup, project, asked, time.time_ns()))

    @routes.get(
        "/calls",
        summary="Calls, newest first",
        response_model=None,
        responses={200: {"model": schemas.Calls}},
        openapi_extra=parameters(
            {
                "limit": "1 to 1000, 50 by default.",
                "cursor": "next_cursor of the page before.",
                "sort": "start_time, cost, latency, ttft, input_tokens, output_tokens; - in front: the highest first.",
                "include": "restated: also calls whose tokens another call owns, marked; scores: those of each call and of its"
                " trace. Both with a comma between them.",
            }
        ),
    )
    def calls(request: Request) -> Response:
        return once(request, lambda project, asked: listing.calls(engine, project, asked, time.time_ns()))

    @routes.get(
        "/calls/tail",
        summary="Calls as they come in",
        description="Answers as soon as there are calls after the cursor, or empty after some seconds. Begin without a cursor.",
        response_model=None,
        responses={200: {"model": schemas.Calls}},
        openapi_extra={
            "parameters": [{"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}}]
        },
    )
    async def tail(request: Request) -> Response:
        asked = pairs(request)
        deadline = time.monotonic() + TAIL_SECONDS
        while True:
            page = await run_in_threadpool(listing.tail, engine, project_of(request), asked, time.time_ns())
            over = time.monotonic() > deadline or not asked or await request.is_disconnected()
            if page["data"] or over:
                return _json(page, request)
            await asyncio.sleep(LOOK_EVERY)

    @routes.get(
        "/calls/{call_id}",
        summary="One call with every line of its cost",
        response_model=None,
        responses={200: {"model": schemas.CallDetail}, **documented(404)},
    )
    def one_call(call_id: str, request: Request) -> Response:
        return _json(listing.one_call(engine, project_of(request), call_id), request)

    @routes.get(
        "/traces",
        summary="Traces with matching calls, the latest first",
        response_model=None,
        responses={200: {"model": schemas.Traces}},
        openapi_extra=parameters({"limit": "1 to 1000, 50 by default.", "cursor": "next_cursor of the page before."}),
    )
    def traces(request: Request) -> Response:
        return _json(trace_lists.traces(engine, project_of(request), pairs(request), time.time_ns()), request)

    @routes.get(
        "/traces/{trace_id}",
        summary="One trace: its spans as a tree, without bodies, with what each cost itself and with all below it",
        response_model=None,
        responses={200: {"model": schemas.TraceDetail}, **documented(404)},
        openapi_extra={
            "parameters": [
                {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
                for name, text in {
                    "limit": "How many spans, 1 to 10,000; 10,000 by default.",
                    "cursor": "next_cursor of the page before.",
                }.items()
            ]
        },
    )
    def one_trace(trace_id: str, request: Request) -> Response:
        return _json(tracing.one_trace(engine, project_of(request), trace_id, pairs(request)), request)

    @routes.get(
        "/traces/{trace_id}/timeline",
        summary="All spans of one trace at once, column by column, for drawing",
        response_model=None,
        responses={200: {"model": Timeline}, **documented(404)},
    )
    def one_timeline(trace_id: str, request: Request) -> Response:
        return _json(timeline(engine, project_of(request), trace_id), request)

    @routes.get(
        "/spans/{trace_id}/{span_id}",
        summary="One span with its attributes and events",
        response_model=None,
        responses={200: {"model": schemas.SpanDetail}, **documented(404)},
    )
    def one_span(trace_id: str, span_id: str, request: Request) -> Response:
        return _json(listing.one_span(engine, project_of(request), trace_id, span_id), request)

    return routes
