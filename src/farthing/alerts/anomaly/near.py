"""What is usual, and the last hours, in; what they let expect of the next minutes, and how sure that is, out. Pure.

How busy today is beside the season is a gamma whose mean is one before the hours are seen; calls are counted in sizes, so that after them it
is a gamma again (the conjugate prior of a Poisson's rate).
"""

import msgspec
import numpy as np

from farthing.alerts.anomaly.history import BUCKETS_OF_DAY
from farthing.alerts.anomaly.judgement import BUCKET_S, STEP_S
from farthing.alerts.anomaly.robust import Flags, Floats, divided, known_or, limits
from farthing.alerts.anomaly.slots import of_slots
from farthing.alerts.anomaly.usual import Usual

_HOURS = 24
"""Steps, of the two hours before a window."""
_WILD = 4.0
"""A step counts up to so many deviations: one dear call is no busy hour."""
_WIDEST = 1.0
_QUIETEST = 0.8
_BUSIEST = 2.0
_CALM_STEPS = 4
_CAPPED, _CAP_FACTOR = 0.95, 1.15
_MOST_MORE = 3.0
_SHORT = 3
_SURE = 100.0
"""So many calls tell their size as well as two weeks of half hours do."""


class Course(msgspec.Struct, frozen=True):
    """One measure of groups, step by step; what isn't known is zero, in `due` too. What is before the axis of groups are moments."""

    usual: Usual
    seen: Floats
    due: Floats
    there: Flags
    swings: Floats
    """How much all of a step swings beside the season."""
    drifts: Floats
    of_step: Floats
    """The size of calls as neighbouring steps tell it."""

    def sums(self, steps: int) -> tuple[Floats, Floats]:
        """Of the last steps: what was, and what is usual."""
        return self.seen[..., -steps:].sum(-1), self.due[..., -steps:].sum(-1)

    def size(self, steps: int) -> Floats:
        """Of what a sum of so many steps is made: calls come together for longer than a step."""
        longer = np.maximum(self.usual.size, self.of_step)
        found = self.of_step if steps == 1 else longer if steps > _SHORT else np.sqrt(self.of_step * longer)
        return np.where(found > 0, found, 1e-12)

    def known(self, steps: int, share: float) -> Flags:
        """Whether enough of the last steps is known, and the last one."""
        return (self.there[..., -steps:].mean(-1) >= share) & self.there[..., -1]


class Expected(msgspec.Struct, frozen=True):
    """Of a window."""

    mean: Floats
    shape: Floats
    """Of the gamma that the window's sum is drawn from if nothing happened."""

    def part(self, share: float) -> "Expected":
        """Of this share of the window."""
        return Expected(self.mean * share, self.shape * share)

    def times(self, factor: Floats) -> "Expected":
        """Of the same for which so many times as much is usual."""
        return Expected(self.mean * factor, self.shape * factor)

    def limit(self, score: float | Floats) -> Floats:
        """The sum with this score."""
        return limits(self.mean, self.shape, score)


def course(usual: Usual, recent: Floats, slots: Floats) -> Course:
    """`slots`: the middles of the steps in half hours since the end of what the usual was learnt from."""
    there = ~np.isnan(recent)
    due = usual.level[..., None] * of_slots(usual.profile, slots) * (STEP_S / BUCKET_S)
    at = np.floor(slots).astype(np.int64) % BUCKETS_OF_DAY
    swings, drifts = (np.moveaxis(of[:, at], 0, -2) for of in (usual.swings, usual.drifts))
    return Course(
        usual,
        np.where(there, recent, 0.0),
        np.where(there, due, 0.0),
        there,
        swings,
        drifts,
        _of_step(usual, recent, due),
    )


def expected(of: Course, steps: int) -> Expected:
    """Of the last steps, as far as what was before them tells it."""
    size = of.size(steps)
    before = slice(-steps - _HOURS, -steps)
    due = of.due[..., before]
    spread = np.sqrt(size[..., None] * due + (of.swings[..., before] * due) ** 2)
    seen = np.minimum(of.seen[..., before], due + np.maximum(_WILD * spread, _WILD * size[..., None])).sum(-1)
    due = due.sum(-1)
    # What these hours are beside the season, beyond what calls scatter, widens what was thought before.
    apart = (divided(seen, due, 1.0) - 1) ** 2 - divided(size, due, 1e6)
    swing, drift = (values[..., -steps:].mean(-1) for values in (of.swings, of.drifts))
    prior = 1 / np.clip(apart, swing**2, _WIDEST)
    found = prior + seen / size
    # Of quiet hours only so much is believed: many end at once.
    times = np.maximum(found / (prior + due / size), _QUIETEST)
    mean = of.due[..., -steps:].sum(-1) * times
    return Expected(mean, divided(mean, size + (1 / found + drift**2) * mean, 1e6))


def early(of: Course, steps: int) -> Floats:
    """How much busier than usual it was before the last steps, as far as that isn't chance; one where it was quieter."""
    due, seen = of.due[..., :-steps].sum(-1), of.seen[..., :-steps].sum(-1)
    swing = of.swings[..., :-steps].mean(-1)
    chance = np.sqrt(divided(of.usual.size, due, 1.0) + swing**2)
    return np.clip(divided(seen, due, 1.0) - chance, 1.0, _BUSIEST)


def _of_step(usual: Usual, recent: Floats, mean: Floats) -> Floats:
    """The size of calls as five minutes tell it: in half hours it can't be told from how all calls swing together."""
    there = recent[..., :-_CALM_STEPS]
    rest = there - mean[..., :-_CALM_STEPS]
    squares = known_or((rest[..., 1:] - rest[..., :-1]) ** 2)
    sums = np.where(np.isnan(there[..., 1:] + there[..., :-1]), 0.0, there[..., 1:] + there[..., :-1])
    ratios = divided(squares, sums, 0.0)
    at = int(ratios.shape[-1] * _CAPPED)
    cap = np.partition(ratios, at, axis=-1)[..., at : at + 1]
    found = _CAP_FACTOR * divided(np.minimum(squares, cap * sums).sum(-1), sums.sum(-1), 0.0)
    many = divided(known_or(there).sum(-1), found, 0.0)
    mixed = (found * many + usual.size * _SURE) / (many + _SURE)
    return np.minimum(mixed, usual.size * _MOST_MORE)
