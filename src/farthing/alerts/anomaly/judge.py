"""The past and the last hours of one group, or of hundreds at once, in; for each whether it spends more than usual, by how much, since when and why, out. Pure.

`learn` looks at the past and is worth keeping for the half hour; `judge_many` looks at the last hours too.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np

from farthing.alerts.anomaly.fast import WINDOWS, Fast, Recent, fast
from farthing.alerts.anomaly.history import History, Series, learnable, marked, of_series
from farthing.alerts.anomaly.holidays import twice_low, without
from farthing.alerts.anomaly.judgement import BUCKET_S, NOTHING_KNOWN, STEP_S, Judgement, Settings
from farthing.alerts.anomaly.robust import Flags, Whole
from farthing.alerts.anomaly.slow import Slow, slow
from farthing.alerts.anomaly.usual import Usual, usual

DEFAULT = Settings()
_SCATTERS = 0.2
"""Calls whose number varies by less than a fifth of a Poisson's are no calls but sums, told at set times: none is dear by itself."""
S = TypeVar("S", Usual, Slow)


class Learnt(msgspec.Struct, frozen=True):
    """What is usual for every group, as of the end of the history."""

    end_s: int
    amounts: Usual
    calls: Usual | None
    slow: Slow

    def of(self, rows: Sequence[int]) -> "Learnt":
        """The same of these groups, in this order."""
        return Learnt(
            self.end_s,
            _of(self.amounts, rows),
            None if self.calls is None else _of(self.calls, rows),
            _of(self.slow, rows),
        )


def _of(rows_of_all: S, rows: Sequence[int]) -> S:
    """Every array has one row per group, or none at all."""
    arrays = {
        name: values[rows] if len(values) else values for name, values in msgspec.structs.asdict(rows_of_all).items()
    }
    return type(rows_of_all)(**arrays)


def learn(history: History, settings: Settings = DEFAULT) -> Learnt:
    """What is usual, what people marked as expected left out."""
    wanted = settings.trailing_days * 48
    amounts = history.amounts[:, -wanted:]
    start = history.start_s + (history.amounts.shape[1] - amounts.shape[1]) * BUCKET_S
    marks: Flags | None = None
    if any(history.expected):
        marks = marked(history.expected, len(amounts), start, BUCKET_S, amounts.shape[1])
    of_calls, sure = None, np.ones(len(amounts), dtype=np.bool_)
    low = twice_low(history.amounts)
    if history.calls is not None:
        of_calls = usual(without(learnable(history.calls[:, -wanted:], marks), low), sure)
        sure = of_calls.size < _SCATTERS
    of_amounts = usual(without(learnable(amounts, marks), low), sure)
    end_s = history.start_s + history.amounts.shape[1] * BUCKET_S
    return Learnt(end_s, of_amounts, of_calls, slow(of_amounts, history.days, settings))


def judge(series: Series, now_s: int, settings: Settings = DEFAULT) -> Judgement:
    """One group by itself. With others beside it `judge_many` knows more: what is usual in the project, and its holidays."""
    return judge_many(of_series(series, now_s, settings.trailing_days), settings)[0]


def judge_many(history: History, settings: Settings = DEFAULT, learnt: Learnt | None = None) -> list[Judgement]:
    """All groups of a rule, in their order. `learnt`: of a history that ended less than a few hours ago."""
    learnt = learnt or learn(history, settings)
    seen = look(history, learnt, settings)
    found = [_one(history, learnt, seen, at, settings) for at in range(len(history.recent))]
    # What was learnt without the marked intervals may be less. A mark must never make an alarm of what was none.
    doubtful = [at for at, marks in enumerate(history.expected) if marks and found[at].firing]
    if doubtful:
        plain = msgspec.structs.replace(history, expected=())
        without = learn(plain, settings)
        seen = look(plain, without, settings)
        for at in doubtful:
            if not seen.firing[at]:
                found[at] = _one(plain, without, seen, at, settings)
    return found


class Seen(msgspec.Struct, frozen=True):
    """One row per group: what `judge_many` puts into words."""

    fast: Fast
    firing: Flags
    recovered: Flags
    enough: Flags
    by_people: Flags
    sign: Whole
    """Which of the signs fires: the windows in their order, then evidence added up, the day, growth, none."""


_SUM, _DAY, _GROWTH, _NONE = range(len(WINDOWS), len(WINDOWS) + 4)


def look(history: History, learnt: Learnt, settings: Settings = DEFAULT) -> Seen:
    """The same as arrays."""
    steps = history.recent.shape[1]
    start = history.end_s - steps * STEP_S
    marks = marked(history.expected, len(history.recent), start, STEP_S, steps)
    recent = np.where(marks, np.nan, history.recent)
    found = Recent(recent, history.recent_calls, history.last)
    return look_at(learnt, history.end_s, found, marks[:, -1], settings)


def look_at(learnt: Learnt, end_s: int | Whole, recent: Recent, by_people: Flags, settings: Settings = DEFAULT) -> Seen:
    """The same of many moments at once, where `end_s` has them along an axis that comes before that of groups in the other arrays."""
    groups, steps = recent.amounts.shape[-2:]
    ends = np.asarray(end_s - learnt.end_s, dtype=np.float64)[..., None]
    slots = (ends - STEP_S * np.arange(steps - 0.5, 0, -1, dtype=np.float64)) / BUCKET_S
    seen = fast(learnt.amounts, learnt.calls, recent, slots, settings)
    enough = learnt.amounts.enough & seen.known & ~by_people
    growth, grows_on = (
        flags if len(flags) else np.zeros(groups, dtype=np.bool_)
        for flags in (learnt.slow.growth, learnt.slow.grows_on)
    )
    hour = seen.windows[-1]
    # An incident of three hours makes most of a day; that it is over shows in the hour after it.
    holds = grows_on | (learnt.slow.holds & (hour.actual > hour.expected * learnt.slow.back))
    # The shortest window first: it says when.
    signs = [*(window.firing for window in seen.windows), seen.summed, learnt.slow.day, growth, ~enough | True]
    sign = np.stack(np.broadcast_arrays(*signs)).argmax(axis=0)
    firing = enough & (sign < _NONE)
    return Seen(
        seen,
        firing,
        by_people | (enough & ~firing & seen.calm & ~holds),
        enough | by_people,
        by_people,
        sign,
    )


def _silent(learnt: Learnt, at: int, by_people: bool) -> Judgement:
    why = "This time was marked as expected." if by_people else NOTHING_KNOWN
    return Judgement(
        firing=False,
        recovered=by_people,
        enough=by_people,
        pooled=bool(learnt.amounts.pooled[at]),
        expected_by_people=by_people,
        why=why,
    )


def _one(history: History, learnt: Learnt, looked: Seen, at: int, settings: Settings) -> Judgement:
    if looked.by_people[at] or not looked.enough[at]:
        return _silent(learnt, at, bool(looked.by_people[at]))
    now, seen, place = history.end_s, looked.fast, int(looked.sign[at])
    sign = {_SUM: "sum", _DAY: "day", _GROWTH: "growth", _NONE: ""}.get(place, "rate")
    pooled = bool(learnt.amounts.pooled[at])
    since = now - int(seen.run[at]) * STEP_S
    if sign in ("day", "growth"):
        return _slowly(learnt, at, sign, settings, pooled)
    if sign == "sum":
        actual, expected = float(seen.run_actual[at]), float(seen.run_expected[at])
        upper = max(expected * settings.ratio(3600), expected + settings.least)
        seconds, lower = now - since, 0.0
    else:
        # Where nothing fires: the hour, which is what a person would ask for.
        window = seen.windows[place if sign else -1]
        actual, expected = float(window.actual[at]), float(window.expected[at])
        upper, lower = float(window.upper[at]), float(window.lower[at])
        seconds = window.steps * STEP_S
        sign = "calls" if sign and bool(window.by_calls[at]) else sign
    return Judgement(
        firing=bool(sign),
        recovered=bool(looked.recovered[at]),
        enough=True,
        pooled=pooled,
        actual=actual,
        expected=expected,
        lower=lower,
        upper=upper,
        since_s=since if sign else None,
        window=(now - seconds, now),
        sign=sign,
        why=_why(sign, seconds, (actual, expected, upper), pooled, settings),
    )


def _slowly(learnt: Learnt, at: int, sign: str, settings: Settings, pooled: bool) -> Judgement:
    long, end = learnt.slow, learnt.end_s
    if sign == "day":
        figures = (float(long.day_actual[at]), float(long.day_expected[at]), float(long.day_limit[at]))
        since, window = end - 86_400, (end - 86_400, end)
    else:
        figures = (float(long.growth_actual[at]), float(long.growth_expected[at]), float(long.growth_limit[at]))
        since, window = end - 28 * 86_400, (end - 7 * 86_400, end)
    return Judgement(
        firing=True,
        recovered=False,
        enough=True,
        pooled=pooled,
        actual=figures[0],
        expected=figures[1],
        lower=0.0,
        upper=figures[2],
        since_s=since,
        window=window,
        sign=sign,
        why=_why(sign, window[1] - window[0], figures, pooled, settings),
    )


def _why(sign: str, seconds: int, figures: tuple[float, float, float], pooled: bool, settings: Settings) -> str:
    actual, expected, upper = figures
    usual = "is usual in this project" if pooled else "is usual at this hour"
    times = f": {actual / expected:.1f} times as much" if expected > 0 else ""
    money = settings.unit
    spent, due, limit = (f"{money}{_short(amount)}" for amount in (actual, expected, upper))
    length = f"{seconds // 3600} hours" if seconds > 3600 else f"{seconds // 60} minutes"
    match sign:
        case "growth":
            return f"A day now costs {spent}, four weeks ago {due}{times}, and no single day explains it."
        case "day":
            return f"Most of the last 24 hours ran at {spent} a day, the days before at {due}{times}."
        case "sum":
            return f"For {length} spend has stayed above what {usual}: {spent} instead of {due}{times}."
        case "calls":
            return f"In the last {length} more calls than usual cost {spent} where {due} {usual}{times}."
        case "rate":
            return f"In the last {length} {spent} were spent where {due} {usual}{times}; the limit is {limit}."
        case _:
            return f"In the last {length} {spent} were spent where {due} {usual}; the limit is {limit}."


def _short(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 1 else f"{amount:.4f}"
