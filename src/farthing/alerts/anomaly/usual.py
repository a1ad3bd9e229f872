"""Half hours of all groups in; what is usual for each (season, level, noise, single large calls) out. Pure.

Noise has two parts. A sum of calls varies by `size` times its mean, where the size is what calls of the group come in (a Poisson's is one
call); and all of an hour varies together by `swing` times its mean. Single large calls that come by again and again are a third: `jump`.
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_DAY, BUCKETS_OF_WEEK
from farthing.alerts.anomaly.robust import (
    MAD_TO_DEVIATION,
    Flags,
    Floats,
    divided,
    known_or,
    medians,
    quantiles,
    trimmed,
)
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
_LEAST_SWING, _MOST_SWING, _NEW_SWING = 0.1, 0.6, 0.55
_BEFORE = 4
_NEW_DRIFT = 0.25
"""What of a new group's variance is left when the hours before are known: an hour is like the one before it, whatever the season."""
_MOST, _CHI_SQUARE_OF_MOST = 0.6, 0.708
_CAPPED = 0.975
"""Differences beyond this quantile are incidents' edges or single large calls, and count as much as the quantile."""
_CAP_FACTOR = 1.25
_OFTEN = 3
"""A jump that came by so often in the time looked back on is usual."""
_EDGE = 1.25
_AROUND_EDGE = 1 / 3
"""Half hours: so far from the minute at which a job seems to begin or to end it may do so."""
_BEYOND, _BEYOND_OF_CALLS, _ORDINARY = 6.0, 14.0, 0.8


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
    jump: Floats
    known: Floats
    """How many half hours are known since the group began."""
    pooled: Flags
    enough: Flags

    def levels(self) -> Floats:
        """The level of each past day, the day of the week taken off."""
        of_week = self.profile.reshape(len(self.profile), 7, BUCKETS_OF_DAY).mean(-1)
        return divided(self.days, np.tile(of_week, (1, self.days.shape[1] // 7)))

    def shape(self, mean: Floats) -> Floats:
        """The shape of the gamma distribution of sums with these means: mean squared by variance. One column per sum."""
        swing = self.swing.reshape(-1, *([1] * (mean.ndim - 1)))
        size = self.size.reshape(-1, *([1] * (mean.ndim - 1)))
        return divided(mean, size + swing**2 * mean, 1e6)


def usual(weeks: Floats, *, counts: bool = False) -> Usual:
    """What is usual, from half hours by weeks (`history.learnable`). `counts`: they are numbers of calls, no amounts."""
    groups = len(weeks)
    flat = weeks.reshape(groups, -1)
    known = (~np.isnan(flat)).sum(-1).astype(np.float64)
    mean = divided(np.nansum(flat, axis=-1), known, 0.0)
    size = _rough_size(flat)
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
    profile, days = found.profile, found.days
    calls = np.where(mean > 0, divided(mean, size, 1e6), 0.0)
    due = _due(profile, days, weeks)
    own = _size(weeks.reshape(groups, -1), due)
    size = np.where(calls > 1, own, np.maximum(own, size))
    level, today, lowest, half = _level(weeks, profile, found.strange, calls, 0)
    before, _, _, _ = _level(weeks, profile, found.strange, calls, BLOCKS_OF_DAY)
    swing = _swing(weeks, profile, days, found.strange, size)
    drift = _drift(weeks.reshape(groups, -1), due, size)
    pooled, enough = ~ripe, known >= BUCKETS_OF_DAY
    begun = bool(known.max(initial=0.0) >= _FIRST_WEEK)
    if prior is not None:
        mature = level[ripe & (level > 0)]
        usual_level = float(quantiles(mature, 0.9)) if len(mature) else 0.0
        weight = np.where(ripe, 1.0, known / (known + _OWN_LEVEL))
        level = known_or(level) * weight + usual_level * (1 - weight)
        before = np.where(ripe, before, level)
        unknown = _NEW_SWING**2 * np.maximum(0.0, 1 - known / BUCKETS_OF_WEEK)
        swing, drift = np.sqrt(swing**2 + unknown), np.sqrt(drift**2 + unknown * _NEW_DRIFT)
        size = np.where(size > 0, size, typical)
        pooled, enough = ~ripe | (calls * BUCKETS_OF_DAY < 3), np.ones(groups, dtype=np.bool_)
    return Usual(
        profile=profile,
        level=known_or(level),
        before=known_or(before),
        today=known_or(today),
        lowest=lowest,
        half=half,
        days=days,
        size=size,
        swing=swing,
        drift=np.minimum(drift, swing),
        jump=_jump(flat, due, _BEYOND_OF_CALLS if counts else _BEYOND),
        known=known,
        pooled=pooled,
        enough=enough & (level > 0) & begun,
    )


def _pooled(weeks: Floats, mean: Floats) -> Floats:
    """One series for the project, in which the largest groups don't drown the others."""
    scaled = np.minimum(weeks / np.where(mean > 0, mean, 1.0)[:, None, None], 10.0)
    weights = np.sqrt(mean)[:, None, None] * ~np.isnan(weeks)
    return divided((known_or(scaled) * weights).sum(0), weights.sum(0))[None]


def _rough_size(flat: Floats) -> Floats:
    """The size of calls from how neighbouring half hours differ, before anything else is known: by most of them, not by a job's edges."""
    differences, sums = (flat[:, 1:] - flat[:, :-1]) ** 2, flat[:, 1:] + flat[:, :-1]
    return known_or(quantiles(divided(differences, sums), _MOST)) / _CHI_SQUARE_OF_MOST


def _size(flat: Floats, due: Floats) -> Floats:
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


def _due(profile: Floats, days: Floats, weeks: Floats) -> Floats:
    """What the profile and each day's own level let expect of every half hour of the past."""
    groups, many, _ = weeks.shape
    by_day = profile.reshape(groups, 1, 7, BUCKETS_OF_DAY)
    of_day = divided(days.reshape(groups, many, 7), by_day.mean(-1))
    return (of_day[..., None] * by_day).reshape(groups, -1)


def _level(
    weeks: Floats, profile: Floats, strange: Floats, calls: Floats, ago: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """The amount per half hour so many blocks ago: the last day's or the week's, whichever is higher; the last day's; its lowest blocks.

    So a shift upwards is followed within a day, and the day after a holiday is no shift upwards.
    """
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
    ordered = np.sort(ratios[:, day], axis=-1)
    enough = (~np.isnan(ordered)).sum(-1) >= BLOCKS_OF_DAY - 2
    lowest = np.where(enough, ordered[:, min(2, ordered.shape[-1] - 1)], 0.0)
    half = np.where(enough, np.minimum(ordered[:, min(5, ordered.shape[-1] - 1)], known_or(ratios[:, end - 1])), 0.0)
    return np.maximum(of_day, of_week), of_day, lowest, half


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


def _swing(weeks: Floats, profile: Floats, days: Floats, strange: Floats, size: Floats) -> Floats:
    """By how much a few hours differ from what the day before lets expect, beyond what single calls make."""
    groups, many, _ = weeks.shape
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


def _drift(flat: Floats, due: Floats, size: Floats) -> Floats:
    """By how much half hours differ from what the two hours before let expect, one half hour between, beyond what single calls make."""
    there = ~np.isnan(flat) & (due > 0)
    seen, mean = _hours_before(np.where(there, flat, 0.0)), _hours_before(np.where(there, due, 0.0))
    expected = due[:, _BEFORE + 1 :] * divided(seen, mean)
    ratios = np.where(there[:, _BEFORE + 1 :], divided(flat[:, _BEFORE + 1 :], expected), np.nan)
    apart = medians(np.abs(np.log(np.where(ratios > 0.01, ratios, np.nan)))) * MAD_TO_DEVIATION
    by_calls = medians(divided(size[:, None], expected) + divided(size[:, None], seen))
    rest = known_or(apart**2 - by_calls, _MOST_SWING**2)
    return np.sqrt(np.clip(rest, _LEAST_SWING**2, _MOST_SWING**2))


def _hours_before(values: Floats) -> Floats:
    """Sums of the half hours that end one half hour before each, from the first on that has as many before it."""
    sums = np.cumsum(values, axis=-1)
    found = sums[:, _BEFORE - 1 : -2].copy()
    found[:, 1:] -= sums[:, : -_BEFORE - 2]
    return found


def _jump(flat: Floats, due: Floats, beyond: float) -> Floats:
    """The amount by which single half hours stand out from both neighbours, where that came by often enough to be usual.

    An incident lasts longer than a half hour, so it doesn't make itself usual.
    """
    there = known_or(flat)
    low = np.minimum(there[:, :-2], there[:, 2:])
    high = np.maximum(there[:, :-2], there[:, 2:])
    out = there[:, 1:-1] - np.maximum(low, np.minimum(high, there[:, 1:-1]))
    roots = np.sqrt(known_or(due[:, 1:-1]))
    # By how much neighbours differ anyway, told so that large calls, up to six of them a day, don't count.
    usually = quantiles(divided(out, roots), _ORDINARY)[:, None]
    out = np.where(out > beyond * usually * roots, out, 0.0)
    if out.shape[-1] < _OFTEN:
        return np.zeros(len(flat))
    return np.partition(out, -_OFTEN, axis=-1)[:, -_OFTEN]


def between(profile: Floats, slots: Floats) -> Floats:
    """The profile at moments between half hours' middles, in proportion."""
    place = slots - 0.5
    low = np.floor(place).astype(np.int64)
    part = place - low
    before, after = profile[:, low % BUCKETS_OF_WEEK], profile[:, (low + 1) % BUCKETS_OF_WEEK]
    return before * (1 - part) + after * part


def of_slots(profile: Floats, slots: Floats, smooth: Floats | None = None) -> Floats:
    """The same, for limits; `slots`: half hours since the end of what was learnt from; `smooth`: what is between them, if it is known.

    Where a half hour is far above its neighbour a job begins or ends at some minute. The half hour between tells which, and the minutes
    around that one are taken to be like the higher side.
    """
    smooth = between(profile, slots) if smooth is None else smooth
    here = np.floor(slots).astype(np.int64)
    highest = np.maximum(profile, np.maximum(np.roll(profile, 1, -1), np.roll(profile, -1, -1)))
    by, many = _AROUND_EDGE / 2, len(slots)
    if many > 1 and np.allclose(np.diff(slots), by, atol=1e-6):
        # Steps of five minutes: what is around one are its neighbours.
        sharp = _sharp(profile, np.concatenate([slots[:2] - 2 * by, slots, slots[-2:] + 2 * by]))
        near = [sharp[:, at : at + many] for at in range(5)]
    else:
        near = [_sharp(profile, slots + part * by) for part in range(-2, 3)]
    return np.where(highest[:, here % BUCKETS_OF_WEEK] > _EDGE * smooth, np.maximum.reduce(near), smooth)


def _sharp(profile: Floats, slots: Floats) -> Floats:
    """The profile at moments, with steps instead of slopes: a half hour between a low and a high one is like the one up to a minute, then like the other."""
    here = np.floor(slots).astype(np.int64)
    before, value, after = (profile[:, (here + by) % BUCKETS_OF_WEEK] for by in (-1, 0, 1))
    step = (value - before) * (after - value) > 0
    first = divided(np.abs(after - value), np.abs(after - before), 0.0)
    return np.where(step, np.where(slots - here < first, before, after), value)
