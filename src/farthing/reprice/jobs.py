"""Requests to price recorded calls again in; jobs that do it beside everything else, can be followed, stopped and undone, out."""

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from farthing.errors import ConflictError, FarthingError, NotFoundError
from farthing.reprice import asked
from farthing.reprice.asked import Wanted
from farthing.reprice.work import Worker
from farthing.store.meta import facts, reprice_jobs
from farthing.store.meta.database import Database
from farthing.store.meta.leases import BEAT_S, Lease
from farthing.store.meta.reprice_jobs import UNFINISHED, Job, State
from farthing.store.telemetry import repriced
from farthing.store.telemetry.engine import Engine

log = logging.getLogger(__name__)

Json = dict[str, Any]

RETRY_SECONDS = 1.0
LOOK_SECONDS = 30.0
"""How often to look for jobs that were asked for at another server, which may have died since."""

MOST_LISTED = 100

_CANCELLED = "reprice-cancelled/"


class Repricing:
    """All jobs, done one after the other on a thread of its own. Methods may be called from any thread."""

    def __init__(
        self, database: Database, engine: Engine, worker: Worker, clock: Callable[[], datetime], lease: Lease
    ) -> None:
        """Nothing runs before `start`; of several servers on one database the one with the lease does the jobs."""
        self._database = database
        self._engine = engine
        self._worker = worker
        self._clock = clock
        self._lease = lease
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reprice", daemon=True)

    def start(self) -> None:
        """Go on with what was left unfinished, then wait for more."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the step that is under way; the rest is done after the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self, project_id: str, wanted: Wanted, *, dry_run: bool, by: str) -> Job:
        """Have calls priced again, or only find out what would change. Raises `StoreError`."""
        told = asked.kept(wanted)
        identity = f"rp_{secrets.token_hex(8)}"
        job = Job(identity, project_id, State.QUEUED, dry_run, told, self._clock(), by, wanted.start_ns)
        with self._database.write() as session:
            reprice_jobs.insert(session, job)
        self._wake.set()
        return job

    def get(self, project_id: str, job_id: str) -> Job:
        """A job as it stands. Raises `NotFoundError`."""
        with self._database.read() as session:
            job = reprice_jobs.get(session, project_id, job_id)
        if job is None:
            msg = f"There is no re-pricing job {job_id[:60]} in this project."
            raise NotFoundError(msg)
        return job

    def listing(self, project_id: str) -> list[Job]:
        """The latest jobs, the newest first."""
        with self._database.read() as session:
            return reprice_jobs.listing(session, project_id, MOST_LISTED)

    def cancel(self, project_id: str, job_id: str) -> Job:
        """Stop a job after the step it is in; what it has changed stands. Raises `NotFoundError`, `ConflictError`."""
        job = self.get(project_id, job_id)
        if job.state not in (State.QUEUED, State.RUNNING):
            msg = f"The job is {job.state.value}; only one that is queued or running can be stopped."
            raise ConflictError(msg)
        # Kept, for it may be another server that does the job.
        with self._database.write() as session:
            facts.put(session, _CANCELLED + job.id, "")
        self._wake.set()
        return job

    def undo(self, project_id: str, job_id: str, *, by: str) -> Job:
        """Give all calls back what they cost before a job. Raises `NotFoundError`, `ConflictError`."""
        with self._database.exclusive() as session:
            job = reprice_jobs.get(session, project_id, job_id)
            can_be = job is not None and not job.dry_run and job.state in (State.DONE, State.CANCELLED, State.FAILED)
            if job is not None and can_be:
                job = replace(job, state=State.UNDOING, at_ns=0, undone_by=by)
                reprice_jobs.update(session, job)
        if job is not None and can_be:
            self._wake.set()
            return job
        found = self.get(project_id, job_id)
        what = "a dry run, which changed nothing" if found.dry_run else found.state.value
        msg = f"The job is {what}; only one that has changed calls and has ended can be undone."
        raise ConflictError(msg)

    def forget(self, project_id: str, job_id: str) -> None:
        """Let go of a job and of what it needs to be undone. Raises `NotFoundError`, `ConflictError`."""
        job = self.get(project_id, job_id)
        if job.state in UNFINISHED:
            msg = f"The job is {job.state.value}; stop it first."
            raise ConflictError(msg)
        repriced.forget(self._engine, job.id, project_id)
        with self._database.write() as session:
            reprice_jobs.remove(session, job.id)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                left = self._pass()
            except FarthingError as error:
                # Nothing is lost: the job stands where its last step left it.
                log.warning("Re-pricing waits for the store: %s", error)
                self._stopping.wait(RETRY_SECONDS)
                continue
            if not self._stopping.is_set():
                self._wake.wait(BEAT_S if left else LOOK_SECONDS)
        self._lease.release()

    def _pass(self) -> bool:
        """Do all that is to be done, unless another server does it; whether to look again soon."""
        if not self._unfinished():
            return False
        if not self._lease.hold():
            return True
        # Asked for again: until now another server may have been at them.
        for job in self._unfinished():
            self._finish(job)
        self._lease.release()
        return bool(self._unfinished())

    def _unfinished(self) -> list[Job]:
        with self._database.read() as session:
            return reprice_jobs.unfinished(session)

    def _finish(self, job: Job) -> None:
        if not self._goes_on(job):
            return
        try:
            for now in self._worker.steps(job, self._save):
                job = now
                if job.state not in UNFINISHED:
                    log.info("Re-pricing job %s is %s", job.id, job.state.value)
                elif not self._goes_on(job):
                    return
        except FarthingError:
            raise
        except Exception:
            # One job that can't be done must not keep the others from being done.
            log.exception("Re-pricing job %s failed", job.id)
            self._save(replace(job, state=State.FAILED, error="It failed; the server's log says why."))

    def _goes_on(self, job: Job) -> bool:
        if self._stopping.is_set() or not self._lease.is_held():
            return False
        if job.state is State.UNDOING:
            return True
        with self._database.read() as session:
            cancelled = facts.get(session, _CANCELLED + job.id) is not None
        if cancelled:
            job = replace(job, state=State.CANCELLED, finished_at=self._clock())
            with self._database.write() as session:
                reprice_jobs.update(session, job)
                facts.remove(session, _CANCELLED + job.id)
        return not cancelled

    def _save(self, job: Job) -> None:
        with self._database.write() as session:
            reprice_jobs.update(session, job)
