"""Seasons and the last days in; that what most of these had more is usual at that time, and nothing else is, out."""

import numpy as np
import pytest

from farthing.alerts.anomaly.habits import with_habits
from farthing.alerts.anomaly.robust import Floats
from farthing.alerts.anomaly.season import Season

FLAT = Season(np.ones((1, 336)), np.ones((1, 336)), np.ones((1, 14)), np.ones((1, 336)), np.zeros((1, 14)))


def found(busy_days: tuple[int, ...], times: float = 10.0) -> Floats:
    """The profile of the next day; half hour 5 was so much more on these days, counted back."""
    flat = np.full((1, 672), 100.0)
    for day in busy_days:
        flat[0, 672 - 48 * day + 5] *= times
    return with_habits(FLAT, np.array([100.0]), flat, np.array([1.0]))[0, :48]


@pytest.mark.parametrize(("busy_days", "usual"), [((1, 2), True), ((1, 3), True), ((1,), False), ((4, 5), False)])
def test_two_of_the_last_three_days_make_a_habit(busy_days: tuple[int, ...], usual: bool) -> None:
    profile = found(busy_days)
    assert bool(profile[5] > 5) is usual
    assert np.delete(profile, 5).tolist() == [1.0] * 47


def test_what_was_a_little_more_is_none() -> None:
    assert found((1, 2, 3), 1.1).tolist() == [1.0] * 48
