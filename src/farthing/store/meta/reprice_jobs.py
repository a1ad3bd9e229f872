"""Transactions in, jobs that price recorded calls again out: what was asked, by whom, how far it came, what it changed."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.store.meta.tables import RepriceJobRow


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped by somebody; what it has changed until then stands, and can be undone."""
    UNDOING = "undoing"
    UNDONE = "undone"


UNFINISHED = frozenset({State.QUEUED, State.RUNNING, State.UNDOING})


class Job(msgspec.Struct, frozen=True):
    """One job. `at_ns` is the moment up to which calls have been dealt with (Unix ns); `progress` is the worker's own."""

    id: str
    project_id: str
    state: State
    dry_run: bool
    asked: dict[str, Any]
    created_at: datetime
    created_by: str
    at_ns: int
    progress: dict[str, Any] = {}
    error: str = ""
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None


def insert(session: Session, job: Job) -> None:
    """Add a job."""
    session.add(RepriceJobRow(**_values(job)))
    session.flush()


def update(session: Session, job: Job) -> None:
    """Keep what a job is now."""
    row = session.get(RepriceJobRow, job.id)
    if row is not None:
        for name, value in _values(job).items():
            setattr(row, name, value)


def get(session: Session, project_id: str, job_id: str) -> Job | None:
    """This project's job with that id."""
    row = session.get(RepriceJobRow, job_id)
    return _job(row) if row and row.project_id == project_id else None


def remove(session: Session, job_id: str) -> None:
    """Forget a job."""
    row = session.get(RepriceJobRow, job_id)
    if row is not None:
        session.delete(row)


def listing(session: Session, project_id: str, most: int) -> list[Job]:
    """A project's latest jobs, the newest first."""
    wanted = select(RepriceJobRow).where(RepriceJobRow.project_id == project_id)
    newest = wanted.order_by(RepriceJobRow.created_at.desc(), RepriceJobRow.id.desc()).limit(most)
    return [_job(row) for row in session.scalars(newest)]


def unfinished(session: Session, states: Iterable[State] = UNFINISHED) -> list[Job]:
    """All projects' jobs that have something left to do, in the order they were asked for."""
    wanted = select(RepriceJobRow).where(RepriceJobRow.state.in_([state.value for state in states]))
    return [_job(row) for row in session.scalars(wanted.order_by(RepriceJobRow.created_at, RepriceJobRow.id))]


def _values(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__struct_fields__} | {"state": job.state.value}


def _job(row: RepriceJobRow) -> Job:
    values: dict[str, Any] = {name: getattr(row, name) for name in Job.__struct_fields__}
    values["state"] = State(row.state)
    return Job(**values)
