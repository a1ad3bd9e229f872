"""Half hours that are written to, and what looking through them found, in; those in which no call has two rows, out.

Replaced rows of `calls` stay until the engine merges them away. Reading past them costs twice the time, so what is
known to hold none is read as it stands. Nothing is known of a half hour from before somebody writes to it until it
has been looked through afterwards. Whoever read it asks in the end whether it was still so.
"""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from farthing.store.telemetry.cuts import DAY, HALF_HOUR
from farthing.store.telemetry.engine import Engine

SETTLING_S = 5.0
"""A day is left alone this long after it was written to: more is likely to come."""

LOOK_TIMEOUT_S = 600

AGAIN_S = 600.0
"""A day with replaced rows is looked through again after this time: they may have been merged away."""

HALVES = DAY.seconds // HALF_HOUR.seconds
_ALL = (1 << HALVES) - 1

DOUBLES = """
SELECT half
FROM (
    SELECT toUInt32(intDiv(toUnixTimestamp(start_time), {seconds:UInt32}) * {seconds:UInt32}) AS half, toInt64(count()) AS rows
    FROM calls
    WHERE project_id = {project:String}
      AND start_time >= toDateTime64({from:UInt32}, 9, 'UTC') AND start_time < toDateTime64({to:UInt32}, 9, 'UTC')
    GROUP BY half
    UNION ALL
    SELECT toUInt32(intDiv(toUnixTimestamp(start_time), {seconds:UInt32}) * {seconds:UInt32}) AS half, -toInt64(count()) AS rows
    FROM calls FINAL
    WHERE project_id = {project:String}
      AND start_time >= toDateTime64({from:UInt32}, 9, 'UTC') AND start_time < toDateTime64({to:UInt32}, 9, 'UTC')
    GROUP BY half
)
GROUP BY half
HAVING sum(rows) != 0
SETTINGS max_threads = 1
"""
"""The half hours of a piece of time that hold replaced rows; a merge in between may add some that don't any more."""

DAYS = """
SELECT project_id, groupUniqArray(toUInt32(intDiv(toUnixTimestamp(start_time), {day:UInt32}))) FROM calls GROUP BY project_id
SETTINGS max_threads = 1
"""
"""The UTC days that have any calls."""


class Known(msgspec.Struct, frozen=True):
    """What of a project was known at one moment."""

    moment: int = 0
    days: dict[int, int] = {}
    """UTC day number → its half hours without replaced rows, as bits."""
    is_complete: bool = False
    """Days that aren't listed hold no rows at all."""

    def holds(self, half_hour: int) -> bool:
        """Whether the half hour that begins at this Unix second may be read as it stands."""
        day, bit = _place(half_hour)
        return bool(self.days.get(day, _ALL if self.is_complete else 0) & bit)


class Look(NamedTuple):
    """A piece of a day (Unix seconds) to look through, and the moment it was handed out."""

    project_id: str
    day: int
    start: int
    end: int
    moment: int


class Singles:
    """The books of one store's `calls`. Not thread-safe: the owner holds a lock."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._moment = 0
        self._doubted = 0
        self._holds = 0
        self._is_surveyed = False
        self._known: dict[str, dict[int, int]] = {}
        self._due: dict[tuple[str, int], float] = {}
        self._changed: dict[str, dict[int, int]] = {}
        self._writing: dict[str, Counter[int]] = {}

    def begin(self, project_id: str, half_hours: Iterable[int], now: float) -> None:
        """Rows in these half hours are about to become visible."""
        halves = list(half_hours)
        self._writing.setdefault(project_id, Counter()).update(halves)
        self.change(project_id, halves, now)

    def end(self, project_id: str, half_hours: Iterable[int]) -> None:
        """They are visible, and were told by `change` again."""
        writing = self._writing[project_id]
        for half_hour in half_hours:
            writing[half_hour] -= 1
            if not writing[half_hour]:
                del writing[half_hour]

    def change(self, project_id: str, half_hours: Iterable[int], now: float) -> None:
        """Nothing is known of these half hours any more."""
        self._moment += 1
        known = self._known.setdefault(project_id, {})
        changed = self._changed.setdefault(project_id, {})
        for half_hour in half_hours:
            day, bit = _place(half_hour)
            known[day] = known.get(day, _ALL if self._is_surveyed else 0) & ~bit
            changed[half_hour] = self._moment
            self._due.setdefault((project_id, day), now + SETTLING_S)

    def hold(self) -> None:
        """Rows may become visible anywhere until `release`: all that is known counts for nothing meanwhile."""
        self._holds += 1
        self._moment += 1
        self._doubted = self._moment

    def release(self, *, failed: bool) -> None:
        """They are visible and told by `change`; when that `failed`, they may be anywhere."""
        self._holds -= 1
        self._moment += 1
        self._doubted = self._moment
        for project_id, days in self._known.items() if failed else ():
            for day in days:
                days[day] = 0
                self._due.setdefault((project_id, day), 0.0)

    def survey(self, days: Iterable[tuple[str, Iterable[int]]]) -> None:
        """The days with calls, read after this was made: others hold nothing but what was told since."""
        for project_id, some in days:
            known = self._known.setdefault(project_id, {})
            for day in some:
                if day not in known:
                    known[day] = 0
                    self._due[project_id, day] = 0.0
        self._is_surveyed = True

    @property
    def is_surveyed(self) -> bool:
        """Whether the days with calls are known."""
        return self._is_surveyed

    def known(self, project_id: str, start: int, end: int) -> Known:
        """What is known between two Unix seconds."""
        if self._holds:
            return Known()
        known = self._known.get(project_id, {})
        days = range(start // DAY.seconds, end // DAY.seconds + 1)
        picked = {day: known[day] for day in (days if len(days) < len(known) else known) if day in known}
        for half_hour in self._writing.get(project_id, ()):
            day, bit = _place(half_hour)
            if day in picked:
                picked[day] &= ~bit
        return Known(self._moment, picked, self._is_surveyed)

    def stands(self, project_id: str, known: Known, half_hours: Iterable[int]) -> bool:
        """Whether nobody began to write to these half hours since that was known."""
        if self._moment == known.moment:
            return True
        changed = self._changed.get(project_id, {})
        return self._doubted <= known.moment and all(changed.get(half, 0) <= known.moment for half in half_hours)

    def looks(self, now: float, *, everything: bool = False) -> Iterator[Look]:
        """What to look through now, the latest days first."""
        ripe = [key for key, at in self._due.items() if everything or at <= now]
        for project_id, day in sorted(ripe, key=lambda key: -key[1]):
            unknown = ~self._known[project_id][day] & _ALL or _ALL
            first, last = (unknown & -unknown).bit_length() - 1, unknown.bit_length()
            start = day * DAY.seconds
            yield Look(
                project_id, day, start + first * HALF_HOUR.seconds, start + last * HALF_HOUR.seconds, self._moment
            )

    def learn(self, look: Look, doubled: Iterable[int], now: float) -> None:
        """What a look found: the half hours with replaced rows."""
        if self._doubted > look.moment:
            self._due[look.project_id, look.day] = now + SETTLING_S
            return
        changed = self._changed.get(look.project_id, {})
        found = set(doubled)
        is_moving = False
        for half_hour in range(look.start, look.end, HALF_HOUR.seconds):
            if changed.get(half_hour, 0) > look.moment:
                is_moving = True
            elif half_hour not in found:
                self._known[look.project_id][look.day] |= _place(half_hour)[1]
        self._due.pop((look.project_id, look.day), None)
        if found or is_moving:
            self._due[look.project_id, look.day] = now + (SETTLING_S if is_moving else AGAIN_S)


class SingleRows:
    """What of `calls` may be read as it stands. Every method may be called from any thread."""

    def __init__(self, engine: Engine) -> None:
        """Nothing may, before `look`."""
        self._engine = engine
        self._lock = threading.Lock()
        self._books = Singles()
        self._holding: set[int] = set()

    @contextlib.contextmanager
    def writing(self, half_hours: Mapping[str, Iterable[int]]) -> Generator[None]:
        """Inside, rows of projects in these half hours (their first Unix seconds) become visible.

        When that fails they may become visible whenever: nothing is told of those half hours any more.
        """
        now = time.time()
        with self._lock:
            for project_id, some in half_hours.items():
                self._books.begin(project_id, some, now)
        yield
        with self._lock:
            for project_id, some in half_hours.items():
                self._books.change(project_id, some, now)
                self._books.end(project_id, some)

    def change(self, project_id: str, half_hours: Iterable[int], now: float) -> None:
        """Rows in these half hours have become visible."""
        with self._lock:
            self._books.change(project_id, half_hours, now)

    def hold(self, revision: int) -> None:
        """Rows of this revision may become visible anywhere, until `release`."""
        with self._lock:
            self._holding.add(revision)
            self._books.hold()

    def release(self, revision: int, *, failed: bool) -> None:
        """They are, and were told by `change`, unless writing them `failed`."""
        with self._lock:
            if revision in self._holding:
                self._holding.discard(revision)
                self._books.release(failed=failed)

    def known(self, project_id: str, start: int, end: int) -> Known:
        """What may be read as it stands between two Unix seconds, for as long as `stands` says so."""
        with self._lock:
            return self._books.known(project_id, start, end)

    def stands(self, project_id: str, known: Known, half_hours: Iterable[int]) -> bool:
        """Whether these half hours held single rows during all that was read since; ask after reading."""
        with self._lock:
            return self._books.stands(project_id, known, half_hours)

    def look(self, now: float, *, everything: bool = False) -> None:
        """Look through a day that is due, or through all that nothing is known of. Raises `StoreError`."""
        if not self._engine.is_alone:
            return  # other servers write there too, and don't tell
        with self._lock:
            is_surveyed = self._books.is_surveyed
        if not is_surveyed:
            days = self._engine.query(DAYS, {"day": DAY.seconds}, timeout_s=LOOK_TIMEOUT_S).rows
            with self._lock:
                self._books.survey([(project_id, some) for project_id, some in days])
        with self._lock:
            due = list(self._books.looks(now, everything=everything))
        for look in due if everything else due[:1]:
            self._look_through(look, now)

    def _look_through(self, look: Look, now: float) -> None:
        asked = {"project": look.project_id, "from": look.start, "to": look.end, "seconds": HALF_HOUR.seconds}
        doubled = [int(row[0]) for row in self._engine.query(DOUBLES, asked, timeout_s=LOOK_TIMEOUT_S).rows]
        with self._lock:
            self._books.learn(look, doubled, now)


def _place(half_hour: int) -> tuple[int, int]:
    return half_hour // DAY.seconds, 1 << half_hour % DAY.seconds // HALF_HOUR.seconds
