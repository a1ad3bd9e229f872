"""Steps and what is usual in each in; what the hours before let expect of the last ones, and how sure that is, out."""

import numpy as np
import pytest

from farthing.alerts.anomaly.near import Course, Expected, early, expected
from farthing.alerts.anomaly.usual import Usual, usual

STEPS = 72


def learnt() -> Usual:
    """Two weeks of one group that always has 600 calls in half an hour, more or less."""
    rng = np.random.default_rng(1)
    return usual(rng.poisson(600.0, (1, 2, 336)).astype(np.float64), np.ones(1, dtype=np.bool_))


def near(times: float, steps: int = 1) -> Expected:
    """The steps before the last ones were so many times what is usual."""
    due = np.full((1, STEPS), 100.0)
    seen = due.copy()
    seen[:, :-steps] *= times
    swings = np.full((1, STEPS), 0.1)
    return expected(Course(learnt(), seen, due, ~np.isnan(due), swings, swings, np.ones(1)), steps)


def test_as_usual_the_usual_is_expected() -> None:
    assert near(1.0).mean[0] == pytest.approx(100, rel=0.01)


def test_busy_hours_let_expect_a_busy_step() -> None:
    assert near(1.5).mean[0] == pytest.approx(150, rel=0.05)


def test_quiet_hours_are_believed_in_part() -> None:
    assert near(0.3).mean[0] == pytest.approx(80)


def test_a_wild_step_is_no_busy_hour() -> None:
    due = np.full((1, STEPS), 100.0)
    seen = due.copy()
    seen[0, -5] = 5_000.0
    swings = np.full((1, STEPS), 0.1)
    of = Course(learnt(), seen, due, ~np.isnan(due), swings, swings, np.ones(1))
    assert expected(of, 1).mean[0] < 110


def test_three_times_as_much_is_beyond_the_limit_and_half_more_is_not() -> None:
    limit = near(1.0).limit(4.5)[0]
    assert 150 < limit < 300


def test_what_was_busier_before_explains_what_comes_after() -> None:
    due = np.full((1, STEPS), 100.0)
    swings = np.full((1, STEPS), 0.1)
    busier, quieter = (
        Course(learnt(), due * times, due, ~np.isnan(due), swings, swings, np.ones(1)) for times in (1.6, 0.5)
    )
    assert 1.4 < early(busier, 36)[0] < 1.6
    assert early(quieter, 36)[0] == 1
