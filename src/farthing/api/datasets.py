"""Requests about datasets in; datasets, and runs on them with what each case cost, out."""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query, Request, params

from farthing.api import changes, dataset_items
from farthing.api import dataset_schemas as schemas
from farthing.api import dataset_shapes as shapes
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.datasets.book import Datasets
from farthing.datasets.runs import Run, Runs
from farthing.errors import NotFoundError
from farthing.query import cursors, runs
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

_Depends = Sequence[params.Depends]
_CURSOR = "next_cursor of the page before."
_MOST = 1_000


def routers(
    database: Database, engine: Engine, most_bytes: int, may_read: Guard, may_send: Guard, may_change: Guard
) -> list[Routes]:
    """The routes; the guards let in keys with the scopes read, ingest and admin."""
    routes = Routes(prefix="/api/v1/datasets", tags=["datasets"], responses=documented(400, 401, 403, 404, 422, 503))
    reading, sending, changing = [Depends(may_read)], [Depends(may_send)], [Depends(may_change)]
    datasets, held = Datasets(database, time.time_ns), Runs(database, engine, time.time_ns)
    _datasets(routes, datasets, reading, sending, changing)
    _runs(routes, datasets, held, reading, sending, changing)
    _cases(routes, datasets, held, engine, reading)
    return [routes, dataset_items.router(datasets, engine, most_bytes, may_read=may_read, may_send=may_send)]


def _datasets(routes: Routes, datasets: Datasets, reading: _Depends, sending: _Depends, changing: _Depends) -> None:
    def shown(request: Request, dataset_id: str) -> schemas.DatasetShown:
        found = datasets.get(project_of(request), dataset_id)
        return shapes.dataset(found, datasets.counts(found.project_id, [found.id]).get(found.id, 0))

    @routes.get("", summary="List datasets, the newest first", dependencies=reading)
    def listing(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
        cursor: Annotated[str | None, Query(description=_CURSOR)] = None,
        name: Annotated[str | None, Query(description="Only the one of this name.")] = None,
    ) -> schemas.DatasetList:
        if name is not None:
            mine = datasets.with_name(project_of(request), name)
            return schemas.DatasetList(data=[shown(request, one.id) for one in mine], next_cursor=None)
        offset = int((cursors.unpack(cursor, cursors.COUNT) or ["0"])[0])
        found, total = datasets.listing(project_of(request), offset, limit)
        counts = datasets.counts(project_of(request), [one.id for one in found])
        after = offset + len(found)
        return schemas.DatasetList(
            data=[shapes.dataset(one, counts.get(one.id, 0)) for one in found],
            next_cursor=cursors.pack([str(after)]) if found and after < total else None,
        )

    @routes.post("", summary="Make a dataset", status_code=201, dependencies=sending, responses=documented(409))
    def create(wanted: schemas.DatasetWanted, request: Request) -> schemas.DatasetShown:
        made = datasets.create(actor_of(request), wanted.model_dump())
        return shapes.dataset(made, 0)

    @routes.get("/{dataset_id}", summary="One dataset, by its id or name", dependencies=reading)
    def one(dataset_id: str, request: Request) -> schemas.DatasetShown:
        return shown(request, dataset_id)

    @routes.patch(
        "/{dataset_id}",
        summary="Change a dataset; its items must keep to new schemas",
        dependencies=changing,
        responses=documented(409),
    )
    def change(dataset_id: str, wanted: schemas.DatasetChanges, request: Request) -> schemas.DatasetShown:
        made = datasets.change(actor_of(request), dataset_id, wanted.model_dump(exclude_unset=True))
        return shown(request, made.id)

    @routes.delete(
        "/{dataset_id}",
        summary="Delete a dataset with all versions of its items; its runs stay",
        status_code=204,
        dependencies=changing,
    )
    def remove(dataset_id: str, request: Request) -> None:
        datasets.remove(actor_of(request), dataset_id)

    @routes.get(
        "/{dataset_id}/history", summary="Who changed what of a dataset, the latest first", dependencies=reading
    )
    def history(dataset_id: str, request: Request, limit: int = 100) -> ChangeList:
        found = datasets.get(project_of(request), dataset_id)
        return changes.shown(datasets.history(found.project_id, found.id, changes.most(limit)))


def _runs(
    routes: Routes, datasets: Datasets, held: Runs, reading: _Depends, sending: _Depends, changing: _Depends
) -> None:
    @routes.get("/{dataset_id}/runs", summary="Runs on a dataset, the latest first", dependencies=reading)
    def listing(dataset_id: str, request: Request) -> schemas.RunList:
        found = datasets.get(project_of(request), dataset_id)
        return schemas.RunList(data=[shapes.run(one) for one in held.of_dataset(found.project_id, found.id)])

    @routes.post(
        "/{dataset_id}/runs",
        summary="Make a run, or say more of the one of that name",
        status_code=201,
        dependencies=sending,
    )
    def start(dataset_id: str, wanted: schemas.RunWanted, request: Request) -> schemas.RunShown:
        found = datasets.get(project_of(request), dataset_id)
        run_id = held.start(
            found.project_id,
            found.id,
            wanted.name,
            description=wanted.description,
            metadata=wanted.metadata,
            version_ms=shapes.at_ms(wanted.version),
        )
        return shapes.run(held.get(found.project_id, run_id))

    @routes.get("/{dataset_id}/runs/{run_id}", summary="One run, by its id", dependencies=reading)
    def one(dataset_id: str, run_id: str, request: Request) -> schemas.RunShown:
        return shapes.run(_run(datasets, held, project_of(request), dataset_id, run_id))

    @routes.delete(
        "/{dataset_id}/runs/{run_id}",
        summary="Delete a run; the traces of its cases stay",
        status_code=204,
        dependencies=changing,
    )
    def remove(dataset_id: str, run_id: str, request: Request) -> None:
        held.remove(actor_of(request), _run(datasets, held, project_of(request), dataset_id, run_id))


def _cases(routes: Routes, datasets: Datasets, held: Runs, engine: Engine, reading: _Depends) -> None:
    @routes.get(
        "/{dataset_id}/runs/{run_id}/items",
        summary="How each item did in a run, and what it cost",
        dependencies=reading,
    )
    def listing(
        dataset_id: str,
        run_id: str,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
        cursor: Annotated[str | None, Query(description=_CURSOR)] = None,
    ) -> schemas.CaseList:
        found = _run(datasets, held, project_of(request), dataset_id, run_id)
        after = (cursors.unpack(cursor, cursors.TEXT) or [""])[0]
        told = runs.items(engine, found.project_id, [found.id], after, limit + 1)
        made = runs.of_items(engine, found.project_id, told[:limit])
        return schemas.CaseList(
            data=[shapes.case(one) for one in made],
            next_cursor=cursors.pack([told[limit - 1].item_id]) if len(told) > limit else None,
        )


def _run(datasets: Datasets, held: Runs, project_id: str, dataset_id: str, run_id: str) -> Run:
    """A run on this dataset. Raises `NotFoundError`."""
    found = datasets.get(project_id, dataset_id)
    run = held.get(project_id, run_id)
    if run.dataset_id != found.id:
        msg = f"There is no run {run_id[:80]!r} on this dataset."
        raise NotFoundError(msg)
    return run
