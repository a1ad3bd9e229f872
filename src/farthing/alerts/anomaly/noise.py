"""Half hours, and what the season lets expect of them, in; by how much they differ, and for how long, out. Pure.

A sum of calls varies by `size` times its mean, where the size is what calls of the group come in (a Poisson's is one call); and all of an hour
varies together by `swing` times its mean. Single large calls that come by again and again are a third: `jump`.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_DAY
from farthing.alerts.anomaly.robust import (
    MAD_TO_DEVIATION,
    Flags,
    Floats,
    divided,
    known_or,
    medians,
    quantiles,
    scores,
)
from farthing.alerts.anomaly.season import BLOCKS_OF_DAY, Season, blocks

_LEAST_SWING, _MOST_SWING = 0.1, 0.6
_BEFORE = 4
_MOST, _CHI_SQUARE_OF_MOST = 0.6, 0.708
_CAPPED = 0.925
"""Differences beyond this quantile are incidents' edges or single large calls, and count as much as the quantile."""
_CAP_FACTOR = 1.4
_OFTEN = 3
"""A jump that came by so often in the time looked back on is usual."""
_WILDEST = 1.5
_INCIDENTS = 2
"""So many days' worst are taken for incidents."""
_OF_KEPT = 1.8
"""The mean of squares that is left of fourteen without the two largest, made up for."""
_STEADY = 8.0
"""So many half hours what all hours together have is worth."""
_LEAST_PART, _MOST_PART = 0.8, 2.0
_HIGH, _HIGH_OF_NORMAL = 0.97, 1.881
_QUIETEST = 0.8
_BEYOND, _BEYOND_OF_SURE, _ORDINARY = 6.0, 14.0, 0.8


class Noise(msgspec.Struct, frozen=True):
    """One row per group."""

    size: Floats
    swing: Floats
    drift: Floats
    """What of the swing is left when the two hours before are known."""
    swings: Floats
    """The swing by half hour of the day, counted from the end of what was learnt from."""
    drifts: Floats
    jump: Floats
    tail: Floats
    """By what part the highest of half hours are more deviations from what was expected than a normal's would be."""


def noise(weeks: Floats, found: Season, due: Floats, size: Floats, calls: Floats, sure: Flags) -> Noise:
    """`weeks`: without holidays. `calls`: how many come in half an hour. `sure`: groups in which nothing is large by itself."""
    flat = weeks.reshape(len(weeks), -1)
    swing = _swing(weeks, found, size)
    drift, drifts, tail = _drift(flat, due, size)
    swings = _steadied(divided(flat, due), divided(size[:, None], due), swing)
    return Noise(size, swing, drift, swings, drifts, _jump(flat, due, calls, sure), tail)


def rough_size(flat: Floats) -> Floats:
    """The size of calls from how neighbouring half hours differ, before anything else is known: by most of them, not by a job's edges."""
    differences, sums = (flat[:, 1:] - flat[:, :-1]) ** 2, flat[:, 1:] + flat[:, :-1]
    return known_or(quantiles(divided(differences, sums), _MOST)) / _CHI_SQUARE_OF_MOST


def size_of_calls(flat: Floats, due: Floats) -> Floats:
    """The same, with the season taken off."""
    rest = np.where(np.isnan(flat) | np.isnan(due), np.nan, flat - due)
    differences = known_or((rest[:, 1:] - rest[:, :-1]) ** 2)
    sums = np.where(np.isnan(rest[:, 1:] + rest[:, :-1]), 0.0, due[:, 1:] + due[:, :-1])
    cap = _capped(divided(differences, sums, 0.0))
    return _CAP_FACTOR * divided(np.minimum(differences, cap * sums).sum(-1), sums.sum(-1), 0.0)


def _capped(values: Floats) -> Floats:
    size = values.shape[-1]
    at = min(size - 1, int(size * _CAPPED))
    return np.partition(values, at, axis=-1)[:, at : at + 1]


def _swing(weeks: Floats, found: Season, size: Floats) -> Floats:
    """By how much a few hours differ from what the day before lets expect, beyond what single calls make."""
    groups, many, _ = weeks.shape
    profile, days, strange = found.profile, found.days, found.strange
    there = ~np.isnan(weeks)
    due = blocks(np.where(there, profile[:, None, :], 0.0)).reshape(groups, -1, BLOCKS_OF_DAY)
    sums = blocks(known_or(weeks)).reshape(groups, -1, BLOCKS_OF_DAY)
    of_day = np.tile(profile.reshape(groups, 7, BUCKETS_OF_DAY).mean(-1), (1, many))
    levels = np.where(strange > 0, np.nan, divided(days, of_day))
    mean = levels[:, :-1, None] * due[:, 1:]
    ratios = divided(sums[:, 1:], mean).reshape(groups, -1)
    ratios = np.where(np.repeat(strange[:, 1:], BLOCKS_OF_DAY, axis=-1) > 0, np.nan, ratios)
    apart = medians(np.abs(np.log(np.where(ratios > 0.01, ratios, np.nan)))) * MAD_TO_DEVIATION
    by_calls = medians(divided(size[:, None], mean.reshape(groups, -1)))
    rest = 1.2 * known_or(apart**2 - 1.2 * by_calls, _LEAST_SWING)
    return np.sqrt(np.clip(rest, _LEAST_SWING**2, _MOST_SWING**2))


def _drift(flat: Floats, due: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
    """By how much half hours differ from what the two hours before let expect, one half hour between, beyond what single calls make; by hour; and the tail."""
    there = ~np.isnan(flat) & (due > 0)
    seen, mean = _hours_before(np.where(there, flat, 0.0)), _hours_before(np.where(there, due, 0.0))
    ratios, by_calls = np.full_like(flat, np.nan), np.full_like(flat, np.nan)
    after = slice(_BEFORE + 1, None)
    expected = due[:, after] * divided(seen, mean)
    ratios[:, after] = np.where(there[:, after], divided(flat[:, after], expected), np.nan)
    by_calls[:, after] = divided(size[:, None], expected) + divided(size[:, None], seen)
    apart = medians(np.abs(np.log(np.where(ratios > 0.01, ratios, np.nan)))) * MAD_TO_DEVIATION
    rest = known_or(apart**2 - medians(by_calls), _MOST_SWING**2)
    drift = np.sqrt(np.clip(rest, _LEAST_SWING**2, _MOST_SWING**2))
    drifts = _steadied(ratios, by_calls, drift)
    # As where the next minutes are judged, quiet hours aren't believed wholly.
    ratios[:, after] *= np.minimum(divided(seen, mean, 1.0) / _QUIETEST, 1.0)
    return drift, drifts, _tail(ratios, by_calls, drifts)


def _tail(ratios: Floats, by_calls: Floats, drifts: Floats) -> Floats:
    """How far out the highest of half hours are, beside a normal's: season, noise and what hours tell of the next one, taken together."""
    days = ratios.shape[-1] // BUCKETS_OF_DAY
    # Every other one tells as much, nearly.
    some, by_some = ratios[:, ::2], by_calls[:, ::2]
    found = scores(some, np.ones_like(some), 1 / (by_some + np.tile(drifts[:, ::2], (1, days)) ** 2))
    return known_or(quantiles(found, _HIGH), _HIGH_OF_NORMAL) / _HIGH_OF_NORMAL


def _steadied(ratios: Floats, by_calls: Floats, pooled: Floats) -> Floats:
    """By half hour of the day: how far ratios are from one beyond what calls make, drawn towards what all hours together have."""
    groups = len(ratios)
    apart = np.minimum(np.abs(ratios - 1), _WILDEST) ** 2 - by_calls
    by_day = np.swapaxes(apart.reshape(groups, -1, BUCKETS_OF_DAY), 1, 2)
    known = ~np.isnan(by_day)
    filled = np.where(known, by_day, 0.0)
    worst = np.partition(np.where(known, by_day, -np.inf), -_INCIDENTS, axis=-1)[..., -_INCIDENTS:]
    left: Floats = filled.sum(-1) - np.where(np.isfinite(worst), worst, 0.0).sum(-1)
    sums = _with_neighbours(left)
    counts = _with_neighbours(np.maximum(known.sum(-1) - float(_INCIDENTS), 0.0))
    mixed = (_OF_KEPT * sums + _STEADY * pooled[:, None] ** 2) / (counts + _STEADY)
    least, most = ((part * pooled[:, None]) ** 2 for part in (_LEAST_PART, _MOST_PART))
    return np.sqrt(np.clip(mixed, least, np.minimum(most, _MOST_SWING**2)))


def _with_neighbours(values: Floats) -> Floats:
    return np.roll(values, 1, -1) + values + np.roll(values, -1, -1)


def _hours_before(values: Floats) -> Floats:
    """Sums of the half hours that end one half hour before each, from the first on that has as many before it."""
    sums = np.cumsum(values, axis=-1)
    found = sums[:, _BEFORE - 1 : -2].copy()
    found[:, 1:] -= sums[:, : -_BEFORE - 2]
    return found


def _jump(flat: Floats, due: Floats, calls: Floats, sure: Flags) -> Floats:
    """The amount by which single half hours stand out from both neighbours, where that came by often enough to be usual.

    An incident lasts longer than a half hour, so it doesn't make itself usual.
    """
    beyond = np.where(sure, _BEYOND_OF_SURE, _BEYOND)[:, None]
    # Many calls at a time of the day are a job, which has its minutes; a dear call may come at any.
    rest = known_or(np.where(sure[:, None], flat - due, flat))
    low = np.minimum(rest[:, :-2], rest[:, 2:])
    high = np.maximum(rest[:, :-2], rest[:, 2:])
    out = rest[:, 1:-1] - np.maximum(0.0, np.maximum(low, np.minimum(high, rest[:, 1:-1])))
    roots = np.sqrt(known_or(due[:, 1:-1]))
    # By how much neighbours differ anyway, told so that large calls, up to six of them a day, don't count.
    usually = quantiles(divided(out, roots), _ORDINARY)[:, None]
    out = np.where(out > beyond * usually * roots, out, 0.0)
    if out.shape[-1] < _OFTEN:
        return np.zeros(len(flat))
    found = np.partition(out, -_OFTEN, axis=-1)[:, -_OFTEN]
    # Of few calls there is no usual half hour: what came by twice is.
    return np.where(calls > 1, found, np.partition(known_or(flat), -2, axis=-1)[:, -2])
