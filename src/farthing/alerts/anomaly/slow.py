"""What is usual and the sums of whole days in; groups whose level rose for a day, or grew over weeks, out. Pure.

What rises little can't be told from noise within an hour, but a day of it can. What grows a little every day is followed by every baseline
that looks back two weeks; it is seen only against the weeks before, and is told from a step by which of the two fits the days better.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.judgement import Settings
from farthing.alerts.anomaly.robust import MAD_TO_DEVIATION, Flags, Floats, divided, known_or, medians
from farthing.alerts.anomaly.usual import Usual

_WEEKS_OF_GROWTH = 5
_DAYS = 7 * _WEEKS_OF_GROWTH
_LEAST_GROWTH = 1.55
"""How many times more the fitted growth must make of a day in four weeks."""
_GROWS_STILL = 1.06
"""And the last week must be above the one before it."""
_RATHER = 1.2
"""And the line must fit by so much better than a step: a step on a slope is no growth."""
_UNLIKE = 0.35
_LEAST_DAY_NOISE = 0.06
_DAY_SCORE = 4.0
_LEAST_CALLS = 200.0
"""A day must have so many calls, or its level is too wild."""
_OF_BLOCKS, _HOLDS = 0.7, 0.6
"""All but two blocks of the day must be by this part as much above the usual as its level; an alarm holds while three and the last are by this part."""


_LATELY, _NEW_LEVEL = slice(-6, -2), 1.15
"""A level that one of these days nearly had is no news."""


class Slow(msgspec.Struct, frozen=True):
    """One row per group. `actual` and `expected` are amounts of a day."""

    day: Flags
    holds: Flags
    """The day isn't over its limit any more, or not yet, but not back to what is usual either: unless the last hour is."""
    back: Floats
    """An hour of so many times what is usual now is back to what was usual before the day."""
    grows_on: Flags
    day_limit: Floats
    day_actual: Floats
    day_expected: Floats
    growth: Flags
    growth_actual: Floats
    growth_expected: Floats
    growth_limit: Floats


def slow(usual: Usual, days: Floats | None, settings: Settings) -> Slow:
    """What is to be said of days and weeks."""
    limit = np.maximum(settings.ratio(86_400), np.exp(_DAY_SCORE * _day_noise(usual.days)))
    expected = usual.before * 48
    upper = np.maximum(expected * limit, expected + settings.least)
    actual = usual.today * 48
    judged = (expected > _LEAST_CALLS * usual.size) & ~usual.pooled & (usual.known >= 7 * 48)
    share = divided(usual.lowest * 48, expected, 0.0)
    before = known_or(usual.levels()[:, _LATELY]).max(-1, initial=0.0) * 48
    risen = judged & (actual > np.maximum(upper, before * _NEW_LEVEL)) & (share > 1 + (limit - 1) * _OF_BLOCKS)
    # What is more was seen when it came.
    lately = known_or(medians(usual.levels()[:, _LATELY]) * 48, np.inf)
    risen &= usual.highest * 48 < np.minimum(expected, lately) * settings.ratio(3600)
    holds = judged & (divided(usual.half * 48, expected, 0.0) > 1 + (limit - 1) * _HOLDS)
    back = divided(usual.before, usual.level, 1.0) * (1 + (limit - 1) * _HOLDS)
    growth, grows_on, of_last, of_first = _growth(days, settings)
    return Slow(
        risen, holds, back, grows_on, upper, actual, expected, growth, of_last, of_first, of_first * _LEAST_GROWTH
    )


def _day_noise(days: Floats) -> Floats:
    """By how much the same days of two weeks differ, as logarithms, a common shift apart."""
    if days.shape[-1] < 14:
        return np.full(len(days), 4 * _LEAST_DAY_NOISE)
    logs = np.log(np.where(days > 0, days, np.nan))
    apart = logs[:, 7:] - logs[:, :-7]
    spread = medians(np.abs(apart - medians(apart)[:, None])) * MAD_TO_DEVIATION / np.sqrt(2)
    return np.maximum(known_or(spread, 4 * _LEAST_DAY_NOISE), _LEAST_DAY_NOISE)


def _growth(days: Floats | None, settings: Settings) -> tuple[Flags, Flags, Floats, Floats]:
    """Which groups grew day by day over five weeks; which of these do so nearly; the last week's day and the first week's."""
    if days is None or days.shape[-1] < _DAYS or not settings.slow:
        nothing = np.zeros(0 if days is None else len(days))
        return nothing > 0, nothing > 0, nothing, nothing
    last = days[:, -_DAYS:]
    weeks = last.reshape(len(last), _WEEKS_OF_GROWTH, 7)
    by_week = medians(weeks)
    logs = np.log(np.where(weeks > 0, weeks, np.nan))
    # A day of the week is compared with itself: its own mean over the weeks is taken off.
    centred = logs - medians(np.swapaxes(logs, 1, 2))[:, None, :]
    usual = medians(centred)[:, :, None]
    # A holiday or an incident is a day that is unlike its week.
    centred = np.where(np.abs(centred - usual) > _UNLIKE, usual, centred)
    line = centred.reshape(len(last), _DAYS)
    there = ~np.isnan(line)
    filled = np.clip(known_or(line), -1.5, 1.5)
    at = (np.arange(_DAYS) - (_DAYS - 1) / 2) / 28
    # The means of the days of the week were taken off, so off the ramp and the steps too.
    ramp = _without_weekdays(at[None])[0]
    slope = (filled @ ramp) / (ramp**2).sum()
    total = (filled**2).sum(-1)
    by_ramp = (filled @ ramp) ** 2 / (ramp**2).sum()
    steps = _without_weekdays(np.tri(_DAYS, _DAYS - 1, -1).T)
    by_step = ((filled @ steps.T) ** 2 / (steps**2).sum(-1)).max(-1)
    enough = (there.sum(-1) >= _DAYS - 5) & (by_week > 0).all(-1)
    ratio = divided(by_week[:, -1], by_week[:, 0], 0.0)
    steady = (by_ramp > _RATHER * by_step) & (by_ramp > 0.6 * total)
    goes_on = by_week[:, -1] > by_week[:, -2] * _GROWS_STILL
    risen = (by_week[:, -1] - by_week[:, 0]) * 7 >= settings.least
    least = np.log(_LEAST_GROWTH)
    found = enough & (slope > least) & (np.log(np.maximum(ratio, 1e-9)) > least) & steady & goes_on & risen
    # By the line alone: middles of weeks depend on the hour at which days are cut, so it was over every noon, and told again at night.
    goes_on = enough & (slope > least) & (by_ramp > np.maximum(0.5 * total, 0.9 * by_step))
    return found, goes_on, by_week[:, -1], by_week[:, 0]


def _without_weekdays(rows: Floats) -> Floats:
    by_day = rows.reshape(len(rows), _WEEKS_OF_GROWTH, 7)
    return (by_day - by_day.mean(1, keepdims=True)).reshape(len(rows), _DAYS)
