"""Touched calls in, aggregates that are exact or known to be stale out: recomputed whole, never incremented.

The one rule: a bucket may be read from `rollup` only while it isn't stale. Settling touches a bucket after its rows
are visible in `calls`; recomputing clears only the touches it knew of before it read. So whatever a recompute may
have missed leaves the bucket stale, and a question then reads it from `calls`.

After a crash the touches are forgotten. The watermark is a revision up to which every bucket accounts for all rows
of `calls`; whatever is newer is touched again at the start. One thread writes `calls`, and touches a batch before
it writes the next. So when rows of revision R are seen, everything before R has been touched: R - 1 is known to be
touched, and is accounted for as soon as what was stale then has been recomputed.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from farthing import vitals
from farthing.errors import FarthingError
from farthing.store.telemetry import cuts, tag_cuts
from farthing.store.telemetry.cuts import DAY, DEFINITION, FIVE_DAYS, GRAINS, HALF_HOUR, Aggregate, Cut
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.revisions import Revisions
from farthing.store.telemetry.singles import SingleRows
from farthing.store.telemetry.staleness import Coverage, Job, Staleness

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
SAVE_EVERY_S = 10.0
RECOMPUTE_TIMEOUT_S = 600
BUSY_S = 2.0
"""While calls were written this recently, refreshing rests as long as it works: intake goes first."""

_NS = 10**9

Listener = Callable[[str, AbstractSet[int]], None]
"""Must come back at once: whoever writes calls waits for it."""


class Density(msgspec.Struct, frozen=True):
    """When an aggregate is worth having for a day: it must be much smaller than the calls it stands for.

    Merging one row's latency sketch takes as long as reading some twenty or forty calls. A cut with too many groups
    (somebody puts request ids into `feature`) is not built, so it can't make a question slower than `calls` would.
    """

    least_calls: int = 1_000
    calls_per_row: int = 20
    calls_per_row_of_day: int = 4

    def worth(self, aggregate: Aggregate, calls: int, rows: int) -> bool:
        """Whether `rows` rows instead of `calls` calls of one UTC day pay."""
        is_lean = aggregate.grain == DAY and not aggregate.cut.tags
        ratio = self.calls_per_row_of_day if is_lean else self.calls_per_row
        return calls >= self.least_calls and rows * ratio <= calls


class Rollup:
    """The aggregates of one telemetry store. Every method may be called from any thread."""

    def __init__(self, engine: Engine, density: Density | None = None) -> None:
        """Knows nothing, and so has everything read from `calls`, before `recover`."""
        self._engine = engine
        self._density = density or Density()
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        # Another server may write to a day that this one takes for settled, and not know of what this one made of it.
        self._grains = GRAINS if engine.is_alone else GRAINS[1:]
        self._books = Staleness(self._grains)
        self.singles = SingleRows(engine)
        self._touched_at = 0.0
        self._held: set[int] = set()
        self._listeners: list[Listener] = []
        self._revisions = Revisions(engine)
        self._saved = 0
        self._saved_at = 0.0

    def recover(self) -> None:
        """Find out what exists and what may be stale. Call it before anything is written."""
        rows = self._engine.query(
            "SELECT max(revision) FROM rollup_watermark WHERE definition = {definition:String}",
            {"definition": DEFINITION},
        ).rows
        self._saved = int(rows[0][0])
        built = self._engine.query(
            "SELECT project_id, cut, toUInt32(intDiv(toUnixTimestamp(bucket), {day:UInt32})) AS day FROM rollup GROUP BY 1, 2, 3",
            {"day": DAY.seconds},
            timeout_s=RECOMPUTE_TIMEOUT_S,
        ).rows
        touched = self._engine.query(
            "SELECT project_id, groupUniqArray(toUInt32(intDiv(toUnixTimestamp(start_time), {half:UInt32}) * {half:UInt32}))"
            " FROM calls WHERE revision > {revision:UInt64} GROUP BY project_id",
            {"half": HALF_HOUR.seconds, "revision": self._saved},
            timeout_s=RECOMPUTE_TIMEOUT_S,
        ).rows
        with self._lock:
            self._books.seen = self._saved
            for project_id, name, day in built:
                aggregate = cuts.named(name)
                if aggregate and aggregate.grain in self._grains:
                    self._books.add_built(project_id, day, [aggregate])
            for project_id, moments in touched:
                self._books.touch(project_id, moments, 0.0)
            self._books.touch_missing(0.0)

    @contextlib.contextmanager
    def writing(self, starts_ns: Mapping[str, Iterable[int]]) -> Generator[None]:
        """Inside, calls of projects with these start times (Unix ns) are written; afterwards they are touched."""
        half_hours = {project_id: _half_hours(starts) for project_id, starts in starts_ns.items()}
        with self.singles.writing(half_hours):
            yield
        for project_id, some in half_hours.items():
            self._touch(project_id, some)

    def touch(self, project_id: str, starts_ns: Iterable[int]) -> None:
        """Calls with these start times (Unix ns) were written or replaced. Call it when they are visible."""
        half_hours = _half_hours(starts_ns)
        self.singles.change(project_id, half_hours, time.time())
        self._touch(project_id, half_hours)

    def _touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        now = time.time()
        with self._lock:
            self._books.touch(project_id, half_hours, now)
            self._touched_at = now
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(project_id, half_hours)

    def listen(self, listener: Listener) -> None:
        """Have a project and the half hours (their first Unix seconds) told whenever calls in them are touched."""
        with self._lock:
            self._listeners.append(listener)

    def hold(self, revision: int) -> None:
        """Rows of this revision may become visible later than higher ones: nothing is accounted for past it meanwhile."""
        with self._lock:
            self._held.add(revision)
        self.singles.hold(revision)

    def release(self, revision: int, *, failed: bool = False) -> None:
        """Its rows are visible and touched, or will never be; nobody knows which when writing them `failed`."""
        with self._lock:
            self._held.discard(revision)
        self.singles.release(revision, failed=failed)

    def coverage(self, project_id: str, start: int, end: int) -> Coverage:
        """What a question about this time (Unix seconds) may read from `rollup`."""
        with self._lock:
            return self._books.coverage(project_id, start, end)

    def start(self) -> "Refreshing":
        """Keep aggregates fresh on a thread of their own."""
        return Refreshing(self)

    def refresh(self, now: float, *, everything: bool = False) -> int:
        """Recompute what is due at `now` (Unix seconds); how many jobs that was. Raises `StoreError`."""
        with self._refreshing:
            jobs = self._refresh(now, everything=everything)
            self.singles.look(now, everything=everything)
            self._save(now)
            return jobs

    def _refresh(self, now: float, *, everything: bool) -> int:
        with self._lock:
            # Asking for the latest revision costs more than looking whether anybody wants to know.
            idle = next(self._books.due(now, everything=everything), None) is None
        if idle:
            return 0
        covered = self._latest_revision() - 1
        with self._lock:
            covered = min([covered, *(revision - 1 for revision in self._held)])
            self._books.seen = max(self._books.seen, covered)
            jobs = list(self._books.due(now, everything=everything))
        for job in jobs:
            self._run(job, covered, now)
        return len(jobs)

    def save(self) -> None:
        """Remember what is accounted for, so that the next start has less to recompute. Raises `StoreError`."""
        with self._refreshing:
            self._save(float("inf"))

    def is_busy(self, now: float) -> bool:
        """Whether calls are being written right now."""
        return now - self._touched_at < BUSY_S

    def _latest_revision(self) -> int:
        rows = self._engine.query(
            "SELECT max(revision) FROM calls WHERE revision >= {seen:UInt64}", {"seen": self._books.seen}
        ).rows
        return int(rows[0][0])

    def _run(self, job: Job, covered: int, now: float) -> None:
        started = time.monotonic()
        with self._lock:
            built = self._books.built(job.project_id, job.day)
            begun = self._books.begun(job.project_id, job.day) - built
            known = self._books.tag_cuts(job.project_id)
            # What is touched after this leaves the job's buckets stale, whichever they are made from.
            held = self._held_shorter(job)
        if held is None:
            return
        candidates = [*cuts.at(job.grain), *self._by_tags(job, known)]
        missing = [a for a in candidates if a not in built and a not in begun]
        old = sorted((a for a in built if a.grain == job.grain), key=lambda a: a.name)
        # What is worth having by half hours, or days, has fewer rows still by longer buckets.
        new = [a for a in missing if a.shorter in held]
        if job.grain != FIVE_DAYS:
            new += self._worth_building(job, [a for a in missing if a not in new])
        new += sorted((a for a in begun if a.grain == job.grain), key=lambda a: a.name)
        day = job.day * DAY.seconds
        if new:
            with self._lock:
                self._books.begin(job.project_id, job.day, new)
            self._recompute(job, new, held, range(day, day + DAY.seconds, job.grain.seconds))
        if old:
            self._recompute(job, old, held, sorted(job.touches))
        took = time.monotonic() - started
        vitals.ROLLUP_SECONDS.observe(took)
        with self._lock:
            # First it exists, then it is clean: a question in between still reads `calls`.
            self._books.add_built(job.project_id, job.day, new)
            self._books.done(job, covered, now, took)
            vitals.ROLLUP_STALE.set(self._books.count)

    def _held_shorter(self, job: Job) -> AbstractSet[Aggregate] | None:
        """What the job's buckets may be made from instead of calls; None: it has to wait, and its buckets stay stale."""
        if job.grain == FIVE_DAYS:
            return self._books.days(job.project_id, job.day)
        return self._books.half_hours(job.project_id, job.day)

    def _worth_building(self, job: Job, candidates: Sequence[Aggregate]) -> list[Aggregate]:
        if not candidates:
            return []
        day = job.day * DAY.seconds
        census = cuts.census(candidates)
        rows = self._engine.query(
            census.text,
            {"project": job.project_id, "from": day, "to": day + DAY.seconds, **census.values},
            timeout_s=RECOMPUTE_TIMEOUT_S,
        ).rows
        if not rows:
            return []
        _, calls, *estimates = rows[0]
        return [a for a, rows in zip(candidates, estimates, strict=True) if self._density.worth(a, calls, rows)]

    def _by_tags(self, job: Job, known: Sequence[Cut]) -> list[Aggregate]:
        if job.grain == FIVE_DAYS:
            return [Aggregate(cut, FIVE_DAYS) for cut in known]
        if job.grain != DAY:
            return []
        day = job.day * DAY.seconds
        rows = self._engine.query(
            tag_cuts.CENSUS,
            {"project": job.project_id, "from": day, "to": day + DAY.seconds},
            timeout_s=RECOMPUTE_TIMEOUT_S,
        ).rows
        return [Aggregate(cut, DAY) for cut in tag_cuts.choose([(key, values) for key, values in rows], known)]

    def _recompute(
        self, job: Job, aggregates: Sequence[Aggregate], held: AbstractSet[Aggregate], blocks: Sequence[int]
    ) -> None:
        names, end = [a.name for a in aggregates], blocks[-1] + job.grain.seconds
        revision = self._revisions.next(job.project_id, names, blocks[0], end)
        statement = cuts.recompute(aggregates, held)
        self._engine.command(
            statement.text,
            {
                **statement.values,
                "project": job.project_id,
                "revision": revision,
                "blocks": list(blocks),
                "from": blocks[0],
                "to": end,
                "seconds": job.grain.seconds,
            },
        )

    def _save(self, now: float) -> None:
        with self._lock:
            covered = self._books.covered()
        if covered > self._saved and now - self._saved_at >= SAVE_EVERY_S:
            self._engine.command(
                "INSERT INTO rollup_watermark VALUES ({definition:String}, {revision:UInt64})",
                {"definition": DEFINITION, "revision": covered},
            )
            self._saved, self._saved_at = covered, now


class Refreshing:
    """The thread that refreshes, from its making until `stop`."""

    def __init__(self, rollup: Rollup) -> None:
        """Begins at once."""
        self._rollup = rollup
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rollup", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the pass that is under way and end."""
        self._stopping.set()
        self._thread.join()
        with contextlib.suppress(FarthingError):  # an older watermark only repeats work
            self._rollup.save()

    def _run(self) -> None:
        pause = LOOK_EVERY_S
        while not self._stopping.wait(pause):
            started = time.monotonic()
            try:
                self._rollup.refresh(time.time())
            except FarthingError as error:
                # What is stale stays stale and is read from `calls`: slower, never wrong.
                log.warning("Aggregates could not be refreshed: %s", error)
            took = time.monotonic() - started
            pause = max(LOOK_EVERY_S, took) if self._rollup.is_busy(time.time()) else LOOK_EVERY_S


def _half_hours(starts_ns: Iterable[int]) -> frozenset[int]:
    length = HALF_HOUR.seconds * _NS
    return frozenset((at - at % length) // _NS for at in starts_ns)
