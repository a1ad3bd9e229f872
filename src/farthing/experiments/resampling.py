"""Columns of figures in, some with gaps; what their means would be of other items of the same kind, 2,000 times, out.

All columns are resampled by the same draws of items, so that what holds of several at once can be counted. The draws come from
a fixed seed: who asks twice is answered the same.
"""

from statistics import NormalDist

import msgspec
import numpy as np

from farthing.experiments.table import Flags, Floats

RESAMPLES = 2_000
FEWEST_RESAMPLES = 500
MOST_DRAWS = 10_000_000
"""Beyond it, which is from 5,000 items on, there are fewer resamples: of so many items a mean is known well."""
_AT_ONCE = 150_000
"""Draws held in memory at a time."""
_SEED = 4180

_NORMAL = NormalDist()


class Resampled(msgspec.Struct, frozen=True):
    """Of one column: its mean, how many figures it is of, and the means of its resamples, NaN where none was drawn."""

    mean: float
    count: int
    means: Floats
    skew: float
    """The acceleration of the interval: how fast the spread changes with the mean."""

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Bias-corrected and accelerated (Efron 1987). None of fewer than two figures."""
        means = self.means[~np.isnan(self.means)]
        return bca(means, self.mean, self.skew, confidence) if self.count > 1 else None


def resample(columns: Floats, resamples: int = RESAMPLES) -> list[Resampled]:
    """The columns (items x columns), NaN where there is a gap."""
    told = ~np.isnan(columns)
    columns, told = columns[told.any(axis=1)], told[told.any(axis=1)]
    filled = np.where(told, columns, 0.0)
    masks, which = _distinct(told)
    sums = _drawn(np.hstack([filled, masks.astype(np.float64)]), resamples)
    found: list[Resampled] = []
    for at in range(columns.shape[1]):
        own = columns[told[:, at], at]
        counts = sums[:, columns.shape[1] + which[at]]
        # Where no figure was drawn there is no mean.
        means = np.divide(sums[:, at], counts, out=np.full(counts.shape, np.nan), where=counts > 0)
        mean = float(own.mean()) if own.size else float("nan")
        found.append(Resampled(mean, int(own.size), means, acceleration(own)))
    return found


def bca(means: Floats, mean: float, skew: float, confidence: float) -> tuple[float, float]:
    """The interval of a mean, of its resampled means."""
    if not means.size or float(means.min()) == float(means.max()):
        return (mean, mean)
    # Sums of floats differ in their last digits by the order of adding.
    near = np.isclose(means, mean, rtol=1e-12, atol=1e-15)
    below = float(((means < mean) & ~near).mean() + near.mean() / 2)
    least = 0.5 / means.size
    bias = _NORMAL.inv_cdf(min(max(below, least), 1 - least))
    ends: list[float] = []
    for share in ((1 - confidence) / 2, (1 + confidence) / 2):
        z = bias + _NORMAL.inv_cdf(share)
        ends.append(_NORMAL.cdf(bias + z / (1 - skew * z)))
    low, high = np.quantile(means, ends)
    return (float(low), float(high))


def acceleration(values: Floats) -> float:
    """Of the mean of these values, by leaving out each once."""
    if values.size < 2:
        return 0.0
    off = values - values.mean()
    # A power of three is computed ten times as long as two products.
    squared = off * off
    squares = float(squared.sum())
    return float((squared * off).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def _distinct(told: Flags) -> tuple[Flags, list[int]]:
    """The different ways in which columns have gaps, and which of them each has: mostly all have the same."""
    seen: dict[bytes, int] = {}
    which = [seen.setdefault(told[:, at].tobytes(), len(seen)) for at in range(told.shape[1])]
    masks: Flags = told[:, [which.index(at) for at in range(len(seen))]]
    return masks, which


def _drawn(figures: Floats, resamples: int) -> Floats:
    """The sums of each column over items drawn with replacement, as many as there are."""
    items, columns = figures.shape
    if not items:
        return np.zeros((resamples, columns))
    resamples = max(min(resamples, MOST_DRAWS // items), min(resamples, FEWEST_RESAMPLES))
    draws = np.random.default_rng(_SEED)
    sums = np.empty((resamples, columns))
    step = max(1, _AT_ONCE // items)
    times = np.empty((step, items))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        for row, drawn in enumerate(draws.integers(0, items, (rows, items), np.int32)):
            times[row] = np.bincount(drawn, minlength=items)
        sums[start : start + rows] = times[:rows] @ figures
    return sums
