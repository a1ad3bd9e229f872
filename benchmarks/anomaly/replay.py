"""Traffic in; what a detector says of every series at every minute out: ours, two stand-ins for what others do, and an oracle."""

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.anomaly.traffic import MINUTES_OF_DAY, Floats, Traffic
from farthing.alerts.anomaly.fast import Recent
from farthing.alerts.anomaly.history import History
from farthing.alerts.anomaly.judge import learn, look_at
from farthing.alerts.anomaly.judgement import Settings
from farthing.alerts.anomaly.robust import limits

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

JUDGED_FROM = 15 * MINUTES_OF_DAY
_HALF, _STEP, _STEPS, _DAYS = 30, 5, 72, 35
_YOUNG = 8
_SHIFTED, _SESSION = 12 * 60, 60
"""Minutes: so long a shift is new, and what was begun in a spike may go on."""


class Said(msgspec.Struct, frozen=True):
    """By series and minute from `JUDGED_FROM`: what is said at the end of that minute."""

    firing: Flags
    recovered: Flags
    since: Whole
    """The minute it is said to have begun."""


def ours(traffic: Traffic, settings: Settings, every: int, learn_every: int, progress: Callable[[int], object]) -> Said:
    """Looks every so many minutes, and every minute while a planted incident is young, so that delays are true to the minute."""
    series, minutes = traffic.costs.shape
    halves = [_sums(values, _HALF) for values in (traffic.costs, traffic.calls)]
    steps = [_running(values, _STEP) for values in (traffic.costs, traffic.calls)]
    size = (series, minutes - JUDGED_FROM)
    said = Said(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.int64))
    moments = set(range(JUDGED_FROM, minutes, every))
    for planted in traffic.planted:
        moments.update(range(planted.start, min(planted.start + _YOUNG, minutes)))
    ordered = np.array(sorted(moments), dtype=np.int64)
    lasts = np.diff(ordered, append=minutes)
    unmarked = np.zeros(series, dtype=np.bool_)
    for first in range(JUDGED_FROM, minutes, learn_every):
        learnt = learn(_history(halves, steps, first), settings)
        progress(first)
        here = (ordered >= first) & (ordered < first + learn_every)
        now, until = ordered[here], lasts[here]
        ends = now[:, None] - 1 - _STEP * np.arange(_STEPS - 1, -1, -1, dtype=np.int64)
        recent, calls = (np.moveaxis(values[:, ends], 0, 1) for values in steps)
        last = np.moveaxis(traffic.costs[:, now[:, None] - np.arange(_STEP, 0, -1)], 0, 1)
        seen = look_at(learnt, now * 60, Recent(recent, calls, last), unmarked, settings)
        at = slice(int(now[0]) - JUDGED_FROM, int(now[-1] + until[-1]) - JUDGED_FROM)
        said.firing[:, at] = np.repeat(seen.firing, until, axis=0).T
        said.recovered[:, at] = np.repeat(seen.recovered, until, axis=0).T
        said.since[:, at] = np.repeat(now[:, None] - seen.fast.run * _STEP, until, axis=0).T
    return said


def static(traffic: Traffic, factor: float) -> Said:
    """The last hour is above a limit that was set once: so many times the highest hour of the first two weeks."""
    hours = _running(np.nan_to_num(traffic.costs), 60)
    limit = hours[:, 60 : 14 * MINUTES_OF_DAY].max(-1, keepdims=True) * factor
    return _plainly(hours > limit, traffic)


def mean_of_days(traffic: Traffic, times: float, days: int = 14) -> Said:
    """Today, from midnight on, is above so many times the mean of the last days."""
    there = np.nan_to_num(traffic.costs)
    series, minutes = there.shape
    by_day = there.reshape(series, -1, MINUTES_OF_DAY)
    today = np.cumsum(by_day, axis=-1)
    sums = np.concatenate([np.zeros((series, 1)), np.cumsum(by_day.sum(-1), axis=-1)], axis=-1)
    size = by_day.shape[1]
    first = np.maximum(np.arange(size) - days, 0)
    means = (sums[:, np.arange(size)] - sums[:, first]) / np.maximum(np.arange(size) - first, 1)
    firing = (today > times * means[:, :, None]) & (means[:, :, None] > 0)
    return _plainly(firing.reshape(series, minutes), traffic)


def oracle(traffic: Traffic, settings: Settings) -> Said:
    """Knows the true rate of every minute and how sums scatter about it; no baseline can know more. By calls and by what they cost, of five minutes and of an hour."""
    usual, planted = traffic.rates.copy(), np.zeros(traffic.costs.shape, dtype=np.bool_)
    for one in traffic.planted:
        if one.kind == "shift" and one.by_calls:
            usual[one.series, one.start : one.start + _SHIFTED] /= 2
        if one.kind != "growth":
            planted[one.series, one.start : one.start + _SHIFTED if one.kind == "shift" else one.end + _SESSION] = True
    firing = np.zeros(usual.shape, dtype=np.bool_)
    for values in (traffic.calls, traffic.costs):
        each = np.nansum(np.where(planted, 0.0, values), axis=-1) / np.where(
            planted | np.isnan(values), 0.0, usual
        ).sum(-1)
        rates = usual * np.where(_dearer(traffic, values), 2.0, 1.0) * each[:, None]
        for width in (_STEP, 60):
            mean, seen = _running(rates, width), _running(np.where(planted, np.nan, values), width)
            size = _size(seen, mean)
            actual = _running(np.nan_to_num(values), width)
            upper = np.maximum(limits(mean, mean / size[:, None], settings.score), mean * settings.ratio(width * 60))
            firing |= (
                (actual > upper) & (mean > 0) & (actual - mean >= (settings.least if values is traffic.costs else 0))
            )
    return _plainly(firing, traffic)


def _dearer(traffic: Traffic, values: Floats) -> Flags:
    """Minutes after a shift of what calls cost, once it is old."""
    found = np.zeros(values.shape, dtype=np.bool_)
    for one in traffic.planted:
        if one.kind == "shift" and not one.by_calls and values is traffic.costs:
            found[one.series, one.start + _SHIFTED :] = True
    return found


def _size(seen: Floats, mean: Floats) -> Floats:
    """By series: variance by mean of sums in which nothing is planted."""
    apart = np.where(np.isnan(seen) | (mean <= 0), np.nan, (seen - mean) ** 2)
    size = np.nansum(apart, axis=-1) / np.nansum(np.where(np.isnan(apart), np.nan, mean), axis=-1)
    return np.maximum(size, 1e-9)


def _plainly(firing: Flags, traffic: Traffic) -> Said:
    firing = firing[:, JUDGED_FROM - 1 : -1]
    now = np.broadcast_to(np.arange(JUDGED_FROM, traffic.costs.shape[1], dtype=np.int64), firing.shape)
    return Said(firing, ~firing, now)


def _history(halves: list[Floats], steps: list[Floats], now: int) -> History:
    end = now // _HALF
    ends = np.arange(now - 1 - _STEP * (_STEPS - 1), now, _STEP)
    days = min(_DAYS, end // 48)
    return History(
        start_s=(end - days * 48) * 1800,
        amounts=halves[0][:, end - days * 48 : end],
        calls=halves[1][:, end - days * 48 : end],
        end_s=now * 60,
        recent=steps[0][:, ends],
        recent_calls=steps[1][:, ends],
        days=np.nansum(halves[0][:, end - days * 48 : end].reshape(-1, days, 48), axis=-1),
    )


def _sums(values: Floats, width: int) -> Floats:
    return values.reshape(len(values), -1, width).sum(-1)


def _running(values: Floats, width: int) -> Floats:
    """The sum of the `width` minutes that end with each; unknown where one of them is."""
    known = ~np.isnan(values)
    sums = np.cumsum(np.where(known, values, 0.0), axis=-1)
    unknown = np.cumsum(~known, axis=-1)
    found = sums.copy()
    found[:, width:] -= sums[:, :-width]
    gaps = unknown.copy()
    gaps[:, width:] -= unknown[:, :-width]
    return np.where(gaps > 0, np.nan, found)
