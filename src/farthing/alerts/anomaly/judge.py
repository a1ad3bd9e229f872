"""The past and the last hours of one group, or of hundreds at once, in; for each whether it spends more than usual, by how much, since when and why, out. Pure.

`learn` looks at the past and is worth keeping for the half hour; `judge_many` looks at the last hours too.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from farthing.alerts.anomaly.fast import Fast, fast
from farthing.alerts.anomaly.history import History, Series, learnable, marked, of_series
from farthing.alerts.anomaly.judgement import BUCKET_S, NOTHING_KNOWN, STEP_S, Judgement, Settings
from farthing.alerts.anomaly.robust import Flags
from farthing.alerts.anomaly.slow import Slow, slow
from farthing.alerts.anomaly.usual import Usual, usual

DEFAULT = Settings()


class Learnt(msgspec.Struct, frozen=True):
    """What is usual for every group, as of the end of the history."""

    end_s: int
    amounts: Usual
    calls: Usual | None
    slow: Slow


def learn(history: History, settings: Settings = DEFAULT) -> Learnt:
    """What is usual, what people marked as expected left out."""
    wanted = settings.trailing_days * 48
    amounts = history.amounts[:, -wanted:]
    start = history.start_s + (history.amounts.shape[1] - amounts.shape[1]) * BUCKET_S
    marks: Flags | None = None
    if any(history.expected):
        marks = marked(history.expected, len(amounts), start, BUCKET_S, amounts.shape[1])
    of_amounts = usual(learnable(amounts, marks))
    of_calls = None
    if history.calls is not None:
        of_calls = usual(learnable(history.calls[:, -wanted:], marks))
    end_s = history.start_s + history.amounts.shape[1] * BUCKET_S
    return Learnt(end_s, of_amounts, of_calls, slow(of_amounts, history.days, settings))


def judge(series: Series, now_s: int, settings: Settings = DEFAULT) -> Judgement:
    """One group by itself. With others beside it `judge_many` knows more: what is usual in the project, and its holidays."""
    return judge_many(of_series(series, now_s, settings.trailing_days), settings)[0]


def judge_many(history: History, settings: Settings = DEFAULT, learnt: Learnt | None = None) -> list[Judgement]:
    """All groups of a rule, in their order. `learnt`: of a history that ended less than a few hours ago."""
    learnt = learnt or learn(history, settings)
    marks = marked(history.expected, len(history.recent), _start(history), STEP_S, history.recent.shape[1])
    found = _judged(history, learnt, settings, marks)
    if not any(history.expected):
        return found
    # What was learnt without the marked intervals may be less. A mark must never make an alarm of what was none.
    doubtful = [
        at for at, one in enumerate(found) if one.firing and at < len(history.expected) and history.expected[at]
    ]
    if doubtful:
        plain = _judged(msgspec.structs.replace(history, expected=()), None, settings, np.zeros_like(marks))
        for at in doubtful:
            if not plain[at].firing:
                found[at] = plain[at]
    return found


def _start(history: History) -> int:
    return history.end_s - history.recent.shape[1] * STEP_S


def _judged(history: History, learnt: Learnt | None, settings: Settings, marks: Flags) -> list[Judgement]:
    learnt = learnt or learn(history, settings)
    steps = history.recent.shape[1]
    middles = _start(history) + STEP_S * np.arange(0.5, steps, dtype=np.float64)
    slots = (middles - learnt.end_s) / BUCKET_S
    recent = np.where(marks, np.nan, history.recent)
    seen = fast(learnt.amounts, learnt.calls, recent, history.recent_calls, slots, settings)
    return _told(history, learnt, seen, marks[:, -1], settings)


def _told(history: History, learnt: Learnt, seen: Fast, marked_now: Flags, settings: Settings) -> list[Judgement]:
    groups = len(history.recent)
    enough = learnt.amounts.enough & seen.known
    long = learnt.slow
    day = long.day & enough
    growth = long.growth & enough if len(long.growth) else np.zeros(groups, dtype=np.bool_)
    signs = _signs(seen, day, growth)
    silent = marked_now | ~enough
    told: list[Judgement] = []
    for at in range(groups):
        if silent[at]:
            told.append(_silent(learnt, at, bool(marked_now[at])))
            continue
        told.append(_one(history, learnt, seen, at, signs[at], settings))
    return told


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


def _signs(seen: Fast, day: Flags, growth: Flags) -> Sequence[str]:
    """What gave each group away: the shortest window first, because it says when."""
    conditions = [
        *(window.firing for window in seen.windows),
        seen.summed,
        day,
        growth,
    ]
    names = np.array([*(str(at) for at in range(len(seen.windows))), "sum", "day", "growth", ""])
    stacked = np.stack([*conditions, np.ones_like(day)])
    return list(map(str, names[np.argmax(stacked, axis=0)]))


def _one(history: History, learnt: Learnt, seen: Fast, at: int, sign: str, settings: Settings) -> Judgement:
    now = history.end_s
    pooled = bool(learnt.amounts.pooled[at])
    since = now - int(seen.run[at]) * STEP_S
    if sign in ("day", "growth"):
        return _slowly(learnt, at, sign, settings, pooled)
    if sign == "sum":
        actual, expected = float(seen.run_actual[at]), float(seen.run_expected[at])
        upper = max(expected * settings.ratio(3600), expected + settings.least)
        seconds, lower = now - since, 0.0
    else:
        window = seen.windows[int(sign)] if sign else seen.windows[-1]
        actual, expected = float(window.actual[at]), float(window.expected[at])
        upper, lower = float(window.upper[at]), float(window.lower[at])
        seconds = window.steps * STEP_S
        sign = sign and ("calls" if bool(window.by_calls[at]) else "rate")
    return Judgement(
        firing=bool(sign),
        recovered=not sign and bool(seen.calm[at]),
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
