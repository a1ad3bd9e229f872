"""Scores posted, asked for and deleted by Langfuse's SDKs in; kept, and listed in every version's shape, out."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.annotation.score_configs import ScoreConfigs
from farthing.errors import BadRequestError, NotFoundError
from farthing.langfuse import score_shapes
from farthing.langfuse.identity import project_of, reading, sending
from farthing.langfuse.names import span_bytes, trace_bytes
from farthing.langfuse.parts import Parts
from farthing.langfuse.score_kinds import understood
from farthing.langfuse.shapes import (
    MOST_ON_A_PAGE,
    Json,
    answer,
    body_of,
    cursor_of,
    cursor_page,
    new_router,
    number_of,
    page_of,
    time_of,
)
from farthing.model.score import DataType, Score, Target
from farthing.query import of_traces
from farthing.query import scores as asking
from farthing.query.scores import Asked
from farthing.scoring import Scoring
from farthing.store.telemetry import score_rows

MOST_AT_ONCE = 10_000
MOST_SAID = 20
"""Refused scores of one request that are explained."""

_FAR_NS = 253_402_300_799 * 10**9


class Scores:
    """Keeps what comes by itself and what comes among events."""

    def __init__(self, parts: Parts) -> None:
        """All parts are running."""
        self._scoring = Scoring(parts.engine, parts.pipeline)
        self._configs = ScoreConfigs(parts.database, lambda: datetime.now(UTC))

    def posted(self, project_id: str, body: Json, now_ns: int) -> Score:
        """A score as it is to be kept; one that names a config has to fit it. Blocks. Raises `BadRequestError`."""
        config_id = body.get("configId")
        if isinstance(config_id, str) and config_id:
            kind, value = self._configs.conforming(
                project_id, config_id, body.get("name"), body.get("dataType"), body.get("value")
            )
            body = {**body, "dataType": kind.value, "value": value}
        return score_shapes.posted(body, now_ns)

    async def keep(self, project_id: str, scores: Sequence[Score]) -> None:
        """Raises `BusyError`, `StoreError`."""
        await self._scoring.keep(project_id, scores)

    async def delete(self, project_id: str, score_id: str) -> None:
        """Raises `NotFoundError`, `StoreError`."""
        await run_in_threadpool(self._scoring.delete, project_id, score_id)


def router(parts: Parts, scores: Scores) -> APIRouter:
    """The routes."""
    routes = new_router()
    may_send = [Depends(sending(parts))]

    @routes.post("/scores", dependencies=may_send)
    async def post(request: Request) -> Response:
        told = await body_of(request, parts.most_bytes)
        project_id, now_ns = project_of(request), time.time_ns()
        if isinstance(told, dict):
            score = await run_in_threadpool(scores.posted, project_id, cast("Json", told), now_ns)
            await scores.keep(project_id, [score])
            return answer({"id": score.id})
        if not isinstance(told, list):
            msg = "The body has to be a score or a list of scores."
            raise BadRequestError(msg)
        good, errors = await run_in_threadpool(_sorted, scores, project_id, cast("list[Any]", told), now_ns)
        await scores.keep(project_id, good)
        if not errors:
            return answer({"message": "Accepted"}, 202)
        said = [{"message": one} for one in errors[:MOST_SAID]]
        return answer({"accepted": len(good), "rejected": len(errors), "errors": said}, 207)

    @routes.delete("/scores/{score_id:path}", dependencies=may_send)
    async def delete(request: Request, score_id: str) -> Response:
        await scores.delete(project_of(request), score_id)
        return answer({"message": "Score deleted"}, 202)

    _reads(routes, parts)
    return routes


def _reads(routes: APIRouter, parts: Parts) -> None:
    may_read = [Depends(reading(parts))]

    def listing(request: Request) -> Response:
        page, asked = page_of(request), asked_of(request)
        kinds = understood(request.headers, of_traces=not request.url.path.endswith("/v2/scores"))
        if not asked.data_types and kinds != frozenset(DataType):
            asked = msgspec.structs.replace(asked, data_types=tuple(sorted(kinds)))
        found, total = asking.page(parts.engine, asked, page.limit, page.offset)
        traces = of_traces.about(parts.engine, asked.project_id, {one.trace_id for one in found})
        return answer(page.of([{**score_shapes.legacy(one), "trace": _trace(one, traces)} for one in found], total))

    def one(request: Request, score_id: str) -> Response:
        found = score_rows.by_ids(parts.engine, project_of(request), [score_id])
        if not found:
            msg = f"There is no score {score_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return answer(score_shapes.legacy(found[0]))

    for prefix in ("", "/v2"):
        routes.add_api_route(f"{prefix}/scores", listing, methods=["GET"], dependencies=may_read)
        routes.add_api_route(f"{prefix}/scores/{{score_id:path}}", one, methods=["GET"], dependencies=may_read)

    @routes.get("/v3/scores", dependencies=may_read)
    def third(request: Request) -> Response:
        limit = number_of(request, "limit", 50, 1, MOST_ON_A_PAGE)
        asked = asked_of(request)
        found = asking.following(parts.engine, asked, limit + 1, _after(request))
        shown = found[:limit]
        after = asking.key_of(shown[-1]) if len(found) > limit else None
        return answer(cursor_page([score_shapes.polymorphic(s, asked.project_id) for s in shown], limit, after))


def _sorted(scores: Scores, project_id: str, told: Sequence[Any], now_ns: int) -> tuple[list[Score], list[str]]:
    if len(told) > MOST_AT_ONCE:
        msg = f"Send at most {MOST_AT_ONCE} scores at once, not {len(told)}."
        raise BadRequestError(msg)
    good: list[Score] = []
    errors: list[str] = []
    for place, body in enumerate(told):
        try:
            if not isinstance(body, dict):
                errors.append(f"Score {place}: it has to be an object.")
            else:
                good.append(scores.posted(project_id, cast("Json", body), now_ns))
        except BadRequestError as error:
            errors.append(f"Score {place}: {error}")
    return good, errors


def asked_of(request: Request) -> Asked:
    """What the parameters of any version's list ask for. Raises `BadRequestError`."""
    params = request.query_params

    def listed(*names: str) -> tuple[str, ...]:
        return tuple(part for name in names for said in params.getlist(name) for part in said.split(",") if part)

    compared = [(operator, _number(name, params[name])) for name, operator in _BOUNDS if params.get(name)]
    values = listed("value")
    operator = params.get("operator")
    if operator and values:
        if operator not in asking.OPERATORS:
            msg = f"operator is one of {', '.join(asking.OPERATORS)}."
            raise BadRequestError(msg)
        compared, values = [*compared, (operator, _number("value", values[0]))], ()
    return Asked(
        project_of(request),
        ids=listed("id", "scoreIds"),
        names=tuple(params.getlist("name")),
        origins=listed("source"),
        data_types=listed("dataType"),
        targets=(Target.OBSERVATION.value,) if params.get("observationId") else (),
        environments=listed("environment"),
        config_ids=listed("configId"),
        queue_ids=listed("queueId"),
        authors=listed("authorUserId"),
        values=values,
        compared=tuple(compared),
        traces=tuple(trace_bytes(one) for one in listed("traceId")),
        spans=tuple(span_bytes(one) for one in listed("observationId")),
        sessions=listed("sessionId"),
        runs=listed("experimentId", "datasetRunId"),
        users=tuple(params.getlist("userId")),
        trace_tags=listed("traceTags"),
        from_ns=time_of("fromTimestamp", params.get("fromTimestamp")),
        to_ns=time_of("toTimestamp", params.get("toTimestamp")),
    )


_BOUNDS = (("valueMin", ">="), ("valueMax", "<="))


def _number(name: str, said: str) -> float:
    try:
        return float(said)
    except ValueError as error:
        msg = f"{name} has to be a number, not {said[:40]!r}."
        raise BadRequestError(msg) from error


def _after(request: Request) -> tuple[int, str] | None:
    told = cursor_of(request)
    if told is None:
        return None
    if isinstance(told, list) and [type(part) for part in cast("list[Any]", told)] == [int, str]:
        at, key = cast("list[Any]", told)
        if 0 <= at < _FAR_NS and len(key) == 32:
            return at, key
    msg = "cursor is none that was given out here."
    raise BadRequestError(msg)


def _trace(score: Score, traces: dict[bytes, of_traces.About]) -> Json | None:
    told = traces.get(score.trace_id)
    if told is None:
        return None
    return {
        "userId": told.user_id or None,
        "tags": list(told.tags),
        "environment": told.environment or score_shapes.DEFAULT_ENVIRONMENT,
        "sessionId": told.session_id or None,
    }
