"""How spend is spread over a week, and moments, in; what is usual at these, and what it may be where a job begins or ends, out. Pure."""

import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_WEEK
from farthing.alerts.anomaly.robust import Floats, Whole, divided

_EDGE = 1.25
_AROUND_EDGE = 1 / 3
"""Half hours: so far from the minute at which a job seems to begin or to end it may do so."""


def between(profile: Floats, slots: Floats) -> Floats:
    """The profile at moments between half hours' middles, in proportion."""
    place = slots - 0.5
    low = np.floor(place).astype(np.int64)
    part = (place - low)[..., None, :]
    return _at(profile, low) * (1 - part) + _at(profile, low + 1) * part


def of_slots(profile: Floats, slots: Floats, smooth: Floats | None = None) -> Floats:
    """The same, for limits; `slots`: half hours since the end of what was learnt from; `smooth`: what is between them, if it is known.

    Where a half hour is far above its neighbour a job begins or ends at some minute. The half hour between tells which, and the minutes
    around that one are taken to be like the higher side.
    """
    smooth = between(profile, slots) if smooth is None else smooth
    here = np.floor(slots).astype(np.int64)
    highest = np.maximum(profile, np.maximum(np.roll(profile, 1, -1), np.roll(profile, -1, -1)))
    by, many = _AROUND_EDGE / 2, slots.shape[-1]
    if many > 1 and np.allclose(np.diff(slots), by, atol=1e-6):
        # Steps of five minutes: what is around one are its neighbours.
        around = np.concatenate([slots[..., :2] - 2 * by, slots, slots[..., -2:] + 2 * by], axis=-1)
        sharp = _sharp(profile, around)
        near = [sharp[..., at : at + many] for at in range(5)]
    else:
        near = [_sharp(profile, slots + part * by) for part in range(-2, 3)]
    return np.where(_at(highest, here) > _EDGE * smooth, np.maximum.reduce(near), smooth)


def _at(profile: Floats, halves: Whole) -> Floats:
    """Groups by half hours; what is before the groups in these stays before them."""
    return np.moveaxis(profile[:, halves % BUCKETS_OF_WEEK], 0, -2)


def _sharp(profile: Floats, slots: Floats) -> Floats:
    """The profile at moments, with steps instead of slopes: a half hour between a low and a high one is like the one up to a minute, then like the other."""
    here = np.floor(slots).astype(np.int64)
    before, value, after = (_at(profile, here + by) for by in (-1, 0, 1))
    step = (value - before) * (after - value) > 0
    first = divided(np.abs(after - value), np.abs(after - before), 0.0)
    return np.where(step, np.where((slots - here)[..., None, :] < first, before, after), value)
