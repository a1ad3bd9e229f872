"""A job in; the same a step further out, again and again, until it is finished: what changed is in the store by then.

A step looks at many calls, prices their shapes and writes those that change. Its revision is given before it reads, so
what is settled meanwhile stands. A job that was interrupted goes on with the step it was in: rows that had been written
are found unchanged, and what the step had found out before it wrote is kept with the job, so its sums are right.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from farthing import vitals
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Override, Scope
from farthing.reprice import asked, tally
from farthing.reprice.assess import Assessed, assess
from farthing.reprice.batch import Outcome, Row, reprice
from farthing.reprice.tally import Tally
from farthing.store.meta.reprice_jobs import Job, State
from farthing.store.telemetry import repriced, repriced_shapes
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import Calls, Span
from farthing.store.telemetry.rollup import Rollup

ROWS = 200_000
"""Calls of one step. Each step leaves parts of its own in the store, which all later ones read: fewer are faster, for intake too."""

ROWS_APART = 50_000
"""Calls that are loaded at once to be priced one by one."""

Save = Callable[[Job], None]
Json = dict[str, Any]


class Intake(Protocol):
    """What re-pricing asks of the pipeline."""

    def next_revision(self, given: Callable[[int], object]) -> int:
        """A revision that is higher than that of every row that is visible."""
        ...

    def wait_settled(self, timeout: float) -> bool:
        """Wait until everything acknowledged so far is settled."""
        ...


class Worker:
    """Takes jobs step by step. Used by one thread."""

    def __init__(
        self,
        engine: Engine,
        rollup: Rollup,
        intake: Intake,
        prices: Callable[[Override | None, str], Catalog],
        clock: Callable[[], datetime],
    ) -> None:
        """`prices` answers the catalogue of the moment, with an override that is tried if there is one, `clock` the moment."""
        self._engine = engine
        self._rollup = rollup
        self._intake = intake
        self._prices = prices
        self._clock = clock

    def steps(self, job: Job, save: Save) -> Iterator[Job]:
        """Yields the job after each step, already saved. Raises `StoreError`."""
        return self._undo(job, save) if job.state is State.UNDOING else self._reprice(job, save)

    def _reprice(self, job: Job, save: Save) -> Iterator[Job]:
        wanted = asked.from_kept(job.asked)
        trial = wanted.trial
        calls = wanted.calls(job.project_id)
        if job.state is State.QUEUED:
            # What was priced before the prices changed must not be settled behind the job's back.
            self._intake.wait_settled(30)
            progress = {"calls_total": repriced.count(self._engine, calls), "calls_seen": 0}
            job = _saved(replace(job, state=State.RUNNING, progress=progress), save)
        done = tally.from_kept(job.progress)
        while job.at_ns < wanted.end_ns:
            began = time.monotonic()
            catalog = self._prices(trial.override, trial.replaces) if trial else self._prices(None, "")
            job = self._step(job, calls, Span(job.at_ns, wanted.end_ns), done, catalog, save)
            vitals.REPRICE_SECONDS.observe(time.monotonic() - began)
            yield job
        yield _saved(replace(job, state=State.DONE, finished_at=self._clock()), save)

    def _step(self, job: Job, calls: Calls, left: Span, done: Tally, catalog: Catalog, save: Save) -> Job:
        pending: Json | None = job.progress.get("pending")
        version = catalog.version
        with self._revision() as revision:
            within = (
                Span(left.start_ns, pending["to_ns"]) if pending else repriced.step(self._engine, calls, left, ROWS)
            )
            shapes = repriced_shapes.survey(self._engine, calls, within)
            assessed, outcome = self._assess(calls, within, shapes, catalog)
            found = tally.from_kept(pending) if pending else assessed.tally
            if (assessed.changes or outcome.changes) and not job.dry_run:
                if not pending:
                    told = {**job.progress, "pending": {"to_ns": within.end_ns, **found.kept()}}
                    save(replace(job, progress=told))
                if assessed.changes:
                    repriced_shapes.change(self._engine, job.id, calls, assessed.changes, revision, within)
                if outcome.changes:
                    repriced.change(self._engine, job.id, job.project_id, outcome.changes, revision, within)
                self._touch(job, revision, within)
        done.add(found)
        vitals.CALLS_REPRICED.inc(0 if job.dry_run else found.touched)
        progress: Json = {
            **{name: value for name, value in job.progress.items() if name != "pending"},
            **done.kept(),
            "calls_seen": job.progress.get("calls_seen", 0) + sum(shape["calls"] for shape in shapes),
            "price_version": version,
        }
        return _saved(replace(job, at_ns=within.end_ns, progress=progress), save)

    def _assess(self, calls: Calls, within: Span, shapes: Sequence[Row], catalog: Catalog) -> tuple[Assessed, Outcome]:
        """What changes for whole shapes, with the sums of everything; and what changes call by call."""

        def prices_of(key: str) -> Catalog:
            return catalog.within(Scope(project=calls.project_id, key=key))

        assessed = assess(shapes, prices_of)
        if not assessed.apart:
            return assessed, Outcome([], Tally())
        sizes = {shape["shape"]: shape["calls"] for shape in shapes}
        apart = Outcome([], Tally())
        for some in _portions(assessed.apart, sizes):
            outcome = reprice(repriced.load(self._engine, calls, within, some), prices_of)
            apart.changes += outcome.changes
            assessed.tally.add(outcome.tally)
        return assessed, apart

    def _undo(self, job: Job, save: Save) -> Iterator[Job]:
        whole = repriced.changed_span(self._engine, job.id, job.project_id)
        while whole is not None and job.at_ns < whole.end_ns:
            left = Span(max(job.at_ns, whole.start_ns), whole.end_ns)
            with self._revision() as revision:
                within = repriced.undo_step(self._engine, job.id, job.project_id, left, ROWS)
                repriced.restore(self._engine, job.id, job.project_id, revision, within)
                repriced_shapes.restore(self._engine, job.id, job.project_id, revision, within)
                restored = repriced.written(self._engine, job.project_id, revision, within)
                self._touch(job, revision, within)
            progress = {**job.progress, "restored": job.progress.get("restored", 0) + restored}
            job = _saved(replace(job, at_ns=within.end_ns, progress=progress), save)
            yield job
        yield _saved(replace(job, state=State.UNDONE, undone_at=self._clock()), save)

    def _touch(self, job: Job, revision: int, within: Span) -> None:
        self._rollup.touch(job.project_id, repriced.starts(self._engine, job.project_id, revision, within))

    @contextmanager
    def _revision(self) -> Generator[int]:
        revision = self._intake.next_revision(self._rollup.hold)
        failed = True
        try:
            yield revision
            failed = False
        finally:
            self._rollup.release(revision, failed=failed)


def _portions(shapes: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """The same, as many at once as have `ROWS_APART` calls together, or one that has more."""
    some: list[int] = []
    held = 0
    for shape in shapes:
        if some and held + sizes[shape] > ROWS_APART:
            yield some
            some, held = [], 0
        some.append(shape)
        held += sizes[shape]
    if some:
        yield some


def _saved(job: Job, save: Save) -> Job:
    save(job)
    return job
