"""POST /ingestion: a batch of events in; each kept or refused alone, and 207 with both lists, out."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing import vitals
from farthing.errors import BadRequestError, FarthingError
from farthing.langfuse import events
from farthing.langfuse.events import Told
from farthing.langfuse.identity import identity_of, sending
from farthing.langfuse.keeping import Keeping
from farthing.langfuse.names import span_bytes
from farthing.langfuse.parts import Parts
from farthing.langfuse.scores import Scores
from farthing.langfuse.shapes import Json, answer, new_router, object_of
from farthing.model.score import Score
from farthing.prepare import Sender

MOST_EVENTS = 10_000
LARGEST_EVENT = 4 << 20
"""Bytes of one event's body as JSON."""

_KEPT = 201

_ScoreOf = Callable[[Json, int], Score]


class _Batch(msgspec.Struct):
    """The events of one request, and what became of each."""

    version: str
    spans: list[Told]
    scores: list[Score]
    done: list[str]
    errors: list[Json]

    def refuse(self, event_id: str, message: str, status: int = 400) -> None:
        """One event, alone."""
        self.errors.append({"id": event_id, "status": status, "message": message, "error": "InvalidRequestError"})


def router(parts: Parts, scores: Scores) -> APIRouter:
    """The route. `scores` keeps those that come as events."""
    routes = new_router()
    keeping = Keeping(parts)

    @routes.post("/ingestion", dependencies=[Depends(sending(parts))])
    async def ingestion(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        sent = told.get("batch")
        if not isinstance(sent, list):
            msg = "batch has to be a list of events."
            raise BadRequestError(msg)
        listed = cast("list[Any]", sent)
        if len(listed) > MOST_EVENTS:
            msg = f"batch holds {len(listed)} events; send at most {MOST_EVENTS} at once."
            raise BadRequestError(msg)
        who = identity_of(request)
        sender = Sender(who.project_id, who.key_id, who.keeps_content)
        batch = _Batch(_version(told), [], [], [], [])
        traces = await _known_traces(keeping, sender.project_id, listed)
        await run_in_threadpool(_take_all, batch, listed, traces, partial(scores.posted, who.project_id))
        await keeping.keep(sender, batch.spans)
        await scores.keep(who.project_id, batch.scores)
        if batch.errors:
            vitals.REQUESTS_REFUSED.labels("langfuse_event").inc(len(batch.errors))
        successes = [{"id": one, "status": _KEPT} for one in batch.done]
        return answer({"successes": successes, "errors": batch.errors}, 207)

    return routes


def _take_all(batch: _Batch, listed: Sequence[Any], traces: dict[str, str], score_of: _ScoreOf) -> None:
    for event in listed:
        _take(batch, event, traces, score_of)


def _take(batch: _Batch, event: Any, traces: dict[str, str], score_of: _ScoreOf) -> None:
    """Sort one event in, or refuse it."""
    if not isinstance(event, dict) or not isinstance(cast("Json", event).get("id"), str):
        batch.refuse("", "An event has to be an object with a text as id.")
        return
    told = cast("Json", event)
    event_id, kind, body = told["id"], told.get("type"), told.get("body")
    try:
        if kind == events.LOG:
            batch.done.append(event_id)
            return
        if not isinstance(body, dict):
            msg = "body has to be an object."
            raise BadRequestError(msg)
        _sort(batch, told, cast("Json", body), traces, score_of)
    except (FarthingError, msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        batch.refuse(event_id, str(error))
        return
    batch.done.append(event_id)


def _sort(batch: _Batch, event: Json, body: Json, traces: dict[str, str], score_of: _ScoreOf) -> None:
    kind = event.get("type")
    if len(msgspec.json.encode(body)) > LARGEST_EVENT:
        msg = f"The body of an event may have {LARGEST_EVENT >> 20} MiB."
        raise BadRequestError(msg)
    if kind == events.TRACE:
        batch.spans.append(events.of_trace(event, body, batch.version))
    elif kind == events.SCORE:
        batch.scores.append(score_of({"timestamp": event.get("timestamp"), **body}, time.time_ns()))
    elif isinstance(kind, str) and kind in events.OBSERVATIONS:
        told = events.of_observation(event, body, batch.version, traces.get)
        traces.setdefault(str(body.get("id")), told.trace)
        batch.spans.append(told)
    else:
        msg = f"Events of type {str(kind)[:80]!r} are not known here."
        raise BadRequestError(msg)


async def _known_traces(keeping: Keeping, project_id: str, listed: Sequence[Any]) -> dict[str, str]:
    """Observation → its trace, for those that don't say it but were told of before."""
    missing: dict[bytes, str] = {}
    named: dict[str, str] = {}
    for event in listed:
        body: Any = cast("Json", event).get("body") if isinstance(event, dict) else None
        if not isinstance(body, dict) or cast("Json", event).get("type") not in events.OBSERVATIONS:
            continue
        told = cast("Json", body)
        observation, trace = told.get("id"), told.get("traceId")
        if isinstance(observation, str) and isinstance(trace, str):
            named[observation] = trace
        elif isinstance(observation, str) and trace is None:
            missing[span_bytes(observation)] = observation
    wanted = {span: told for span, told in missing.items() if told not in named}
    if wanted:
        for span, trace_id in (await keeping.trace_ids(project_id, wanted)).items():
            named[wanted[span]] = trace_id.hex()
    return named


def _version(told: Json) -> str:
    about = told.get("metadata")
    said = cast("Json", about).get("sdk_version") if isinstance(about, dict) else None
    return said[:40] if isinstance(said, str) else ""
