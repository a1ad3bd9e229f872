"""Scores posted, asked for and deleted in; kept, each id once, and listed, out."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC
from typing import Annotated, Any

from fastapi import Body, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.api.score_schemas import ScoreList, ScorePosted, ScoreShown
from farthing.errors import NotFoundError
from farthing.model.score import NO_SPAN, NO_TRACE, DataType, Score
from farthing.query import cursors, moments
from farthing.query import scores as asking
from farthing.query.errors import ParameterError
from farthing.query.moments import rfc3339
from farthing.query.question import Given, take_limit
from farthing.query.score_posting import Posted, score_of
from farthing.query.scores import Asked
from farthing.scoring import Scoring
from farthing.store.telemetry import score_rows
from farthing.store.telemetry.engine import Engine

DEFAULT_PAGE, MOST_PAGE = 50, 1_000
MOST_AT_ONCE = 1_000

Conform = Callable[[str, str, Any, Any, Any], tuple[DataType, Any]]
"""Project, config, name, kind and value of a score; its kind and value as the config has them."""

_LISTS = {
    "id": "ids",
    "name": "names",
    "data_type": "data_types",
    "target": "targets",
    "source": "origins",
    "environment": "environments",
    "session_id": "sessions",
    "run_id": "runs",
    "config_id": "config_ids",
    "queue_id": "queue_ids",
    "author": "authors",
    "value": "values",
    "user": "users",
}
_IDS = {"trace_id": ("traces", cursors.TRACE_ID), "span_id": ("spans", cursors.SPAN_ID)}
_BOUNDS = {"min_value": ">=", "max_value": "<="}
_KEY = cursors.TRACE_ID
"""A score's key has as many digits as a trace's id."""

_ABOUT = {
    **dict.fromkeys(_LISTS, "Repeat it for one of several."),
    **dict.fromkeys(_IDS, "In hexadecimal digits; repeat it for one of several."),
    "value": "A category, a text, or a number. Repeat it for one of several.",
    "user": "Of the trace that is judged.",
    "min_value": "Scores with a number of at least this.",
    "max_value": "Likewise at most.",
    "from": "RFC 3339, Unix seconds, or relative: now-7d. From the first score on by default.",
    "to": "Likewise; not included. Up to the last one by default.",
    "limit": f"1 to {MOST_PAGE}; {DEFAULT_PAGE} by default.",
    "cursor": "The `next_cursor` of the page before.",
}
_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
    for name, text in _ABOUT.items()
]

_Posted = Annotated[ScorePosted | Annotated[list[ScorePosted], Body(max_length=MOST_AT_ONCE)], Body()]


def router(engine: Engine, scoring: Scoring, conform: Conform, reading: Guard, sending: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and ingest."""
    routes = Routes(prefix="/api/v1/scores", tags=["scores"], responses=documented(400, 401, 403, 404, 422, 503))
    may_read, may_send = [Depends(reading)], [Depends(sending)]

    @routes.post("", summary="Post a score, or up to 1,000 of them", status_code=201, dependencies=may_send)
    async def post(posted: _Posted, request: Request) -> ScoreList:
        """All of them are kept, or none."""
        project_id, now_ns = project_of(request), time.time_ns()
        told = posted if isinstance(posted, list) else [posted]
        made = await run_in_threadpool(lambda: [_score(project_id, one, conform, now_ns) for one in told])
        await scoring.keep(project_id, made)
        return ScoreList(data=[_shown(one) for one in made], next_cursor=None)

    @routes.get(
        "", summary="List scores, the latest first", dependencies=may_read, openapi_extra={"parameters": _PARAMETERS}
    )
    def listing(request: Request) -> ScoreList:
        given = Given(request.query_params.multi_items())
        limit = take_limit(given, DEFAULT_PAGE, MOST_PAGE)
        after = cursors.unpack(given.take("cursor"), cursors.WHOLE, _KEY)
        asked = _asked(given, project_of(request), time.time_ns())
        found = asking.following(engine, asked, limit + 1, None if after is None else (int(after[0]), after[1]))
        shown = found[:limit]
        more = None
        if len(found) > limit:
            at, key = asking.key_of(shown[-1])
            more = cursors.pack([str(at), key])
        return ScoreList(data=[_shown(one) for one in shown], next_cursor=more)

    @routes.get("/{score_id}", summary="One score", dependencies=may_read)
    def one(score_id: str, request: Request) -> ScoreShown:
        found = score_rows.by_ids(engine, project_of(request), [score_id])
        if not found:
            msg = f"There is no score {score_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return _shown(found[0])

    @routes.delete("/{score_id}", summary="Delete a score", status_code=204, dependencies=may_send)
    def delete(score_id: str, request: Request) -> Response:
        scoring.delete(project_of(request), score_id)
        return Response(status_code=204)

    return routes


def _score(project_id: str, posted: ScorePosted, conform: Conform, now_ns: int) -> Score:
    kind: Any = posted.data_type
    value: Any = posted.value
    if posted.config_id:
        kind, value = conform(project_id, posted.config_id, posted.name, kind, value)
    return score_of(
        Posted(
            name=posted.name,
            value=value,
            id=posted.id or str(uuid.uuid4()),
            time_ns=now_ns if posted.time is None else moments.parse("time", posted.time, now_ns, UTC),
            now_ns=now_ns,
            data_type=kind,
            trace=posted.trace_id or "",
            trace_id=bytes.fromhex(posted.trace_id) if posted.trace_id else NO_TRACE,
            observation=posted.span_id or "",
            span_id=bytes.fromhex(posted.span_id) if posted.span_id else NO_SPAN,
            session_id=posted.session_id or "",
            run_id=posted.run_id or "",
            comment=posted.comment,
            metadata=posted.metadata,
            config_id=posted.config_id or "",
            author=posted.author or "",
            environment=posted.environment or "",
            origin=posted.source,
        )
    )


def _asked(given: Given, project_id: str, now_ns: int) -> Asked:
    told: dict[str, Any] = {field: tuple(given.take_all(name)) for name, field in _LISTS.items()}
    for name, (field, kind) in _IDS.items():
        ids = given.take_all(name)
        if not all(kind.fullmatch(one) for one in ids):
            raise ParameterError(name, "hexadecimal digits, as many as such an id has.")
        told[field] = tuple(bytes.fromhex(one) for one in ids)
    told["compared"] = tuple(
        (operator, _number(name, said)) for name, operator in _BOUNDS.items() if (said := given.take(name)) is not None
    )
    for name, field in (("from", "from_ns"), ("to", "to_ns")):
        if (said := given.take(name)) is not None:
            told[field] = moments.parse(name, said, now_ns, UTC)
    given.finish(tuple(_ABOUT))
    return Asked(project_id, **told)


def _number(name: str, said: str) -> float:
    if not cursors.NUMBER.fullmatch(said):
        raise ParameterError(name, f"a number, not {said[:20]!r}.")
    return float(said)


def _shown(score: Score) -> ScoreShown:
    return ScoreShown(
        id=score.id,
        name=score.name,
        data_type=score.kind,
        value=score.value,
        label=score.label or None,
        text=score.text or None,
        target=score.target,
        trace_id=None if score.trace_id == NO_TRACE else score.trace_id.hex(),
        span_id=None if score.span_id == NO_SPAN else score.span_id.hex(),
        session_id=score.session_id or None,
        run_id=score.run_id or None,
        comment=score.explanation or None,
        metadata=score.metadata,
        config_id=score.config_id or None,
        queue_id=score.queue_id or None,
        source=score.origin,
        signal=score.source.value,
        author=score.author or None,
        environment=score.environment or None,
        time=rfc3339(score.time_ns),
        created_at=rfc3339(score.created_ns or score.time_ns),
        updated_at=rfc3339(score.updated_ns or score.created_ns or score.time_ns),
    )
