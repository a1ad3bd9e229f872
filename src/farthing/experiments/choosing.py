"""Quality and cost of each run in; which runs are worth considering, and the cheapest that is good enough, out."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from farthing.experiments.lining import Column
from farthing.experiments.resampling import Resampled
from farthing.experiments.table import Floats

WANTED = 0.95
"""How sure it must be that a run is not worse by more than delta."""


class Point(msgspec.Struct, frozen=True):
    """A run in one score, beside what a case of it costs."""

    run_id: str
    quality: float | None
    """Its mean, a missing case being as bad as the worst seen."""
    cost_per_case: int | None
    on_front: bool
    """No other run is as good for less, or better for as little. False where its cost or quality isn't known."""


class NotWorse(msgspec.Struct, frozen=True):
    """How sure it is that a run is not worse than the baseline by more than delta, in all scores asked for at once."""

    run_id: str
    confidence: float | None
    """The share of resamples where that is so; None: there is nothing to judge by."""
    cost_per_case: int | None
    accepted: bool


class Choice(msgspec.Struct, frozen=True):
    """The cheapest run that is good enough."""

    delta: float
    scores: Sequence[str]
    wanted: float
    run_id: str | None
    """None: not even the baseline's cost is known."""
    runs: Sequence[NotWorse]


def front(
    column: Column, worst: float, run_ids: Sequence[str], costs: Sequence[int | None], *, lower: bool
) -> list[Point]:
    """The runs in one score. `lower`: less of it is better."""
    held = column.scored.any(axis=0)
    filled = np.where(column.scored, column.values, worst)[:, held]
    qualities = [float(row.mean()) if column.scored[at].any() else None for at, row in enumerate(filled)]
    sign = -1 if lower else 1

    def beaten(at: int) -> bool:
        quality, cost = qualities[at], costs[at]
        return (
            quality is None
            or cost is None
            or any(
                other != at and _beats((sign * q, c), (sign * quality, cost))
                for other, (q, c) in enumerate(zip(qualities, costs, strict=True))
                if q is not None and c is not None
            )
        )

    return [Point(one, qualities[at], costs[at], not beaten(at)) for at, one in enumerate(run_ids)]


def _beats(one: tuple[float, int], two: tuple[float, int]) -> bool:
    return one[0] >= two[0] and one[1] <= two[1] and one != two


def confidence(resampled: Sequence[Resampled], lower: Sequence[bool], delta: float) -> float | None:
    """The share of resamples in which no score is worse by more than delta. Never 1: more draws might find one."""
    if not resampled or any(one.count < 2 for one in resampled):
        return None
    held = np.ones(resampled[0].means.size, np.bool_)
    drawn = held.copy()
    for one, less in zip(resampled, lower, strict=True):
        worse: Floats = one.means if less else -one.means
        # What differs by how floats are added doesn't differ.
        held &= worse <= delta + 1e-12
        drawn &= ~np.isnan(worse)
    return float(held.sum()) / (int(drawn.sum()) + 1)


def cheapest(
    base_id: str, sure: Mapping[str, float | None], costs: Mapping[str, int | None], delta: float, scores: Sequence[str]
) -> Choice:
    """Of the baseline and the runs that are good enough, the one whose cases cost least."""
    runs = [NotWorse(one, share, costs[one], share is not None and share >= WANTED) for one, share in sure.items()]
    eligible = [
        (cost, one != base_id, one)
        for one, cost in costs.items()
        if cost is not None and (one == base_id or any(run.run_id == one and run.accepted for run in runs))
    ]
    # Of equal ones the baseline: there is no reason to change.
    return Choice(delta, scores, WANTED, min(eligible)[2] if eligible else None, runs)
