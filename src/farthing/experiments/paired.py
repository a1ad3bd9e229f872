"""Differences of the same items in two runs in; how likely so much difference is where there is none, out.

Own code in place of SciPy's: see docs/decisions. Tests hold it to SciPy's answers.
"""

from collections.abc import Sequence
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from farthing.experiments.table import Floats

MOST_EXACT = 50
"""Pairs up to which every way of signs is counted; beyond, the sum of ranks is as good as normal."""


def wilcoxon(differences: Floats) -> float | None:
    """The two-sided p-value of Wilcoxon's signed-rank test. Pairs without a difference are left out; None: nothing is left."""
    moved = differences[differences != 0]
    if not moved.size:
        return None
    doubled = _doubled_ranks(np.abs(moved))
    if moved.size <= MOST_EXACT:
        return _exact(doubled, int(doubled[moved > 0].sum()))
    ranks = doubled / 2
    centre = float(ranks.sum()) / 2
    spread = sqrt(float((ranks**2).sum()) / 4)
    return erfc(abs(float(ranks[moved > 0].sum()) - centre) / spread / sqrt(2))


def mcnemar(wins: int, losses: int) -> float | None:
    """The exact two-sided p-value of so many pairs that went one way and so many that went the other; None: no pair went any."""
    moved = wins + losses
    if not moved:
        return None
    term = tail = 1
    for at in range(min(wins, losses)):
        term = term * (moved - at) // (at + 1)
        tail += term
    # Whole numbers up to the last step: floats would be zero long before.
    return min(1.0, 2 * tail / (1 << moved))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """The p-values as they are worth beside each other (Holm 1979)."""
    known = sorted((value, at) for at, value in enumerate(values) if value is not None)
    adjusted: list[float | None] = [None] * len(values)
    most = 0.0
    for done, (value, at) in enumerate(known):
        most = max(most, min(1.0, value * (len(known) - done)))
        adjusted[at] = most
    return adjusted


def _doubled_ranks(sizes: Floats) -> npt.NDArray[np.int64]:
    """Twice the ranks, equal sizes sharing theirs: whole numbers even then."""
    # What differs only by how floats are added is equal.
    _, which, counts = np.unique(np.round(sizes, 12), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (2 * last - counts + 1)[which.reshape(-1)].astype(np.int64)


def _exact(doubled: npt.NDArray[np.int64], seen: int) -> float:
    """Of all ways to give the ranks signs, the share of those at least as far from the middle."""
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1.0
    reach = 0
    for rank in doubled.tolist():
        ways[rank : reach + rank + 1] += ways[: reach + 1].copy()
        reach += rank
    away = min(seen, reach - seen)
    # Up to 2^50 ways: a float counts them exactly.
    return min(1.0, float(2 * ways[: away + 1].sum() / 2.0**doubled.size))
