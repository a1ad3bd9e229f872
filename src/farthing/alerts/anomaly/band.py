"""What is usual and a range of time in; what was to be expected in each of its buckets, with the band around it, out: for charts. Pure."""

import msgspec
import numpy as np

from farthing.alerts.anomaly.judge import DEFAULT, Learnt
from farthing.alerts.anomaly.judgement import BUCKET_S, DAY_S, Settings
from farthing.alerts.anomaly.robust import Floats, divided, limits
from farthing.alerts.anomaly.slots import of_slots

_FINEST_S = 300


class Band(msgspec.Struct, frozen=True):
    """One row per group, one column per bucket."""

    expected: Floats
    lower: Floats
    upper: Floats


def band(learnt: Learnt, start_s: int, step_s: int, steps: int, settings: Settings = DEFAULT) -> Band:
    """Of `steps` buckets of `step_s` seconds. The past days have the level they had, what comes has today's."""
    fine = min(step_s, BUCKET_S)
    if step_s % fine or fine % _FINEST_S:
        raise ValueError(f"buckets of {step_s} seconds are not made of half hours, nor of steps of five minutes")
    per = step_s // fine
    middles = start_s + fine * np.arange(0.5, steps * per, dtype=np.float64)
    expected = (_rates(learnt, middles) * (fine / BUCKET_S)).reshape(-1, steps, per).sum(-1)
    shape = learnt.amounts.shape(expected.T).T
    lower, upper = limits(expected, shape, -settings.score), limits(expected, shape, settings.score)
    return Band(expected, np.minimum(lower, expected), np.maximum(upper, expected))


def _rates(learnt: Learnt, middles: Floats) -> Floats:
    """Per half hour."""
    usual = learnt.amounts
    now = usual.level[:, None] * of_slots(usual.profile, (middles - learnt.end_s) / BUCKET_S)
    levels = usual.levels()
    ago = np.floor((learnt.end_s - middles) / DAY_S).astype(np.int64)
    days = levels.shape[1]
    past = levels[:, np.clip(days - 1 - ago, 0, days - 1)]
    then = now * divided(past, usual.level[:, None])
    return np.where((ago >= 0) & (ago < days) & ~np.isnan(then), then, now)
