"""A season and the last days in; the season with what these had more at some time of the day out. Pure."""

import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_DAY
from farthing.alerts.anomaly.robust import Floats, divided, known_or, medians
from farthing.alerts.anomaly.season import Season

_HABIT, _MORE = 3, 1.15
"""So many days, and by what they must have more."""
_FROM_SEASON = 8.0
"""So many calls as usual are added, so that few don't make a habit."""


def with_habits(of: Season, level: Floats, flat: Floats, size: Floats) -> Floats:
    """More is usual at a time of the day at which two of the last three days had more: a job was moved, or the clocks were changed."""
    if flat.shape[-1] < _HABIT * BUCKETS_OF_DAY:
        return of.profile
    days = flat[:, -_HABIT * BUCKETS_OF_DAY :].reshape(len(flat), _HABIT, BUCKETS_OF_DAY)
    due = (level[:, None] * of.plain[:, -_HABIT * BUCKETS_OF_DAY :]).reshape(days.shape)
    drawn = (_FROM_SEASON * size)[:, None, None]
    times = medians(np.swapaxes(divided(days + drawn, due + drawn, 1.0), 1, 2))
    times = np.where(known_or(times, 1.0) > _MORE, times, 0.0)
    found = of.profile.copy()
    for day in (slice(BUCKETS_OF_DAY), slice(-BUCKETS_OF_DAY, None)):
        found[:, day] = np.maximum(found[:, day], of.plain[:, day] * times)
    return found
