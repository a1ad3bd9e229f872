"""Profiles with the edges of jobs in; what is expected around these minutes out."""

import numpy as np
import pytest

from farthing.alerts.anomaly.slots import of_slots


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-45, 1), (-12, 1), (-8, 5), (2, 5), (60, 5), (118, 5), (128, 5), (132, 1), (170, 1)]
)
def test_a_job_begins_at_the_minute_that_its_half_hour_tells(minutes: int, expected: float) -> None:
    """From 20 minutes after a half hour on, for two hours, at five times the rate; ten minutes on each side are granted."""
    profile = np.ones((1, 336))
    profile[0, 100:105] = (1 + 4 * 10 / 30, 5, 5, 5, 1 + 4 * 20 / 30)
    at = np.array([100 + (20 + minutes) / 30])
    assert of_slots(profile, at)[0, 0] == pytest.approx(expected)
