"""Half hours by weeks in; how spend is spread over the hours of a week, and the level of each day, out. Pure.

Two weeks hold only two of each hour of the week. So a group's profile is made of parts that are known better: the hours of the day from
all days, the days of the week, and only then what a single hour of the week is different by. Each part is drawn towards the one before,
and the first towards the whole project's, the more the fewer calls it rests on.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_DAY, BUCKETS_OF_WEEK
from farthing.alerts.anomaly.robust import (
    Flags,
    Floats,
    divided,
    known_or,
    medians,
    moving_sums,
    trimmed,
    weighted_medians,
)

_BLOCK = 6
"""Half hours of a block: long enough to hold calls, short enough that eight of them are a day."""
BLOCKS_OF_DAY = BUCKETS_OF_DAY // _BLOCK
_SMOOTHED = 20.0
_DENSE = 4.0
"""From so many calls in a block on its median is near its mean."""
_FROM_PROJECT, _FROM_DAYS, _FROM_HOURS = 30.0, 6.0, 20.0
"""How many calls the prior of each part is worth: the project's hours, a day's level, an hour of the week."""
_APART = 0.35
"""Logarithm: days of the week, or blocks, that are this far apart don't mean the same."""
_WILD = 1.0
_SURE_APART, _FEWEST = 2.5, 0.05
_FRESH = 14
"""Half hours: what is judged now may still be going on since then."""
_STEP, _HIGH_STEP = 0.15, 0.4
"""Logarithms: what is less is no step; and none that is not three days old yet."""
_MOST_OF_DAY = 0.75
_SIDE, _SINCE = 3, 1
"""Days before a step, and after it. Before, a shorter one is a day that is unlike others; after, it may have been yesterday."""


class Season(msgspec.Struct, frozen=True):
    """One row per group."""

    profile: Floats
    """By half hour of the week, counted from the history's first week's first; the mean is one."""
    plain: Floats
    """The same without what single half hours of the week are different by."""
    days: Floats
    """The level of each day."""
    single: Floats
    """What single half hours of the week are different by from their day and hour."""
    strange: Floats
    """By day: 1 where it looks like a holiday: far below what the day of the week lets expect."""


def season(weeks: Floats, size: Floats, prior: Season | None) -> Season:
    """The season of groups whose calls have about this size each (in the unit of the amounts)."""
    groups, many, _ = weeks.shape
    days = weeks.reshape(groups, many * 7, BUCKETS_OF_DAY)
    known = ~np.isnan(days)
    mean = divided(np.nansum(days, axis=(1, 2)), known.sum((1, 2)), 0.0)
    calls = np.where(mean > 0, divided(mean, size, 1e6), 0.0)
    base = np.ones(BUCKETS_OF_WEEK) if prior is None else prior.profile[0]
    base_hours = base.reshape(7, BUCKETS_OF_DAY).mean(0)
    plain = divided(np.nansum(days, axis=-1), known.sum(-1))
    hours = _hours(days, np.where(known.sum(-1) >= BUCKETS_OF_DAY // 4, plain, np.nan), calls, base_hours)
    levels = _levels(days, known, hours, calls)
    hours = _hours(days, levels, calls, base_hours)
    levels = _levels(days, known, hours, calls)
    # Half a day, beside a holiday, is no day: the other half may have been of another one.
    halves, whole = _halves(known), levels
    levels = np.where(halves, np.nan, levels)
    weekdays, strange = _weekdays(levels, mean, calls, known, base if prior else None)
    first = (weekdays[:, :, None] * hours[:, None, :]).reshape(groups, BUCKETS_OF_WEEK)
    own = 3 * calls[:, None] * known.sum((1, 2))[:, None] / BUCKETS_OF_DAY
    first = (first * own + base * _FROM_PROJECT) / (own + _FROM_PROJECT)
    beside = np.where(halves, np.tile(_of_other_weeks(levels), many), whole)
    relative = np.where(strange[:, :, None] > 0, np.nan, divided(days, beside[:, :, None])).reshape(weeks.shape)
    single = _single_hours(relative, hours, calls, None if prior is None else prior.single)
    if many == 2:
        # In units of `single`: what the second busiest day had at this time.
        often = np.partition(np.where(known, days, 0.0), -2, axis=1)[:, -2] / np.where(mean > 0, mean, 1.0)[:, None]
        most = divided(np.tile(often, 7), first, 0.0)
        single = _where_weeks_differ(single, divided(relative, np.tile(hours, 7)[:, None, :]), most, calls)
    profile = first * single
    mean = profile.mean(-1)[:, None]
    return Season(divided(profile, mean, 1.0), divided(first, mean, 1.0), levels, single, strange)


def blocks(values: Floats) -> Floats:
    """Sums of three hours along the last axis."""
    return values.reshape(*values.shape[:-1], -1, _BLOCK).sum(-1)


def middle(ratios: Floats, weights: Floats, calls: Floats) -> Floats:
    """The level that blocks agree on: their median where they hold calls enough, which wild ones don't move, else their mean.

    A gamma's median is below its mean; that is made up for.
    """
    sums = divided((known_or(ratios) * weights).sum(-1), weights.sum(-1))
    in_block = calls * _BLOCK
    corrected = weighted_medians(ratios, weights) / (1 - divided(1.0, 3 * np.maximum(in_block, _DENSE)))
    return np.where(in_block >= _DENSE, corrected, sums)


def _hours(days: Floats, levels: Floats, calls: Floats, prior: Floats) -> Floats:
    """The hours of the day, of all days whatever their level."""
    relative = divided(days, levels[:, :, None])
    found = trimmed(np.swapaxes(relative, 1, 2))
    found = np.where(np.isnan(found), prior, found)
    # Few calls are steadied by their neighbours; of many a job's sharp edge is kept.
    smooth = (np.roll(found, 1, -1) + found + np.roll(found, -1, -1)) / 3
    share = (_SMOOTHED / (_SMOOTHED + calls))[:, None]
    found = smooth * share + found * (1 - share)
    many = np.count_nonzero(levels > 0, axis=-1)
    own = (3 * calls * many)[:, None]
    mixed = (found * own + prior * _FROM_PROJECT) / (own + _FROM_PROJECT)
    return divided(mixed, mixed.mean(-1)[:, None], 1.0)


def _levels(days: Floats, known: Floats, hours: Floats, calls: Floats) -> Floats:
    """The level of each day: nan where too little of it is known."""
    weights = blocks(np.where(known, hours[:, None, :], 0.0))
    ratios = divided(blocks(known_or(days)), weights)
    found = middle(ratios, weights, calls[:, None])
    return np.where(known.sum(-1) >= BUCKETS_OF_DAY // 4, found, np.nan)


def _halves(known: Flags) -> Flags:
    """Days of which less is known than of the same day of another week, and not enough."""
    shares = known.sum(-1).reshape(len(known), -1, 7) / BUCKETS_OF_DAY
    return ((shares < _MOST_OF_DAY) & (shares.max(1, keepdims=True) >= _MOST_OF_DAY)).reshape(known.shape[:2])


def _of_other_weeks(levels: Floats) -> Floats:
    """By day of the week: the level of those that are known."""
    by_day = levels.reshape(len(levels), -1, 7)
    sums: Floats = known_or(by_day).sum(1)
    return divided(sums, (~np.isnan(by_day)).sum(1))


def _weekdays(
    levels: Floats, mean: Floats, calls: Floats, known: Floats, prior: Floats | None
) -> tuple[Floats, Floats]:
    """The days of the week, and which days are unlike theirs.

    Of two Mondays that differ the one is right that is nearer to the project's Monday. Without a project the higher one is: the other was
    a holiday.
    """
    groups, days = levels.shape
    seen = calls[:, None] * known.sum(-1)
    rates = divided(levels, mean[:, None])
    logs = np.log((known_or(rates) * seen + _FROM_DAYS) / (seen + _FROM_DAYS))
    logs = np.where(np.isnan(levels), np.nan, logs)
    logs = logs - _step(logs)
    by_day = logs.reshape(groups, -1, 7)
    there = ~np.isnan(by_day)
    votes = by_day
    if prior is not None:
        usual = np.log(prior.reshape(7, BUCKETS_OF_DAY).mean(-1))
        apart = medians((by_day - usual).reshape(groups, -1))
        vote = usual + known_or(apart)[:, None]
        votes = np.concatenate([by_day, vote[:, None, :]], axis=1)
        # One week alone may have been before a shift, or a quiet one: what the project does counts if that is more.
        alone = there.sum(1) == 1
        own: Floats = known_or(by_day).sum(1)
        # What goes on for less time than a step takes to be told must not make its own days usual.
        fresh = there[:, -1] & (np.arange(7) >= 7 - _SIDE) & (own > vote + _APART)
        most = np.where(fresh, vote, np.maximum(own, vote))
        votes = np.where(alone[:, None, :], most[:, None, :], votes)
    middle_of_all = medians(np.swapaxes(votes, 1, 2))
    highest = np.where(there, by_day, -np.inf).max(1)
    lowest = np.where(there, by_day, np.inf).min(1)
    two = (there.sum(1) == 2) & (highest - lowest > _APART) & (prior is None)
    chosen = known_or(np.where(two, highest, middle_of_all))
    strange = (there & (known_or(by_day) < chosen[:, None, :] - _APART)).reshape(groups, days)
    weekdays = np.exp(chosen - chosen.mean(-1)[:, None])
    return divided(weekdays, weekdays.mean(-1)[:, None], 1.0), strange.astype(np.float64)


def strange_blocks(pool: Floats) -> Floats:
    """By weeks and half hours: 1 where the project (by weeks and half hours) was far below the same hours of other weeks, as on a holiday."""
    weeks = len(pool)
    known = ~np.isnan(pool)
    rates = divided(blocks(known_or(pool)), blocks(known.astype(np.float64)))
    logs = np.log(np.where(rates > 0, rates, np.nan))
    if weeks < 2:
        return np.zeros_like(pool)
    level = medians(logs - medians(logs.T))
    logs = logs - level[:, None]
    highest = np.where(np.isnan(logs), -np.inf, logs).max(0)
    low = known_or(logs) < highest - _APART
    flat = np.repeat(low, _BLOCK, axis=-1).ravel()
    # A day ends within a block: what is next to one that is low is left out too.
    wide = flat.copy()
    for by in range(1, _BLOCK // 2 + 1):
        wide[by:] |= flat[:-by]
        wide[:-by] |= flat[by:]
    return wide.reshape(pool.shape).astype(np.float64)


def _step(logs: Floats) -> Floats:
    """The one step that explains most of the difference between the same days of the week, if one does and both its sides are known."""
    groups, days = logs.shape
    weeks = days // 7
    if weeks < 2:
        return np.zeros_like(logs)
    by_day = logs.reshape(groups, weeks, 7)
    # A day whose other weeks are unknown says nothing of a step.
    there = ~np.isnan(by_day)
    there &= (there.sum(1) > 1)[:, None, :]
    means = divided(np.where(there, by_day, 0.0).sum(1), there.sum(1), 0.0)
    told = there.reshape(groups, days)
    rest = np.clip(np.where(there, by_day - means[:, None, :], 0.0), -_WILD, _WILD).reshape(groups, days)
    places = np.arange(_SIDE, days - _SINCE + 1, dtype=np.int64)
    steps = (np.arange(days, dtype=np.int64) >= places[:, None]).astype(np.float64)
    inner = steps.reshape(len(places), weeks, 7)
    centred = (inner - inner.mean(1, keepdims=True)).reshape(len(places), days)
    along = rest @ centred.T
    power = told @ (centred**2).T
    gain = divided(along**2, power, 0.0)
    best = gain.argmax(axis=-1)
    rows = np.arange(groups, dtype=np.int64)
    height = divided(along[rows, best], power[rows, best], 0.0)
    least = np.where(places[best] > days - _SIDE, _HIGH_STEP, _STEP)
    clear = (gain[rows, best] > 0.5 * (rest**2).sum(-1)) & (np.abs(height) > least)
    return np.where(clear, height, 0.0)[:, None] * steps[best]


def _where_weeks_differ(single: Floats, weeks: Floats, most: Floats, calls: Floats) -> Floats:
    """The busier of two weeks that differ by more than chance, as far as other days were as busy at that time.

    A holiday, or what else is quiet for hours, makes less of one; what an incident makes of the other no other day had. The days of a
    week are cut where now is, so one that is half a weekend has to be told by its hours.
    """
    high, low = weeks.max(1), weeks.min(1)
    chance = _SURE_APART * np.sqrt(divided(1.0, calls[:, None] * np.maximum(low, _FEWEST), 1e6))
    differ = np.log(np.maximum(divided(high, np.maximum(low, _FEWEST), 1.0), _FEWEST)) > _APART + chance
    return np.where(differ, np.maximum(single, np.minimum(high, most)), single)


def _single_hours(relative: Floats, hours: Floats, calls: Floats, prior: Floats | None) -> Floats:
    """What single hours of the week are different by: where two weeks agree, that; else what is nearest to the project's.

    Where one week alone is known the higher of the two counts: there the other was a holiday, or the group is new.
    """
    groups = len(relative)
    known = ~np.isnan(relative)
    usual = np.tile(hours, 7)[:, None, :]
    steadied = (_SMOOTHED / (_SMOOTHED + calls))[:, None]
    seen, due = (
        (values + steadied * (moving_sums(values) - values)).reshape(relative.shape)
        for values in (known_or(relative).reshape(groups, -1), np.where(known, usual, 0.0).reshape(groups, -1))
    )
    weight = calls[:, None, None]
    ratio = np.where(known, (seen * weight + _FROM_HOURS) / (due * weight + _FROM_HOURS), np.nan)
    vote = (
        np.ones((groups, 1, relative.shape[-1]))
        if prior is None
        else np.broadcast_to(prior, (groups, 1, prior.shape[-1]))
    )
    if relative.shape[1] == 2:
        # The median of three, without sorting them all.
        alone = known.sum(1, keepdims=True) == 1
        if prior is not None:
            # An incident that goes on would make itself usual, beside a holiday; that of one group isn't the project's.
            alone[:, :, -_FRESH:] &= ~known[:, -1:, -_FRESH:]
        one = np.where(alone, known_or(ratio).sum(1, keepdims=True), 0.0)
        vote = np.maximum(vote, one)
        two = np.where(np.isnan(ratio), vote, ratio)
        low, high = two.min(1), two.max(1)
        return np.maximum(low, np.minimum(high, vote[:, 0]))
    return medians(np.swapaxes(np.concatenate([ratio, vote], axis=1), 1, 2))
