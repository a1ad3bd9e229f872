"""Half hours of all groups in; what is usual for each (season, level, noise, single large calls) out. Pure."""

import msgspec
import numpy as np

from farthing.alerts.anomaly.habits import with_habits
from farthing.alerts.anomaly.history import BUCKETS_OF_DAY, BUCKETS_OF_WEEK
from farthing.alerts.anomaly.noise import Noise, noise, rough_size, size_of_calls
from farthing.alerts.anomaly.robust import Flags, Floats, divided, known_or, medians, quantiles, trimmed
from farthing.alerts.anomaly.season import BLOCKS_OF_DAY, Season, blocks, middle, season, strange_blocks

_POOL = 5
"""Fewer groups than this don't tell what is usual in a project."""
_NEW = 2 * BUCKETS_OF_DAY
"""Half hours: a group is new until it is known for two days."""
_FIRST_WEEK = 0.9 * BUCKETS_OF_WEEK
"""Before the oldest group is known for so long, nobody knows what days of the week are like here, and nothing is judged."""
_OWN_LEVEL = 4.0
"""Half hours after which a new group's own level counts as much as the project's."""
_SETTLED = 40.0
"""Calls a day above which yesterday tells a level better than the week."""
_NEW_SWING = 0.55
_NEW_DRIFT = 0.25
"""What of a new group's variance is left when the hours before are known: an hour is like the one before it, whatever the season."""
_OTHER_WEEKS = 3
"""So many half hours of a block must be known of other weeks too."""
_LOOKED_BACK = 4 * BLOCKS_OF_DAY
"""How far back blocks are looked for that another week tells of."""
_STEP = 1.4
"""By so much above the week's a day's level is a shift."""
_CLEAR, _AGREE, _AGREEING = 100.0, 0.85, 3
"""Three blocks of three hours tell a level by themselves from so many calls on, and if they are so near each other: nine hours, of which eight are enough."""


class Usual(msgspec.Struct, frozen=True):
    """One row per group."""

    profile: Floats
    """By half hour of the week, counted from the end of what was learnt from; mean one."""
    level: Floats
    """Amount per half hour now."""
    before: Floats
    """The level a day earlier."""
    today: Floats
    """What most of the last 24 hours agree on."""
    highest: Floats
    """What two of the last eight blocks of three hours are above."""
    lowest: Floats
    """What all but two of the last eight blocks of three hours are above; 0 where more of them are unknown."""
    half: Floats
    """What at least three of them and the last one are above."""
    days: Floats
    """The level of each past day."""
    size: Floats
    swing: Floats
    drift: Floats
    """What of the swing is left when the two hours before are known."""
    swings: Floats
    """The swing by half hour of the day, counted from the end of what was learnt from."""
    drifts: Floats
    jump: Floats
    tail: Floats
    """How far out the highest of half hours are, in a normal's own: one where noise is as it is thought to be."""
    known: Floats
    """How many half hours are known since the group began."""
    pooled: Flags
    enough: Flags

    def levels(self) -> Floats:
        """The level of each past day, the day of the week taken off."""
        of_week = self.profile.reshape(len(self.profile), 7, BUCKETS_OF_DAY).mean(-1)
        return divided(self.days, np.tile(of_week, (1, self.days.shape[1] // 7)))

    def shape(self, mean: Floats) -> Floats:
        """The shape of the gamma distribution of sums with these means: mean squared by variance. Groups are along the last axis."""
        return divided(mean, self.size + self.swing**2 * mean, 1e6)


def usual(weeks: Floats, sure: Flags | None = None) -> Usual:
    """What is usual, from half hours by weeks (`history.learnable`). `sure`: groups in which nothing is large by itself, as numbers of calls are."""
    groups = len(weeks)
    sure = np.zeros(groups, dtype=np.bool_) if sure is None else sure
    flat = weeks.reshape(groups, -1)
    known = (~np.isnan(flat)).sum(-1).astype(np.float64)
    mean = divided(np.nansum(flat, axis=-1), known, 0.0)
    size = rough_size(flat)
    ripe = known >= _NEW
    prior: Season | None = None
    typical = 0.0
    if ripe.sum() >= _POOL:
        pooled_weeks = _pooled(weeks[ripe], mean[ripe])
        strange = strange_blocks(pooled_weeks[0])
        pooled_weeks = np.where(strange[None] > 0, np.nan, pooled_weeks)
        prior = season(pooled_weeks, np.array([0.02]), None)
        weeks = np.where(strange[None] > 0, np.nan, weeks)
        # The size of calls in the project steadies that of groups with few calls.
        typical = float(known_or(medians(size[ripe & (mean > 0)])))
        filled = np.count_nonzero(known_or(flat) > 0, axis=-1)
        size = (size * filled + typical * 20) / (filled + 20)
    found = season(weeks, size, prior)
    calls = np.where(mean > 0, divided(mean, size, 1e6), 0.0)
    due = _due(found, weeks)
    own = size_of_calls(weeks.reshape(groups, -1), due)
    size = np.where(calls > 1, own, np.maximum(own, size))
    now = _level(weeks, found, calls, size, 0)
    level, before = now.level, _level(weeks, found, calls, size, BLOCKS_OF_DAY).level
    by = noise(weeks, found, due, size, calls, sure)
    pooled, enough = ~ripe, known >= BUCKETS_OF_DAY
    begun = bool(known.max(initial=0.0) >= _FIRST_WEEK)
    if prior is not None:
        mature = level[ripe & (level > 0)]
        usual_level = float(quantiles(mature, 0.9)) if len(mature) else 0.0
        weight = np.where(ripe, 1.0, known / (known + _OWN_LEVEL))
        level = known_or(level) * weight + usual_level * (1 - weight)
        before = np.where(ripe, before, level)
        by = _of_new(by, np.maximum(0.0, 1 - known / BUCKETS_OF_WEEK), typical)
        pooled, enough = ~ripe | (calls * BUCKETS_OF_DAY < 3), np.ones(groups, dtype=np.bool_)
    return Usual(
        profile=with_habits(found, known_or(level), flat, size),
        level=known_or(level),
        before=known_or(before),
        today=known_or(now.day),
        highest=now.highest,
        lowest=now.lowest,
        half=now.half,
        days=found.days,
        size=by.size,
        swing=by.swing,
        drift=np.minimum(by.drift, by.swing),
        swings=by.swings,
        drifts=np.minimum(by.drifts, by.swings),
        jump=by.jump,
        tail=by.tail,
        known=known,
        pooled=pooled,
        enough=enough & (level > 0) & begun,
    )


def _of_new(by: Noise, share: Floats, typical: float) -> Noise:
    """Of groups that this share of a week isn't known of nobody knows how they swing."""
    unknown = _NEW_SWING**2 * share
    less = unknown * _NEW_DRIFT
    return msgspec.structs.replace(
        by,
        size=np.where(by.size > 0, by.size, typical),
        swing=np.sqrt(by.swing**2 + unknown),
        drift=np.sqrt(by.drift**2 + less),
        swings=np.sqrt(by.swings**2 + unknown[:, None]),
        drifts=np.sqrt(by.drifts**2 + less[:, None]),
    )


def _pooled(weeks: Floats, mean: Floats) -> Floats:
    """One series for the project, in which the largest groups don't drown the others."""
    scaled = np.minimum(weeks / np.where(mean > 0, mean, 1.0)[:, None, None], 10.0)
    weights = np.sqrt(mean)[:, None, None] * ~np.isnan(weeks)
    return divided((known_or(scaled) * weights).sum(0), weights.sum(0))[None]


def _due(found: Season, weeks: Floats) -> Floats:
    """What the profile and each day's own level let expect of every half hour of the past."""
    groups, many, _ = weeks.shape
    by_day = found.profile.reshape(groups, 1, 7, BUCKETS_OF_DAY)
    of_day = divided(found.days.reshape(groups, many, 7), by_day.mean(-1))
    return (of_day[..., None] * by_day).reshape(groups, -1)


class _Level(msgspec.Struct, frozen=True):
    level: Floats
    day: Floats
    highest: Floats
    lowest: Floats
    half: Floats


def _level(weeks: Floats, found: Season, calls: Floats, size: Floats, ago: int) -> _Level:
    """The amount per half hour so many blocks ago: the last day's or the week's, whichever is higher; the last day's; its lowest blocks.

    So a shift upwards is followed within a day, and the day after a holiday is no shift upwards.
    """
    profile, strange = found.profile, found.strange
    groups = len(weeks)
    there = ~np.isnan(weeks)
    weights = blocks(np.where(there, profile[:, None, :], 0.0)).reshape(groups, -1)
    ratios = divided(blocks(known_or(weeks)).reshape(groups, -1), weights)
    end = weights.shape[-1] - ago
    week, day = slice(max(0, end - 7 * BLOCKS_OF_DAY), end), slice(max(0, end - BLOCKS_OF_DAY), end)
    plain = np.where(np.repeat(strange, BLOCKS_OF_DAY, axis=-1) > 0, np.nan, ratios)
    of_week = middle(plain[:, week], np.where(np.isnan(plain[:, week]), 0.0, weights[:, week]), calls)
    of_week = np.where(calls > 1, of_week, _sparse(weeks, profile))
    of_day = middle(ratios[:, day], weights[:, day], calls)
    of_day = np.where(np.isnan(of_day), of_week, of_day)
    of_week = np.where(np.isnan(of_week), of_day, of_week)
    seen = calls * BUCKETS_OF_DAY
    of_day = (of_day * seen + of_week * _SETTLED) / (seen + _SETTLED)
    # What no other week tells of isn't above or below it.
    others = blocks((there.sum(1, keepdims=True) > there).astype(np.float64)).reshape(groups, -1) >= _OTHER_WEEKS
    ordered = np.sort(np.where(others, ratios, np.nan)[:, day], axis=-1)
    enough = (~np.isnan(ordered)).sum(-1) >= BLOCKS_OF_DAY - 2
    blocks_known = np.count_nonzero(~np.isnan(ordered), axis=-1)
    highest = known_or(np.take_along_axis(ordered, np.maximum(blocks_known - 2, 0)[:, None], -1)[:, 0])
    lowest = np.where(enough, ordered[:, min(2, ordered.shape[-1] - 1)], 0.0)
    half = np.where(enough, np.minimum(ordered[:, min(5, ordered.shape[-1] - 1)], known_or(ratios[:, end - 1])), 0.0)
    # Three blocks that agree are longer than a loop is let run: what lasts is the new usual.
    blocks_of_now = ratios[:, max(0, end - _AGREEING) : end]
    last = np.where(blocks_of_now.min(-1) > _AGREE * blocks_of_now.max(-1), blocks_of_now.min(-1), np.nan)
    sure = divided(weights[:, max(0, end - _AGREEING) : end].min(-1) * known_or(last), size, 0.0) > _CLEAR
    of_last = np.where(sure & ~np.isnan(last), known_or(last), 0.0)
    before = _beside_holiday(ratios[:, :end], weights[:, :end], others[:, :end], found.days, of_week, calls)
    level = np.maximum(np.maximum(of_day, of_week), np.maximum(of_last, before))
    return _Level(level, of_day, highest, lowest, half)


def _beside_holiday(
    ratios: Floats, weights: Floats, others: Flags, days: Floats, of_week: Floats, calls: Floats
) -> Floats:
    """The level of the days before, where the last 24 hours are known of this week only, as beside a holiday of the other; else 0.

    Such hours are their own habit: whatever level they had, they would say that a shift of yesterday is over, and it would be told again
    as soon as days come of which more is known.
    """
    whole = _in_other_weeks(days)[:, : weights.shape[-1]]
    found = np.maximum(*(_of_told(ratios, np.where(told, weights, 0.0), calls) for told in (others & whole, others)))
    # The day before may be known of this week only, too: a holiday lies in two days that are counted back from now.
    day = slice(max(0, weights.shape[-1] - 2 * BLOCKS_OF_DAY), max(0, weights.shape[-1] - BLOCKS_OF_DAY))
    steady = np.count_nonzero(weights[:, day] > 0, axis=-1) >= BLOCKS_OF_DAY - 1
    yesterday = known_or(middle(ratios[:, day], weights[:, day], calls))
    is_step = steady & ~whole[:, -BLOCKS_OF_DAY:].any(-1) & (yesterday > of_week * _STEP)
    return np.where(calls > 1, np.maximum(found, np.where(is_step, yesterday, 0.0)), 0.0)


def _in_other_weeks(days: Floats) -> Flags:
    """By blocks: whether the same day of another week is known as a whole."""
    known = ~np.isnan(days).reshape(len(days), -1, 7)
    return np.repeat((known & (known.sum(1, keepdims=True) > 1)).reshape(days.shape), BLOCKS_OF_DAY, axis=-1)


def _of_told(ratios: Floats, weights: Floats, calls: Floats) -> Floats:
    """The level of the last eight blocks that have a weight, where most of the last 24 hours have none; else 0."""
    ratios, weights = ratios[:, -_LOOKED_BACK:], weights[:, -_LOOKED_BACK:]
    told = weights > 0
    told &= np.cumsum(told[:, ::-1], axis=-1)[:, ::-1] <= BLOCKS_OF_DAY
    few = told[:, -BLOCKS_OF_DAY:].sum(-1) <= BLOCKS_OF_DAY // 2
    found = middle(np.where(told, ratios, np.nan), np.where(told, weights, 0.0), calls)
    return np.where(few, known_or(found), 0.0)


def _sparse(weeks: Floats, profile: Floats) -> Floats:
    """The level of a group with few calls: the mean of its days without the wildest."""
    groups = len(weeks)
    due = np.where(np.isnan(weeks), 0.0, profile[:, None, :]).reshape(groups, -1, BUCKETS_OF_DAY).sum(-1)
    sums = known_or(weeks).reshape(groups, -1, BUCKETS_OF_DAY).sum(-1)
    rates = np.where(due > BUCKETS_OF_DAY / 8, divided(sums, due), np.nan)
    calm = trimmed(rates, 0.15)
    highest = known_or(rates).max(-1)
    days = np.count_nonzero(~np.isnan(rates), axis=-1)
    rest = divided(np.nansum(rates, axis=-1) - highest, days - 1)
    return np.where(calm > 0, calm, np.where(rest > 0, rest, divided(highest, days)))
