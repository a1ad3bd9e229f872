"""Requests of Langfuse's SDKs from version 4 about experiments in; what spans, links and posts told of them, as they parse it, out."""

import time
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.datasets.book import Datasets
from farthing.datasets.dataset import Item
from farthing.datasets.runs import Run, Runs
from farthing.errors import BadRequestError
from farthing.langfuse import score_shapes
from farthing.langfuse.identity import project_of, reading
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, answer, cursor_of, cursor_page, moment, new_router, number_of, time_of
from farthing.model.run import NO_SPAN, Outcome, RunItem, case_id
from farthing.model.score import Target
from farthing.normalize.content_values import Values
from farthing.query import content, run_list, scores
from farthing.query.moments import NS
from farthing.query.run_list import Wanted

_DEFAULT, _MOST = 50, 100
_MOST_SCORES = 50
_MS = NS // 1000
_EXPECTED = "langfuse.experiment.item.expected_output"


def router(parts: Parts) -> APIRouter:
    """/experiments and /experiment-items."""
    routes = new_router()
    desk = _Desk(parts)

    @routes.get("/experiments", dependencies=[Depends(reading(parts))])
    async def listing(request: Request) -> Response:
        return answer(await run_in_threadpool(desk.experiments, request))

    @routes.get("/experiment-items", dependencies=[Depends(reading(parts))])
    async def items(request: Request) -> Response:
        return answer(await run_in_threadpool(desk.items, request))

    return routes


class _Desk:
    """What is done for the routes, on threads."""

    def __init__(self, parts: Parts) -> None:
        """The rest of the house."""
        self._engine = parts.engine
        self._datasets = Datasets(parts.database, time.time_ns)
        self._runs = Runs(parts.database, parts.engine, time.time_ns)

    def experiments(self, request: Request) -> Json:
        """A page of runs, the last active first. Raises `BadRequestError`."""
        project_id, limit = project_of(request), number_of(request, "limit", _DEFAULT, 1, _MOST)
        columns = {"id": "run_ids", "name": "names", "datasetId": "dataset_ids"}
        wanted, groups = _wanted(request, columns), _groups(request, "core")
        seen = run_list.seen(self._engine, wanted, limit + 1, _after(request))
        runs = self._runs.of_ids(project_id, [one.id for one in seen[:limit]])
        data: list[Json] = []
        for one in seen[:limit]:
            run = runs[one.id]
            told: Json = {
                "id": run.id,
                "name": run.name,
                "description": run.description,
                "startTime": moment(one.first_ns),
                "endTime": moment(one.last_ns),
                "itemCount": one.items,
                "datasetId": run.dataset_id or None,
            }
            if "metadata" in groups:
                told["metadata"] = _object(run.metadata)
            if "scores" in groups:
                asked = scores.Asked(project_id, targets=(Target.RUN.value,), runs=(run.id,))
                told["scores"] = self._scores(request, asked)
            data.append(told)
        last = seen[limit - 1] if len(seen) > limit else None
        return cursor_page(data, limit, None if last is None else [last.last_ns, last.id])

    def items(self, request: Request) -> Json:
        """A page of cases, the latest first. Raises `BadRequestError`."""
        project_id, limit = project_of(request), number_of(request, "limit", _DEFAULT, 1, _MOST)
        columns = {
            "experimentId": "run_ids",
            "experimentName": "names",
            "experimentItemId": "item_ids",
            "datasetId": "dataset_ids",
        }
        wanted, groups = _wanted(request, columns), _groups(request, "core,dataset")
        found = run_list.items(self._engine, wanted, limit + 1, _after(request))
        some = found[:limit]
        runs = self._runs.of_ids(project_id, sorted({one.run_id for one in some}))
        held: dict[str, Item] = {}
        if groups & {"io", "itemMetadata"}:
            held = self._datasets.items_of(project_id, sorted({one.item_id for one in some if one.dataset_id}))
        data = [self._case(request, one, runs.get(one.run_id), held.get(one.item_id), groups) for one in some]
        after = run_list.key_of(some[-1]) if len(found) > limit else None
        return cursor_page(data, limit, after)

    def _case(self, request: Request, one: RunItem, run: Run | None, item: Item | None, groups: set[str]) -> Json:
        told = _core(one, run)
        if "dataset" in groups:
            told["experimentDatasetId"] = one.dataset_id or None
            told["experimentItemVersion"] = moment(one.item_version_ns) if one.item_version_ns else None
        if groups & {"io", "metadata"}:
            kept, expected = self._content(project_of(request), one)
            if "io" in groups:
                told["input"] = item.input if kept.input is None and item else kept.input
                told["output"] = msgspec.json.decode(one.output) if one.output else kept.output
                told["expectedOutput"] = item.expected if expected is None and item else expected
            if "metadata" in groups:
                told["metadata"] = _object(kept.metadata)
        if "itemMetadata" in groups:
            told["experimentItemMetadata"] = _object(item.metadata if item else None)
        if "experimentMetadata" in groups:
            told["experimentMetadata"] = _object(run.metadata if run else None)
            told["experimentDescription"] = run.description if run else None
        if "scores" in groups:
            asked = scores.Asked(project_of(request), traces=(one.trace_id,))
            told["scores"] = self._scores(request, asked)
        return told

    def _content(self, project_id: str, one: RunItem) -> tuple[Values, Any]:
        """What the case was given and answered, and should have answered, as far as that is kept."""
        trace = one.trace_id.hex()
        if one.span_id == NO_SPAN:
            return content.of_whole(content.of_trace(self._engine, project_id, trace)), None
        kept = content.of_span(self._engine, project_id, trace, one.span_id.hex())
        if kept is None:
            return Values(), None
        return kept.values, _expected(kept)

    def _scores(self, request: Request, asked: scores.Asked) -> list[Json]:
        most = number_of(request, "scoreLimit", _MOST_SCORES, 1, _MOST_SCORES)
        found = scores.following(self._engine, asked, most, None)
        return [score_shapes.polymorphic(one, asked.project_id) for one in found]


def _core(one: RunItem, run: Run | None) -> Json:
    return {
        "id": one.observation_text or case_id(one.run_id, one.item_id, one.trace_id),
        "traceId": one.trace_text,
        "startTime": moment(one.started_ns),
        "endTime": moment(one.ended_ns) if one.ended_ns else None,
        "level": "ERROR" if one.outcome is Outcome.ERROR else "DEFAULT",
        "environment": "sdk-experiment" if one.whole else "default",
        "experimentId": one.run_id,
        "experimentName": one.run_name or (run.name if run else one.run_id),
        "experimentItemId": one.item_id,
    }


def _expected(kept: content.Content) -> Any:
    told = kept.attributes.get(_EXPECTED)
    if not isinstance(told, str) or told.startswith("[content not kept]"):
        return None
    try:
        return msgspec.json.decode(told)
    except msgspec.DecodeError:
        return told


def _object(value: Any) -> Any:
    """Metadata has to be an object there."""
    return cast("Any", value) if value is None or isinstance(value, dict) else {"value": value}


def _groups(request: Request, default: str) -> set[str]:
    return {part.strip() for part in (request.query_params.get("fields") or default).split(",")}


def _wanted(request: Request, columns: dict[str, str]) -> Wanted:
    asked = request.query_params
    told: dict[str, Sequence[str]] = {}
    for name, field in columns.items():
        if said := asked.get(name):
            told[field] = [part.strip() for part in said.split(",") if part.strip()]
    for name, values in _filtered(asked.get("filter")):
        if name not in columns:
            msg = f"filter: columns are {', '.join(columns)}, not {name[:60]!r}."
            raise BadRequestError(msg)
        held = told.get(columns[name])
        told[columns[name]] = values if held is None else [one for one in held if one in values] or ["\0"]  # none
    return Wanted(
        project_of(request),
        **cast("dict[str, Any]", told),
        from_ns=time_of("fromStartTime", asked.get("fromStartTime")),
        to_ns=time_of("toStartTime", asked.get("toStartTime")),
    )


def _filtered(said: str | None) -> list[tuple[str, list[str]]]:
    if not said:
        return []
    try:
        conditions: Any = msgspec.json.decode(said)
        found: list[tuple[str, list[str]]] = []
        for one in conditions:
            value, operator = one["value"], one["operator"]
            if operator not in ("=", "any of"):
                msg = f"filter: the operators are = and any of, not {str(operator)[:40]!r}."
                raise BadRequestError(msg)
            values = cast("list[Any]", value) if isinstance(value, list) else [value]
            found.append((str(one["column"]), [str(part) for part in values]))
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        msg = 'filter: a JSON list of {"column", "operator", "value"}.'
        raise BadRequestError(msg) from error
    return found


def _after(request: Request) -> tuple[int, str] | None:
    told = cursor_of(request)
    if told is None:
        return None
    parts = cast("list[Any]", told) if isinstance(told, list) else []
    if len(parts) != 2 or not isinstance(parts[0], int) or not isinstance(parts[1], str):
        msg = "cursor is none that was given out here."
        raise BadRequestError(msg)
    return parts[0], parts[1]
