"""Requests of Langfuse's SDKs about runs in; traces linked to items, runs made on the fly, and both as they parse them, out.

A link may come before the spans of its trace, and the run's id is the one that the spans of an experiment tell. Python's releases
before 2.37 make datasets at the same address, and ask for one with all it has; JavaScript's third version makes them there, too.
"""

import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from farthing.catalogue.overrides import Actor
from farthing.datasets.book import Datasets
from farthing.datasets.dataset import ACTIVE, Dataset, Item, name_of
from farthing.datasets.runs import Run, Runs
from farthing.errors import BadRequestError, NotFoundError
from farthing.langfuse.dataset_items import files_of
from farthing.langfuse.dataset_items import shown as item_shown
from farthing.langfuse.datasets import actor_of, named, saved
from farthing.langfuse.datasets import shown as dataset_shown
from farthing.langfuse.identity import identity_of, project_of, reading, sending
from farthing.langfuse.item_media import Find
from farthing.langfuse.names import LONGEST, is_span_id, is_trace_id, span_bytes, trace_bytes
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import Json, Page, answer, moment, new_router, object_of, page_of, time_of
from farthing.model.run import NO_SPAN, RunItem, case_id
from farthing.query.moments import NS
from farthing.store.meta.datasets import Wanted

_MS = NS // 1000


class _Desk:
    """What is done for the routes, on threads."""

    def __init__(self, parts: Parts) -> None:
        """The rest of the house."""
        self.datasets = Datasets(parts.database, time.time_ns)
        self.runs = Runs(parts.database, parts.engine, time.time_ns)

    def link(self, project_id: str, told: Json) -> Json:
        """A trace, or a span of one, is a case of a run. Raises `BadRequestError`, `NotFoundError`."""
        name = name_of(told.get("runName"), "runName")
        item_id, trace = _id(told, "datasetItemId"), _id(told, "traceId")
        observation = _id(told, "observationId") if told.get("observationId") else ""
        item = self.datasets.item(project_id, item_id)
        version = time_of("datasetVersion", told.get("datasetVersion"))
        started = time_of("createdAt", told.get("createdAt")) or time.time_ns()
        run_id = self.runs.start(
            project_id,
            item.dataset_id,
            name,
            description=told.get("runDescription"),
            metadata=told.get("metadata"),
            version_ms=None if version is None else version // _MS,
        )
        made = RunItem(
            run_id,
            item.id,
            trace_bytes(trace),
            item.dataset_id,
            name,
            item_version_ns=item.version_ms * _MS,
            trace="" if is_trace_id(trace) else trace,
            span_id=span_bytes(observation) if observation else NO_SPAN,
            observation="" if not observation or is_span_id(observation) else observation,
            started_ns=started,
        )
        self.runs.keep(project_id, [made])
        return case(made)

    def cases(self, project_id: str, asked: Json) -> list[RunItem]:
        """The cases of a run. Raises `BadRequestError`, `NotFoundError`."""
        dataset_id, name = asked.get("datasetId"), asked.get("runName")
        if not dataset_id or not name:
            msg = "datasetId and runName: those of a run."
            raise BadRequestError(msg)
        return self.runs.items(project_id, self.runs.named(project_id, dataset_id, name))

    def listed(self, project_id: str, name: str) -> tuple[list[Run], Dataset]:
        """The runs on the dataset of this name. Raises `NotFoundError`."""
        dataset = named(self.datasets, project_id, name)
        return self.runs.of_dataset(project_id, dataset.id), dataset

    def found(self, project_id: str, path: str) -> tuple[Run, Dataset]:
        """The run that a path names: the dataset, "/runs/", the run, and either may have slashes. Raises `NotFoundError`."""
        for at in range(len(path)):
            if path.startswith(_BETWEEN, at):
                try:
                    dataset = named(self.datasets, project_id, path[:at])
                    return self.runs.named(project_id, dataset.id, path[at + len(_BETWEEN) :]), dataset
                except NotFoundError:
                    continue
        msg = f"There is no run {path[:200]!r} in this project."
        raise NotFoundError(msg)

    def whole(self, project_id: str, path: str, files: Find) -> Json:
        """A run with its cases, or a dataset with its items. Raises `BadRequestError`, `NotFoundError`."""
        try:
            run, dataset = self.found(project_id, path)
        except NotFoundError as error:
            try:
                dataset = named(self.datasets, project_id, path)
            except NotFoundError:
                raise error from None
            return self._whole_dataset(dataset, files)
        cases = self.runs.items(project_id, run)
        return run_shown(run, dataset.name) | {"datasetRunItems": [case(one) for one in cases]}

    def save(self, actor: Actor, told: Json, files: Find) -> Json:
        """A dataset that is made or changed, with all it has. Raises `BadRequestError`."""
        return self._whole_dataset(saved(self.datasets, actor, told), files)

    def datasets_listed(self, project_id: str, page: Page) -> Json:
        """A page of datasets, each with the ids of its items. Raises `BadRequestError`."""
        found, total = self.datasets.listing(project_id, page.offset, page.limit)
        told = [self._with_runs(one) | {"items": [item.id for item in self._items(one)]} for one in found]
        return page.of(told, total)

    def _whole_dataset(self, dataset: Dataset, files: Find) -> Json:
        items = [item_shown(item, dataset.name, files) for item in self._items(dataset)]
        return self._with_runs(dataset) | {"items": items}

    def _with_runs(self, dataset: Dataset) -> Json:
        runs = self.runs.of_dataset(dataset.project_id, dataset.id)
        return dataset_shown(dataset) | {"runs": [run.name for run in runs]}

    def _items(self, dataset: Dataset) -> list[Item]:
        wanted = Wanted(dataset.id, status=ACTIVE)
        found = self.datasets.items(dataset.project_id, wanted, 0, MOST_AT_ONCE + 1)
        if len(found) > MOST_AT_ONCE:
            msg = f"The dataset {dataset.name!r} has more than {MOST_AT_ONCE} items: read them page by page at /dataset-items."
            raise BadRequestError(msg)
        return found


_BETWEEN = "/runs/"
MOST_AT_ONCE = 10_000
"""Items of a dataset that are told with it."""


def router(parts: Parts) -> APIRouter:
    """/dataset-run-items, /datasets, /datasets/{name} and /datasets/{name}/runs."""
    routes = new_router()
    desk = _Desk(parts)
    may_read, may_send = [Depends(reading(parts))], [Depends(sending(parts))]

    @routes.post("/dataset-run-items", dependencies=may_send)
    async def link(request: Request) -> Response:
        told = await object_of(request, parts.most_bytes)
        return answer(await run_in_threadpool(desk.link, project_of(request), told))

    @routes.get("/dataset-run-items", dependencies=may_read)
    async def cases(request: Request) -> Response:
        page = page_of(request)
        found = await run_in_threadpool(desk.cases, project_of(request), dict(request.query_params))
        return answer(page.of([case(one) for one in found[page.offset : page.offset + page.limit]], len(found)))

    @routes.post("/datasets", dependencies=may_send)
    async def save(request: Request) -> Response:
        told, actor = await object_of(request, parts.most_bytes), actor_of(identity_of(request))
        return answer(await run_in_threadpool(desk.save, actor, told, files_of(parts, request)))

    @routes.get("/datasets", dependencies=may_read)
    async def datasets(request: Request) -> Response:
        return answer(await run_in_threadpool(desk.datasets_listed, project_of(request), page_of(request)))

    @routes.get("/datasets/{path:path}", dependencies=may_read)
    async def read(request: Request, path: str) -> Response:
        if not path.endswith("/runs"):
            return answer(await run_in_threadpool(desk.whole, project_of(request), path, files_of(parts, request)))
        page = page_of(request)
        found, dataset = await run_in_threadpool(desk.listed, project_of(request), path.removesuffix("/runs"))
        some = found[page.offset : page.offset + page.limit]
        return answer(page.of([run_shown(one, dataset.name) for one in some], len(found)))

    @routes.delete("/datasets/{path:path}", dependencies=may_send)
    async def remove(request: Request, path: str) -> Response:
        run, _ = await run_in_threadpool(desk.found, project_of(request), path)
        await run_in_threadpool(desk.runs.remove, actor_of(identity_of(request)), run)
        return answer({"message": "Dataset run successfully deleted"})

    return routes


def run_shown(run: Run, dataset_name: str) -> Json:
    """A run as they parse it."""
    return {
        "id": run.id,
        "name": run.name,
        "description": run.description,
        "metadata": run.metadata,
        "datasetId": run.dataset_id,
        "datasetName": dataset_name,
        "createdAt": moment(run.created_ns),
        "updatedAt": moment(run.updated_ns),
    }


def case(item: RunItem) -> Json:
    """A case as they parse it."""
    return {
        "id": case_id(item.run_id, item.item_id, item.trace_id),
        "datasetRunId": item.run_id,
        "datasetRunName": item.run_name,
        "datasetItemId": item.item_id,
        "traceId": item.trace_text,
        "observationId": item.observation_text or None,
        "createdAt": moment(item.started_ns),
        "updatedAt": moment(item.ended_ns or item.started_ns),
    }


def _id(told: Json, field: str) -> str:
    said: Any = told.get(field)
    if not isinstance(said, str) or not 0 < len(said) <= LONGEST or "\0" in said:
        msg = f"{field}: an id of at most {LONGEST} characters."
        raise BadRequestError(msg)
    return said
