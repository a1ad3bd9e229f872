"""Jobs of re-pricing in the meta store: kept as they are, found by project and by what is left to do."""

from datetime import UTC, datetime

import msgspec
import pytest

from farthing.store.meta import projects, reprice_jobs
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.meta.reprice_jobs import Job, State

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def job(number: int, state: State = State.QUEUED, project: str = "shop") -> Job:
    return Job(
        f"job-{number}",
        project,
        state,
        False,
        {"from": "now-7d"},
        NOON.replace(minute=number),
        "key",
        1_790_000_000 * 10**9,
    )


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        for name in ("shop", "other"):
            projects.insert(session, Project(name, name, NOON))
        for number, state in enumerate((State.DONE, State.RUNNING, State.UNDOING)):
            reprice_jobs.insert(session, job(number, state))
        reprice_jobs.insert(session, job(3, State.QUEUED, "other"))
    return database


def test_a_job_is_kept_as_it_is(filled: Database) -> None:
    changed = msgspec.structs.replace(
        job(1), state=State.DONE, at_ns=2**62, progress={"changed": 7}, error="", finished_at=NOON, undone_by="key"
    )
    with filled.write() as session:
        reprice_jobs.update(session, changed)
    with filled.read() as session:
        assert reprice_jobs.get(session, "shop", "job-1") == changed
        assert reprice_jobs.get(session, "other", "job-1") is None


def test_jobs_are_listed_by_project_and_resumed_by_state(filled: Database) -> None:
    with filled.read() as session:
        assert [found.id for found in reprice_jobs.listing(session, "shop", 2)] == ["job-2", "job-1"]
        assert [found.id for found in reprice_jobs.unfinished(session)] == ["job-1", "job-2", "job-3"]


def test_a_forgotten_job_is_gone(filled: Database) -> None:
    with filled.write() as session:
        reprice_jobs.remove(session, "job-0")
        reprice_jobs.remove(session, "never-was")
    with filled.read() as session:
        assert reprice_jobs.get(session, "shop", "job-0") is None
