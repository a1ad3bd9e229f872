"""Arrays with unknown values (nan) in; medians, deviations, scores and sequential sums that few wild values don't move, out. Pure."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

MAD_TO_DEVIATION = 1.4826
"""The median distance from the median of a normal distribution is its standard deviation divided by this."""


def known_or(values: Floats, otherwise: float = 0.0) -> Floats:
    """The values, and something else where they are unknown."""
    return np.where(np.isnan(values), otherwise, values)


def medians(values: Floats) -> Floats:
    """The median along the last axis of what is known; nan where nothing is."""
    return quantiles(values, 0.5)


def quantiles(values: Floats, share: float) -> Floats:
    """The quantile along the last axis of what is known, between two values in proportion; nan where nothing is known."""
    ordered = np.sort(values, axis=-1)
    known = np.count_nonzero(~np.isnan(values), axis=-1)
    place = np.maximum(known - 1, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(known - 1, 0))
    below = _taken(ordered, low)
    return below + (_taken(ordered, high) - below) * (place - low)


def deviations(values: Floats) -> Floats:
    """The standard deviation along the last axis as the median distance from the median tells it."""
    return medians(np.abs(values - medians(values)[..., None])) * MAD_TO_DEVIATION


def trimmed(values: Floats, share: float = 0.25) -> Floats:
    """The mean along the last axis without this share of what is known at either end; nan where nothing is known."""
    ordered = np.sort(values, axis=-1)
    known = np.count_nonzero(~np.isnan(values), axis=-1)
    cut = np.floor(known * share).astype(np.int64)
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(known_or(ordered), axis=-1)], axis=-1)
    left = known - 2 * cut
    return divided(_taken(sums, known - cut) - _taken(sums, cut), left)


def weighted_medians(values: Floats, weights: Floats) -> Floats:
    """Along the last axis the value at which half of the weight of what is known is reached; nan where nothing is known."""
    heavy = np.where(np.isnan(values), 0.0, np.broadcast_to(weights, values.shape))
    order = np.argsort(values, axis=-1)
    ordered = np.take_along_axis(values, order, -1)
    reached = np.cumsum(np.take_along_axis(heavy, order, -1), axis=-1)
    found = _taken(ordered, np.argmax(reached >= reached[..., -1:] / 2, axis=-1))
    return np.where(reached[..., -1] > 0, found, np.nan)


def divided(above: Any, below: Any, otherwise: float = np.nan) -> Floats:
    """The quotient; `otherwise` where it would be a division by zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(below) > 0, np.divide(above, below), otherwise)


def scores(actual: Floats, mean: Floats, shape: Floats) -> Floats:
    """How many deviations a sum is from its mean if it is distributed as a gamma of this shape (Wilson and Hilferty, 1931).

    The cube root of a gamma is nearly normal. With whole numbers it is nearly a negative binomial's score.
    """
    root = np.cbrt(divided(actual, mean, 0.0))
    return 3 * np.sqrt(shape) * (root - 1 + divided(1.0, 9 * shape, 0.0))


def limits(mean: Floats, shape: Floats, score: float | Floats) -> Floats:
    """The sum that has this score."""
    root = 1 - divided(1.0, 9 * shape, 0.0) + divided(score, 3 * np.sqrt(shape), 0.0)
    return mean * np.maximum(root, 0.0) ** 3


def cusums(evidence: Floats, most: float) -> Floats:
    """Page's sum along the last axis: evidence added up, never below zero and never above `most`."""
    found = np.empty_like(evidence)
    held = np.zeros(evidence.shape[:-1])
    for at in range(evidence.shape[-1]):
        held = np.clip(held + evidence[..., at], 0.0, most)
        found[..., at] = held
    return found


def moving_sums(values: Floats) -> Floats:
    """The sum of each value and its two neighbours along the last axis; at the ends of the one there is."""
    found = values.copy()
    found[..., 1:] += values[..., :-1]
    found[..., :-1] += values[..., 1:]
    return found


def _taken(values: Floats, at: Whole) -> Floats:
    return np.take_along_axis(values, at[..., None], -1)[..., 0]
