"""Half hours of five weeks in; those hours of the week out at which both of the last two weeks had a holiday, so that nothing is learnt from these. Pure.

Two weeks know no other such hours then, as a week after Christmas and New Year's Day. The weeks before them do.
"""

import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_WEEK
from farthing.alerts.anomaly.robust import Flags, Floats, divided, known_or, medians

_WEEKS, _LATELY = 5, 2
_BLOCK = 6
"""Half hours that are looked at together."""
_LOW, _LOW_OF_ONE = 0.35, 0.2
"""Logarithms: by how much less the project must have spent than at the same hours before, and a group that takes part."""
_FEWEST = 5
"""Fewer groups than this are no project."""


def twice_low(halves: Floats) -> Flags:
    """By group and half hour of the week, counted from where the last two weeks begin: whether two holidays are all that is known of it."""
    groups, size = halves.shape
    if size < _WEEKS * BUCKETS_OF_WEEK or groups < _FEWEST:
        return np.zeros((groups, BUCKETS_OF_WEEK), dtype=np.bool_)
    last = halves[:, -_WEEKS * BUCKETS_OF_WEEK :].reshape(groups, _WEEKS, -1, _BLOCK)
    known = (~np.isnan(last)).sum(-1)
    rates = divided(known_or(last).sum(-1), known)
    mean = divided(known_or(rates).sum((1, 2)), (known > 0).sum((1, 2)), 0.0)
    weights = np.sqrt(mean)[:, None, None] * (known > 0)
    scaled = known_or(rates) / np.where(mean > 0, mean, 1.0)[:, None, None]
    pool = divided((scaled * weights).sum(0), weights.sum(0))[None]
    low = np.repeat(_below(pool) < -_LOW, _BLOCK, axis=-1)
    # A day ends within a block.
    for by in range(1, _BLOCK // 2 + 1):
        low |= np.roll(low, by, -1) | np.roll(low, -by, -1)
    return low & np.repeat(_below(rates) < -_LOW_OF_ONE, _BLOCK, axis=-1) if low.any() else low & (mean > 0)[:, None]


def without(weeks: Floats, low: Flags) -> Floats:
    """Half hours by weeks, the low ones unknown."""
    return np.where(low[:, None, :], np.nan, weeks) if weeks.shape[1] == _LATELY and low.any() else weeks


def _below(weeks: Floats) -> Floats:
    """By how much the less low of the last two weeks differs from those before, what the whole weeks do apart; logarithms, 0 where nobody knows."""
    logs = np.log(np.where(weeks > 0, weeks, np.nan))
    before = medians(np.swapaxes(logs[:, :-_LATELY], 1, 2))
    apart = logs[:, -_LATELY:] - before[:, None, :]
    apart = apart - medians(apart)[..., None]
    return known_or(apart.max(1))
