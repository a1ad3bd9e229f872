"""A kind of period and a moment in; the stretch of time whose spend counts at that moment out. Pure.

Calendar periods are those of a time zone: a day lasts 23 to 25 hours, a quarter 90 to 92 days. The stretches of one kind
lie side by side without a gap or an overlap, so no call counts twice and none is left out.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

import msgspec

from farthing.query.errors import ParameterError
from farthing.query.moments import midnight

FOREVER = 4_102_444_800
"""The year 2100, where stretches without an end, end. The store's times end at 2106."""

_MINUTE, _HALF_HOUR, _DAY = 60, 1_800, 86_400
_UNITS = {"m": _MINUTE, "h": 3_600, "d": _DAY, "w": 7 * _DAY}
_LENGTH = re.compile(r"([1-9][0-9]{0,6})([mhdw])")
_SHORTEST, _LONGEST = 5 * _MINUTE, 366 * _DAY


class Period(StrEnum):
    """What a limit is a limit for."""

    DAY = "day"
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"
    QUARTER = "quarter"
    ONCE = "once"
    """From a moment on, to another or for ever."""
    ROLLING = "rolling"
    """The time up to now, of a given length."""


CALENDAR = frozenset({Period.DAY, Period.WEEK, Period.MONTH, Period.QUARTER})


class Stretch(msgspec.Struct, frozen=True):
    """From a Unix second to just before another."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """Whether this Unix second lies in it."""
        return self.start <= at < self.end


def length(text: str) -> int:
    """The seconds of a rolling window, written as 90m, 24h, 30d or 4w. Raises `ParameterError`."""
    found = _LENGTH.fullmatch(text)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not _SHORTEST <= seconds <= _LONGEST:
        msg = f"{text[:20]!r} is no length of time from 5m to 366d; write 90m, 24h, 30d or 4w."
        raise ParameterError("window", msg)
    return seconds


def calendar(period: Period, at: int, tz: tzinfo) -> Stretch:
    """The day, week, month or quarter of a time zone that holds a Unix second."""
    first = _first_day(period, datetime.fromtimestamp(at, tz).date())
    after = _following(period, first)
    end = midnight(after, tz)
    if at < end:
        return Stretch(midnight(first, tz), end)
    # Clocks were put back over a midnight, and the date is yesterday's again: the new day goes on.
    return Stretch(end, midnight(_following(period, after), tz))


def rolling(seconds: int, at: int) -> Stretch:
    """The last so many seconds. It moves on in steps: by the minute, and by the half hour from more than two days on."""
    step = _HALF_HOUR if seconds > 2 * _DAY else _MINUTE
    end = at - at % step + step
    return Stretch(end - seconds, end)


def pieces(whole: Stretch, at: int) -> tuple[Stretch, ...]:
    """A stretch cut where calls of now begin and end: what is before or behind them hardly ever changes."""
    begun = at - at % _HALF_HOUR
    cuts = [cut for cut in (begun - _HALF_HOUR, begun + 2 * _HALF_HOUR) if whole.start < cut < whole.end]
    edges = [whole.start, *cuts, whole.end]
    return tuple(Stretch(start, end) for start, end in pairwise(edges))


def _first_day(period: Period, day: date) -> date:
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    if period is Period.MONTH:
        return day.replace(day=1)
    if period is Period.QUARTER:
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day


def _following(period: Period, first: date) -> date:
    """The first day of the next one."""
    if period is Period.DAY:
        return first + timedelta(days=1)
    if period is Period.WEEK:
        return first + timedelta(days=7)
    # So many days later it is the next month, or quarter, but not yet the one after.
    later = first + timedelta(days=32 if period is Period.MONTH else 93)
    return later.replace(day=1)
