"""Touched moments of projects in; which buckets of `rollup` can't be trusted, and which are due to be recomputed, out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from farthing.store.telemetry.cuts import DAY, FIVE_DAYS, GRAINS, HALF_HOUR, Aggregate, Cut, Grain

SETTLING_S = 1.0
"""A bucket is left alone this long after it became stale: more is likely to come."""

REST_S = 5.0
REST_FACTOR = 20
"""A bucket that is written to all the time is recomputed at most every `REST_S` seconds, or every twentieth part of
the time, whichever is longer: keeping aggregates fresh must not cost more than they save."""

QUIET_S = 600.0
"""A long bucket that is still going on waits until it is over, or has been quiet for this long; of several days, until it is over."""

_NONE: frozenset[Aggregate] = frozenset()

Block = tuple[int, int]
"""(seconds of the grain, first Unix second)."""


class Mark(msgspec.Struct):
    """A stale bucket. Rows up to revision `floor` are accounted for; `touch` counts up whenever it is touched."""

    floor: int
    touch: int
    since: float
    last: float


class Coverage(msgspec.Struct, frozen=True):
    """What of a project's aggregates holds, at one moment."""

    built: dict[int, frozenset[Aggregate]]
    """UTC day number → the aggregates that exist for the whole of it; those of several days stand with their first one."""
    stale: frozenset[Block]

    def holds(self, cut: Cut, grain: Grain, start: int) -> bool:
        """Whether the bucket of this cut and grain that starts at this Unix second may be read."""
        exists = Aggregate(cut, grain) in self.built.get(start // DAY.seconds, _NONE)
        return exists and (grain.seconds, start) not in self.stale


class Job(NamedTuple):
    """Buckets of one grain within one UTC day that are due (or the one that begins with it), with the touches known when it was handed out."""

    project_id: str
    grain: Grain
    day: int
    touches: dict[int, int]


class Staleness:
    """The books of one store's `rollup`. Not thread-safe: the owner holds a lock."""

    def __init__(self, grains: Sequence[Grain] = GRAINS) -> None:
        """Nothing is built, nothing stale; of buckets of other grains nothing is ever known."""
        self._grains = grains
        self.seen = 0
        """All rows of `calls` up to this revision have been touched."""
        self._marks: dict[str, dict[Block, Mark]] = {}
        self._built: dict[str, dict[int, frozenset[Aggregate]]] = {}
        self._begun: dict[tuple[str, int], frozenset[Aggregate]] = {}
        self._tag_cuts: dict[str, dict[Cut, None]] = {}
        self._rests: dict[tuple[str, Grain, int], float] = {}

    def touch(self, project_id: str, moments: Iterable[int], now: float) -> None:
        """Calls that start in these half hours (their first Unix seconds) have been written."""
        marks = self._marks.setdefault(project_id, {})
        for moment in moments:
            for grain in self._grains:
                self._mark(marks, (grain.seconds, moment - moment % grain.seconds), now)

    def _mark(self, marks: dict[Block, Mark], block: Block, now: float) -> None:
        mark = marks.get(block)
        if mark is None:
            marks[block] = Mark(self.seen, 1, now, now)
        else:
            mark.touch += 1
            mark.last = now

    def touch_missing(self, now: float) -> None:
        """Have what days could make up, and doesn't exist, made."""
        if FIVE_DAYS not in self._grains:
            return
        for project_id, built in self._built.items():
            marks = self._marks.setdefault(project_id, {})
            for first in {day * DAY.seconds // FIVE_DAYS.seconds * FIVE_DAYS.seconds for day in built}:
                if not self._has_long(project_id, first):
                    self._mark(marks, (FIVE_DAYS.seconds, first), now)

    def _has_long(self, project_id: str, first: int) -> bool:
        day = first // DAY.seconds
        return any(a.grain == FIVE_DAYS for a in self.built(project_id, day) | self.begun(project_id, day))

    def coverage(self, project_id: str, start: int, end: int) -> Coverage:
        """What holds of a project between two Unix seconds."""
        marks = self._marks.get(project_id, {})
        built = self._built.get(project_id, {})
        days = range(start // DAY.seconds, end // DAY.seconds + 1)
        return Coverage(
            {day: built[day] for day in days if day in built} if len(days) < len(built) else dict(built),
            frozenset(block for block in marks if block[1] < end and block[1] + block[0] > start),
        )

    def built(self, project_id: str, day: int) -> frozenset[Aggregate]:
        """The aggregates that exist for this UTC day."""
        return self._built.get(project_id, {}).get(day, _NONE)

    def half_hours(self, project_id: str, day: int) -> frozenset[Aggregate]:
        """The aggregates by half hours that may be read for the whole of this UTC day."""
        if self._is_stale_within(project_id, HALF_HOUR, day * DAY.seconds, DAY.seconds):
            return _NONE
        return frozenset(a for a in self.built(project_id, day) if a.grain == HALF_HOUR)

    def days(self, project_id: str, day: int) -> frozenset[Aggregate] | None:
        """The aggregates by day that may be read for all of the days of the bucket that begins with this one; None: some day is stale."""
        if self._is_stale_within(project_id, DAY, day * DAY.seconds, FIVE_DAYS.seconds):
            return None
        others = (self.built(project_id, day + number) for number in range(1, FIVE_DAYS.seconds // DAY.seconds))
        return frozenset(a for a in self.built(project_id, day).intersection(*others) if a.grain == DAY)

    def _is_stale_within(self, project_id: str, grain: Grain, first: int, seconds: int) -> bool:
        marks = self._marks.get(project_id, {})
        return any((grain.seconds, start) in marks for start in range(first, first + seconds, grain.seconds))

    def tag_cuts(self, project_id: str) -> tuple[Cut, ...]:
        """The cuts by tags that a project has for any day."""
        return tuple(self._tag_cuts.get(project_id, ()))

    def begin(self, project_id: str, day: int, aggregates: Iterable[Aggregate]) -> None:
        """These are about to be written for the first time; whether that succeeds may never be told."""
        self._begun[project_id, day] = self.begun(project_id, day).union(aggregates)

    def begun(self, project_id: str, day: int) -> frozenset[Aggregate]:
        """Aggregates that may have rows without being built. A later start would take them for built."""
        return self._begun.get((project_id, day), _NONE)

    def add_built(self, project_id: str, day: int, aggregates: Sequence[Aggregate]) -> None:
        """These exist from now on."""
        built = self._built.setdefault(project_id, {})
        built[day] = built.get(day, _NONE).union(aggregates)
        self._tag_cuts.setdefault(project_id, {}).update({a.cut: None for a in aggregates if a.cut.tags})
        begun = self.begun(project_id, day).difference(aggregates)
        self._begun.pop((project_id, day), None)
        if begun:
            self._begun[project_id, day] = begun

    def due(self, now: float, *, everything: bool = False) -> Iterator[Job]:
        """The buckets to recompute now, the finest grain first."""
        for project_id, marks in self._marks.items():
            jobs: dict[tuple[Grain, int], dict[int, int]] = {}
            for (seconds, start), mark in marks.items():
                grain = _BY_SECONDS[seconds]
                day = start // DAY.seconds
                if everything or (
                    _is_ripe(grain, start, mark, now)
                    and now >= self._rests.get((project_id, grain, day), 0)
                    and (grain != FIVE_DAYS or self.days(project_id, day) is not None)
                ):
                    jobs.setdefault((grain, day), {})[start] = mark.touch
            for (grain, day), touches in sorted(jobs.items(), key=lambda job: (job[0][0].seconds, job[0][1])):
                yield Job(project_id, grain, day, touches)

    def done(self, job: Job, covered: int, now: float, took: float) -> None:
        """A job's buckets account for every row up to revision `covered`, and for every touch the job knew of."""
        marks = self._marks[job.project_id]
        for start, touches in job.touches.items():
            mark = marks[job.grain.seconds, start]
            if mark.touch == touches:
                del marks[job.grain.seconds, start]
            else:
                mark.floor, mark.since = max(mark.floor, covered), now
        self._rests = {key: until for key, until in self._rests.items() if until > now}
        self._rests[job.project_id, job.grain, job.day] = now + max(REST_S, REST_FACTOR * took)

    def covered(self) -> int:
        """The revision up to which all buckets account for everything; one of several days that isn't there has nothing to account for."""
        floors = [
            mark.floor
            for project_id, marks in self._marks.items()
            for (seconds, start), mark in marks.items()
            if seconds != FIVE_DAYS.seconds or self._has_long(project_id, start)
        ]
        return min([self.seen, *floors])

    @property
    def count(self) -> int:
        """How many half hours are stale."""
        return sum(1 for marks in self._marks.values() for seconds, _ in marks if seconds == HALF_HOUR.seconds)


_BY_SECONDS = {grain.seconds: grain for grain in GRAINS}


def _is_ripe(grain: Grain, start: int, mark: Mark, now: float) -> bool:
    if now < mark.since + SETTLING_S:
        return False
    going_on = grain is not HALF_HOUR and start <= now < start + grain.seconds
    return not going_on or (grain is not FIVE_DAYS and now >= mark.last + QUIET_S)
