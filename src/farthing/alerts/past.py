"""What calls of groups cost, step by step, as it is asked for, in; arrays of the past that are kept and only mended where calls were touched out.

Half hours for five weeks, and minutes for the last hours. Statistics are made of floats; what people are shown never is.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from farthing.alerts.anomaly.history import History
from farthing.alerts.anomaly.judge import Learnt, judge_many, learn
from farthing.alerts.anomaly.judgement import BUCKET_S, DAY_S, STEP_S, Interval, Judgement, Settings
from farthing.alerts.anomaly.robust import Flags, Floats
from farthing.alerts.verdict import Group

MINUTE = 60
RECENT_S = 7 * 3_600
DAYS = 36
MOST_GROUPS = 2_000
LEARN_S = 6 * 3_600
"""In a recording, what is usual is learnt anew so often."""

LOUD = 0.99
"""Of all steps of five minutes of a group so many use no more."""

MOST_RANGES = 20
"""With more pieces than this to ask for anew, all of it is."""

GAP_CALLS = 5.0
"""Where a half hour usually has so many calls in the whole project, none at all means that nothing was taken in."""


class Course(Protocol):
    """What a group used: the first Unix seconds of those steps in which it had calls, how many, and amounts, nan where nobody knows."""

    @property
    def group(self) -> Group: ...

    @property
    def steps(self) -> Sequence[int]: ...

    @property
    def calls(self) -> Sequence[int]: ...

    @property
    def amounts(self) -> Sequence[float]: ...


Ask = Callable[[int, int, int], Sequence[Course]]
"""From, to, and the length of a step, in seconds."""


class Grid:
    """Groups by steps of time, up to a moment that moves on."""

    def __init__(self, step_s: int, size: int) -> None:
        """Nothing is known."""
        self.step_s, self.size = step_s, size
        self.end = 0
        self.groups: dict[Group, int] = {}
        self.amounts: Floats = np.zeros((0, size))
        self.calls: Floats = np.zeros((0, size))

    @property
    def start(self) -> int:
        """The first second of the first step."""
        return self.end - self.size * self.step_s

    def advance(self, end: int) -> int:
        """The last step ends here from now on; the first second that nothing is known of."""
        before = self.end
        shift = min(max(0, (end - before) // self.step_s), self.size)
        self.end = end
        if shift:
            for values in (self.amounts, self.calls):
                values[:, : self.size - shift] = values[:, shift:]
                values[:, self.size - shift :] = 0
        return max(self.start, before)

    def put(self, start: int, end: int, courses: Sequence[Course]) -> None:
        """What there is between two moments, in place of what was known."""
        first, last = (max(0, (at - self.start) // self.step_s) for at in (start, end))
        self.amounts[:, first:last] = 0
        self.calls[:, first:last] = 0
        self._make_room(course.group for course in courses)
        for course in courses:
            place = self.groups.get(course.group)
            if place is not None:
                columns = (np.asarray(course.steps, dtype=np.int64) - self.start) // self.step_s
                there = (columns >= 0) & (columns < self.size)
                self.calls[place, columns[there]] = np.asarray(course.calls)[there]
                self.amounts[place, columns[there]] = np.asarray(course.amounts)[there]

    def rows(self, groups: Sequence[Group]) -> tuple[Floats, Floats]:
        """Amounts and calls of these groups, copied, in this order; nothing where a group isn't known."""
        places = np.array([self.groups.get(group, -1) for group in groups], dtype=np.int64)
        found = np.zeros((2, len(groups), self.size))
        for values, kept in zip(found, (self.amounts, self.calls), strict=True):
            values[places >= 0] = kept[places[places >= 0]]
        return found[0], found[1]

    def _make_room(self, groups: Iterable[Group]) -> None:
        new = [group for group in groups if group not in self.groups][: max(0, MOST_GROUPS - len(self.groups))]
        for group in new:
            self.groups[group] = len(self.groups)
        if new:
            more = np.zeros((len(new), self.size))
            self.amounts = np.concatenate([self.amounts, more])
            self.calls = np.concatenate([self.calls, more.copy()])


class Mended:
    """What is known up to a moment, asked for where it is new or was touched."""

    def __init__(self, *grids: tuple[Grid, Ask]) -> None:
        """Nothing is known."""
        self._grids = grids
        self._touched: set[int] = set()
        self.used_at = 0

    def touch(self, half_hours: Iterable[int]) -> None:
        """Calls in these half hours (their first Unix seconds) have changed."""
        self._touched.update(half_hours)

    def update(self, at: int) -> None:
        """Ask for what is new, or may have changed. Raises `StoreError`, and then nothing is forgotten."""
        self.used_at = at
        touched = sorted(self._touched)
        for grid, ask in self._grids:
            unknown = grid.advance(max(grid.end, at // grid.step_s * grid.step_s))
            try:
                for start, stop in _ranges(grid, unknown, touched):
                    grid.put(start, stop, ask(start, stop, grid.step_s))
            except BaseException:
                grid.end = 0  # as if nothing had been known: all of it is asked for again
                raise
        self._touched.difference_update(touched)


class Whole(Mended):
    """The calls of a whole project: where it had none at all, nothing was taken in. The pasts of all its rules share it."""

    def __init__(self, ask: Ask) -> None:
        """Nothing is known."""
        self._half_hours = Grid(BUCKET_S, DAYS * DAY_S // BUCKET_S)
        super().__init__((self._half_hours, ask))

    def gaps(self) -> Flags:
        """The half hours that nothing is known of."""
        return _gaps(self._half_hours.calls.sum(0))


class _OfGroups(NamedTuple):
    """What was learnt of groups, and after them of one of which nothing is known."""

    places: dict[Group, int]
    learnt: Learnt

    def of(self, groups: Sequence[Group]) -> Learnt:
        """The same of these groups."""
        return self.learnt.of([self.places.get(group, len(self.places)) for group in groups])


def _and_one_more(history: History) -> History:
    """With a group of which nothing is known beside those there are."""
    added = {
        name: np.concatenate([values, np.zeros((1, values.shape[1]))])
        for name in ("amounts", "calls", "days")
        if (values := getattr(history, name)) is not None
    }
    return msgspec.structs.replace(history, **added, expected=(*history.expected, ()) if history.expected else ())


class Past(Mended):
    """What is known of the groups of one question."""

    def __init__(self, ask: Ask, whole: Whole, learns_late_s: int = 0) -> None:
        """`whole` is kept up to date by whoever made it. What is usual is learnt so long after a half hour is over."""
        self._half_hours = Grid(BUCKET_S, DAYS * DAY_S // BUCKET_S)
        self._minutes = Grid(MINUTE, RECENT_S // MINUTE)
        super().__init__((self._half_hours, ask), (self._minutes, ask))
        self._whole = whole
        self._learns_late_s = learns_late_s
        self._learnt: dict[tuple[int, Settings, object], _OfGroups] = {}
        self._judged: dict[tuple[Settings, object], list[Judgement]] = {}

    def update(self, at: int) -> None:
        """The same; what was said of earlier moments is forgotten."""
        self._judged.clear()
        super().update(at)

    @property
    def groups(self) -> list[Group]:
        """Those that anything is known of, in the order of the arrays' rows."""
        return list(dict.fromkeys([*self._half_hours.groups, *self._minutes.groups]))

    def history(self, expected: Sequence[Sequence[Interval]] = ()) -> History:
        """All that is known, as the statistics want it."""
        groups = self.groups
        gaps = self._whole.gaps()
        amounts, calls = self._half_hours.rows(groups)
        minutes, minute_calls = self._minutes.rows(groups)
        amounts[:, gaps] = np.nan
        calls[:, gaps] = np.nan
        days = amounts.reshape(len(groups), DAYS, DAY_S // BUCKET_S).sum(-1)
        return History(
            start_s=self._half_hours.start,
            amounts=amounts,
            calls=calls,
            end_s=self._minutes.end,
            recent=_by_fives(minutes),
            recent_calls=_by_fives(minute_calls),
            last=minutes[:, -STEP_S // MINUTE :],
            days=days,
            expected=expected,
        )

    def learnt(self, history: History, settings: Settings) -> Learnt:
        """What is usual; kept for half an hour. A group that came meanwhile is one of which nothing is known."""
        groups = self.groups
        marks = frozenset((group, tuple(told)) for group, told in zip(groups, history.expected, strict=False) if told)
        half_hour = (self._minutes.end - self._learns_late_s) // BUCKET_S
        key = (half_hour, settings, marks)
        if key not in self._learnt:
            self._learnt = {known: one for known, one in self._learnt.items() if known[0] == half_hour}
            places = {group: place for place, group in enumerate(groups)}
            self._learnt[key] = _OfGroups(places, learn(_and_one_more(history), settings))
        return self._learnt[key].of(groups)

    def judged(self, settings: Settings, expected: Sequence[Sequence[Interval]]) -> list[Judgement]:
        """What is to be said of each group now: once for all rules that ask the same."""
        key = (settings, tuple(map(tuple, expected)))
        if key not in self._judged:
            history = self.history(expected)
            self._judged[key] = judge_many(history, settings, self.learnt(history, settings))
        return self._judged[key]


class Recording:
    """The past of groups at any moment of a stretch of time, from what was asked for once."""

    def __init__(
        self,
        start: int,
        recent: int,
        end: int,
        halves: Sequence[Course],
        fives: Sequence[Course],
        whole: Sequence[Course],
    ) -> None:
        """Half hours from `start` on, `whole` of all calls of the project; steps of five minutes from `recent` on."""
        self._start, self._recent = start, recent
        self._halves = _filled(BUCKET_S, start, end, halves)
        self._fives = _filled(STEP_S, recent, end, fives)
        self._gaps = _gaps(_filled(BUCKET_S, start, end, whole).calls.sum(0))
        self.groups = list(dict.fromkeys([*self._halves.groups, *self._fives.groups]))
        self._of_halves = self._halves.rows(self.groups)
        self._of_fives = self._fives.rows(self.groups)
        for values in self._of_halves:
            values[:, self._gaps] = np.nan
        self._learnt: dict[object, Learnt] = {}
        amounts = np.nan_to_num(self._of_fives[0])
        self._loudness = (amounts - np.quantile(amounts, LOUD, axis=1, keepdims=True)).max(0) if self.groups else None

    def is_loud(self, at: int, least: float) -> bool:
        """Whether a group used so much more in the five minutes before than it nearly ever does."""
        return self._loudness is not None and bool(self._loudness[(at - self._recent) // STEP_S - 1] >= least)

    def at(self, at: int) -> "Moment":
        """As it was known then."""
        return Moment(self, at)

    def history(self, at: int, expected: Sequence[Sequence[Interval]]) -> History:
        """All that was known then."""
        end, first = (at - self._start) // BUCKET_S, (at - self._start) // BUCKET_S - DAYS * DAY_S // BUCKET_S
        last = (at - self._recent) // STEP_S
        amounts, calls = (values[:, first:end] for values in self._of_halves)
        recent, recent_calls = (values[:, last - RECENT_S // STEP_S : last] for values in self._of_fives)
        return History(
            start_s=self._start + first * BUCKET_S,
            amounts=amounts,
            calls=calls,
            end_s=self._recent + last * STEP_S,
            recent=recent,
            recent_calls=recent_calls,
            days=amounts.reshape(len(self.groups), DAYS, DAY_S // BUCKET_S).sum(-1),
            expected=expected,
        )

    def learnt(self, history: History, settings: Settings) -> Learnt:
        """What was usual some hours before at most."""
        key = (history.end_s // LEARN_S, settings)
        if key not in self._learnt:
            self._learnt = {key: learn(history, settings)}
        return self._learnt[key]


class Moment(NamedTuple):
    """What was known at one moment of a recording."""

    recording: Recording
    at: int

    @property
    def groups(self) -> list[Group]:
        """Those that anything is known of."""
        return self.recording.groups

    def judged(self, settings: Settings, expected: Sequence[Sequence[Interval]]) -> list[Judgement]:
        """What was to be said of each then."""
        history = self.recording.history(self.at, expected)
        return judge_many(history, settings, self.recording.learnt(history, settings))


class Known(Protocol):
    """Whatever tells of the past of groups."""

    @property
    def groups(self) -> list[Group]:
        """Those that anything is known of, in the order of the arrays' rows."""
        ...

    def judged(self, settings: Settings, expected: Sequence[Sequence[Interval]]) -> list[Judgement]:
        """What is to be said of each of them; `expected`: what people marked, by group."""
        ...


def _filled(step_s: int, start: int, end: int, courses: Sequence[Course]) -> Grid:
    size = -(-(end - start) // step_s)
    grid = Grid(step_s, size)
    grid.advance(start + size * step_s)
    grid.put(start, grid.end, courses)
    return grid


def _ranges(grid: Grid, unknown: int, touched: Sequence[int]) -> list[tuple[int, int]]:
    """The pieces of time to ask for, half hours whole."""
    halves = {half for half in touched if grid.start < half + BUCKET_S and half < grid.end}
    if unknown < grid.end:
        halves.update(range(unknown // BUCKET_S * BUCKET_S, grid.end, BUCKET_S))
    ranges: list[tuple[int, int]] = []
    for half in sorted(halves):
        start, stop = max(half, grid.start), min(half + BUCKET_S, grid.end)
        if ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], stop)
        elif start < stop:
            ranges.append((start, stop))
    return [(grid.start, grid.end)] if len(ranges) > MOST_RANGES else ranges


def _by_fives(minutes: Floats) -> Floats:
    per_step = STEP_S // MINUTE
    return minutes.reshape(len(minutes), minutes.shape[1] // per_step, per_step).sum(-1)


def _gaps(calls: Floats) -> Flags:
    """The half hours in which the whole project had no calls though that hour of the week usually has."""
    weeks = calls[-(len(calls) // 336) * 336 :].reshape(-1, 336)
    seen = np.where(weeks > 0, weeks, np.nan)
    usual = np.zeros(336)
    known = ~np.isnan(seen).all(0)
    usual[known] = np.nanmedian(seen[:, known], axis=0)
    # In half of its weeks at least there must have been calls.
    usual[(weeks > 0).mean(0) < 0.5] = 0
    found = np.zeros(len(calls), dtype=np.bool_)
    found[-weeks.size :] = ((weeks == 0) & (usual >= GAP_CALLS)).ravel()
    first = int(np.argmax(calls > 0)) if (calls > 0).any() else 0
    found[:first] = False
    return found
