"""Limits that an operator gave, and calls as they are kept, in; whether more may be posted, and how much is left, out.

A project's request allowance counts the calls of a calendar month in UTC by when they came. It is counted in the store once
and in memory from then on. Telemetry stops when it is spent; the application's own calls don't.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from farthing.errors import BadRequestError, NotFoundError
from farthing.store.meta import audit, ingest_limits, keys, projects
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database
from farthing.store.meta.ingest_limits import IngestLimit

LOOK_EVERY_S = 5.0
"""How soon a limit that another server was told of holds here."""

SELF_HOSTED = "self-hosted"
LONGEST_PLAN = 100
MOST = 10**15

Count = Callable[[str, int], int]
"""Project and Unix microseconds → how many calls were kept since. Raises `StoreError`."""


class Standing(msgspec.Struct, frozen=True):
    """What a project may send in this month, and what of it is used. None: there is no limit."""

    plan: str
    used: int
    limit: int | None
    period_start: datetime
    period_end: datetime

    @property
    def remaining(self) -> int | None:
        """How many more."""
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.limit is not None and self.used >= self.limit


class _Month(msgspec.Struct):
    start: datetime
    end: datetime
    used: int


class Allowances:
    """Every method may be called from any thread; those that say so may block it."""

    def __init__(self, database: Database, count: Count, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._months: dict[str, _Month] = {}
        self._limits: dict[tuple[str, str], IngestLimit] = {}
        self._looked_at = float("-inf")

    def standing(self, project_id: str) -> Standing:
        """How much is used; asks the stores now and then. Raises `StoreError`."""
        limit = self._limit(project_id, "")
        with self._lock:
            month = self._month(project_id)
            return Standing(_plan(limit), month.used, limit.requests if limit else None, month.start, month.end)

    def reserve(self, project_id: str, calls: int) -> tuple[int, Standing]:
        """How many of these calls may be kept, and how it stands with them. They count from now on, until `release`.

        May block; raises `StoreError`.
        """
        limit = self._limit(project_id, "")
        most = limit.requests if limit else None
        with self._lock:
            month = self._month(project_id)
            granted = calls if most is None else max(0, min(calls, most - month.used))
            month.used += granted
            return granted, Standing(_plan(limit), month.used, most, month.start, month.end)

    def release(self, project_id: str, calls: int) -> None:
        """These were not kept after all."""
        with self._lock:
            month = self._months.get(project_id)
            if month:
                month.used -= calls

    def per_minute(self, project_id: str, key_id: str) -> int | None:
        """The rate that was agreed for a key, else for its project, as last looked at; None: the server's own."""
        for owner in ((project_id, key_id), (project_id, "")):
            limit = self._limits.get(owner)
            if limit is not None and limit.per_minute is not None:
                return limit.per_minute
        return None

    def limits_of(self, project_id: str) -> list[IngestLimit]:
        """What was agreed for a project and its keys. May block."""
        self._look(at_once=True)
        return [limit for (owner, _), limit in self._limits.items() if owner == project_id]

    def change(self, actor: str, wanted: IngestLimit) -> IngestLimit:
        """Agree on limits, or on none. Raises `BadRequestError`, `NotFoundError`, `StoreError`."""
        for name, value in (("requests", wanted.requests), ("per_minute", wanted.per_minute)):
            if value is not None and not 0 <= value <= MOST:
                msg = f"{name}: a whole number from 0 to {MOST}."
                raise BadRequestError(msg)
        if len(wanted.plan) > LONGEST_PLAN:
            msg = f"plan: at most {LONGEST_PLAN} characters."
            raise BadRequestError(msg)
        now = self._clock()
        with self._database.write() as session:
            if projects.get(session, wanted.project_id) is None:
                msg = f"There is no project {wanted.project_id!r}."
                raise NotFoundError(msg)
            if wanted.key_id and keys.get(session, wanted.project_id, wanted.key_id) is None:
                msg = f"There is no key {wanted.key_id!r} in this project."
                raise NotFoundError(msg)
            found = {(one.project_id, one.key_id): one for one in ingest_limits.listing(session)}
            before = found.get((wanted.project_id, wanted.key_id))
            if wanted.requests is None and wanted.per_minute is None and not wanted.plan:
                ingest_limits.remove(session, wanted.project_id, wanted.key_id)
            else:
                ingest_limits.put(session, wanted, now)
            subject = f"allowance:{wanted.key_id or wanted.project_id}"
            entry = Entry(now, actor, "changed", subject, wanted.project_id, _json(before), _json(wanted))
            audit.record(session, entry)
        self._look(at_once=True)
        return wanted

    def _limit(self, project_id: str, key_id: str) -> IngestLimit | None:
        self._look()
        return self._limits.get((project_id, key_id))

    def _look(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            with self._database.read() as session:
                self._limits = {(one.project_id, one.key_id): one for one in ingest_limits.listing(session)}

    def _month(self, project_id: str) -> _Month:
        now = self._clock()
        month = self._months.get(project_id)
        if month is None or not month.start <= now < month.end:
            start, end = month_of(now)
            used = self._count(project_id, int(start.timestamp()) * 1_000_000)
            month = self._months[project_id] = _Month(start, end, used)
        return month


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month in UTC that a moment is in, its end excluded."""
    utc = moment.astimezone(UTC)
    start = datetime(utc.year, utc.month, 1, tzinfo=UTC)
    end = datetime(utc.year + utc.month // 12, utc.month % 12 + 1, 1, tzinfo=UTC)
    return start, end


def _plan(limit: IngestLimit | None) -> str:
    return (limit.plan if limit else "") or SELF_HOSTED


def _json(limit: IngestLimit | None) -> str | None:
    return None if limit is None else msgspec.json.encode(limit).decode()
