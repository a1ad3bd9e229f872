"""Runs of experiments as people and SDKs tell of them in; kept, put together with what spans told of them, out.

What is said of a run is in the meta store, its cases in the telemetry store. A run that only spans told of is as good as any.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.datasets.dataset import metadata_of, name_of, text_of
from farthing.errors import NotFoundError
from farthing.model.run import RunItem, run_id_of
from farthing.query import run_list
from farthing.query.moments import EPOCH, NS
from farthing.query.run_list import Seen
from farthing.store.meta import audit, datasets
from farthing.store.meta import dataset_runs as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database
from farthing.store.meta.dataset_runs import StoredRun
from farthing.store.telemetry import run_rows
from farthing.store.telemetry.engine import Engine

SUBJECT = "run:"
_MS = NS // 1000


class Run(msgspec.Struct, frozen=True):
    """A run. `dataset_id`: "" where its data is in no dataset. Times are Unix nanoseconds."""

    id: str
    project_id: str
    dataset_id: str
    name: str
    description: str | None
    metadata: Any
    version_ms: int | None
    """The last change of the dataset that it was tried on: runs of the same version were tried on the same items.

    None: nobody knows, or, in a list of all runs, nobody said."""
    created_ns: int
    updated_ns: int
    began_ns: int
    """When its first case began."""
    items: int
    """How many items it has cases of."""
    errors: int
    """How many of them failed."""


class Runs:
    """The runs of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, engine: Engine, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._database = database
        self._engine = engine
        self._clock = clock

    def start(
        self,
        project_id: str,
        dataset_id: str,
        name: Any,
        *,
        description: Any = None,
        metadata: Any = None,
        version_ms: int | None = None,
    ) -> str:
        """Make the run of this name on this dataset, unless it is there; its id. What is told replaces what was.

        Raises `BadRequestError`.
        """
        called = name_of(name, "name of the run")
        run_id, now = run_id_of(project_id, dataset_id, called), self._moment()
        said = (text_of(description, "description"), metadata_of(metadata), version_ms)
        # Every case of a run tells of it, and nearly all of them nothing new.
        with self._database.read() as session:
            held = rows.get(session, project_id, run_id)
        if held is not None and all(
            new in (None, old) for new, old in zip(said, (held.description, held.meta, held.version_ms), strict=True)
        ):
            return run_id
        with self._database.write() as session:
            rows.put(session, StoredRun(project_id, run_id, dataset_id, called, *said, now, now))
        return run_id

    def keep(self, project_id: str, items: Sequence[RunItem]) -> None:
        """Keep cases; what several tell of one is put together. Raises `StoreError`."""
        run_rows.keep(self._engine, project_id, items, self._clock() // 1000)

    def of_dataset(self, project_id: str, dataset_id: str) -> list[Run]:
        """The runs on a dataset, the latest first. Raises `StoreError`."""
        seen = run_list.seen(self._engine, run_list.Wanted(project_id, dataset_ids=[dataset_id]))
        with self._database.read() as session:
            said = rows.of_dataset(session, project_id, dataset_id)
        return self._dated(project_id, _joined(project_id, said, seen))

    def all(self, project_id: str) -> list[Run]:
        """All runs of a project, the latest first. Raises `StoreError`."""
        seen = run_list.seen(self._engine, run_list.Wanted(project_id))
        with self._database.read() as session:
            said = rows.of_dataset(session, project_id, None)
        return _joined(project_id, said, seen)

    def of_ids(self, project_id: str, run_ids: Sequence[str]) -> dict[str, Run]:
        """Id → run, of those that are there. Raises `StoreError`."""
        if not run_ids:
            return {}
        seen = run_list.seen(self._engine, run_list.Wanted(project_id, run_ids=run_ids))
        with self._database.read() as session:
            said = list(rows.of_ids(session, project_id, run_ids).values())
        return {run.id: run for run in self._dated(project_id, _joined(project_id, said, seen))}

    def _dated(self, project_id: str, runs: Sequence[Run]) -> list[Run]:
        """The same, each with the last change of its dataset before it, or before the moment it asked for."""
        with self._database.read() as session:
            changes = datasets.changes(session, project_id, sorted({run.dataset_id for run in runs if run.dataset_id}))
        found: list[Run] = []
        for run in runs:
            known = changes.get(run.dataset_id, [])
            place = bisect_right(known, run.began_ns // _MS if run.version_ms is None else run.version_ms)
            found.append(msgspec.structs.replace(run, version_ms=known[place - 1]) if place else run)
        return found

    def get(self, project_id: str, run_id: str) -> Run:
        """One by its id. Raises `NotFoundError`, `StoreError`."""
        found = self.of_ids(project_id, [run_id])
        if run_id not in found:
            raise _missing(run_id)
        return found[run_id]

    def named(self, project_id: str, dataset_id: str, name: str) -> Run:
        """One on a dataset by its name. Raises `NotFoundError`, `StoreError`."""
        made = run_id_of(project_id, dataset_id, name)
        if found := self.of_ids(project_id, [made]).get(made):
            return found
        for run in self.of_dataset(project_id, dataset_id):
            if run.name == name:
                return run
        raise _missing(name)

    def items(self, project_id: str, run: Run) -> list[RunItem]:
        """All cases of a run, the latest first. Raises `StoreError`."""
        return run_list.items(self._engine, run_list.Wanted(project_id, run_ids=[run.id]), run_list.MOST)

    def remove(self, actor: Actor, run: Run) -> None:
        """Forget a run and which traces were its cases; these stay. Raises `StoreError`."""
        now = self._moment()
        before = msgspec.json.encode({"name": run.name, "dataset_id": run.dataset_id, "items": run.items}).decode()
        run_rows.forget(self._engine, actor.project_id, run.dataset_id, run.id)
        with self._database.write() as session:
            rows.remove(session, actor.project_id, run.id)
            entry = Entry(now, str(actor), "removed", SUBJECT + run.id, actor.project_id, before)
            audit.record(session, entry)

    def _moment(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._clock() // 1000)


def _joined(project_id: str, said: Sequence[StoredRun], seen: Sequence[Seen]) -> list[Run]:
    told = {run.id: run for run in said}
    told_of = {run.id: run for run in seen}
    found = [_run(project_id, told.get(name), told_of.get(name)) for name in dict.fromkeys((*told, *told_of))]
    return sorted(found, key=lambda run: (run.created_ns, run.id), reverse=True)


def _run(project_id: str, said: StoredRun | None, seen: Seen | None) -> Run:
    created = _ns(said.created_at) if said else seen.first_ns if seen else 0
    updated = max(_ns(said.updated_at) if said else 0, seen.last_ns if seen else 0)
    metadata = (said.meta if said else None) or (seen.metadata if seen else "")
    return Run(
        said.id if said else seen.id if seen else "",
        project_id,
        said.dataset_id if said else seen.dataset_id if seen else "",
        said.name if said else seen.name if seen else "",
        (said.description if said else None) or (seen.description if seen else "") or None,
        _json(metadata),
        said.version_ms if said else None,
        created,
        updated,
        seen.first_ns if seen and seen.first_ns else created,
        seen.items if seen else 0,
        seen.errors if seen else 0,
    )


def _json(document: str) -> Any:
    if not document:
        return None
    try:
        return msgspec.json.decode(document)
    except msgspec.DecodeError:  # a text of the application's own
        return document


def _ns(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"There is no run {name[:80]!r}.")
