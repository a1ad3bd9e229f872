"""Arrays in; that medians, deviations, scores and sequential sums are those of numpy, of tables, and of a pocket calculator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.alerts.anomaly.robust import (
    cusums,
    deviations,
    divided,
    limits,
    medians,
    quantiles,
    scores,
    trimmed,
    weighted_medians,
)

numbers = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=20)


@given(numbers, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
@settings(max_examples=60, deadline=None)
def test_quantiles_of_what_is_known_are_those_of_numpy(values: list[float], share: float) -> None:
    known = [value for value in values if value == value]
    found = quantiles(np.array([values]), share)[0]
    if known:
        assert found == pytest.approx(np.quantile(known, share), rel=1e-9, abs=1e-6)
    else:
        assert np.isnan(found)


def test_medians_and_deviations_leave_out_what_is_unknown() -> None:
    values = np.array([[1.0, np.nan, 3.0, 100.0, 2.0], [np.nan] * 5])
    assert medians(values)[0] == 2.5
    assert np.isnan(medians(values)[1])
    # Distances from 2.5: 1.5, 0.5, 97.5, 0.5; their median is 1.
    assert deviations(values)[0] == pytest.approx(1.4826)


def test_a_trimmed_mean_leaves_out_a_share_at_either_end() -> None:
    assert trimmed(np.array([[1.0, 2.0, 3.0, 1000.0, np.nan]]))[0] == 2.5


def test_a_weighted_median_is_where_half_of_the_weight_is_reached() -> None:
    assert weighted_medians(np.array([[5.0, 1.0, 3.0, np.nan]]), np.array([[1.0, 1.0, 5.0, 9.0]]))[0] == 3.0
    assert np.isnan(weighted_medians(np.array([[np.nan]]), np.array([[1.0]]))[0])


@pytest.mark.parametrize(
    ("degrees", "score", "quantile"),
    # The chi-square distribution's table at 0.95, 0.99 and 0.999; half its degrees are a gamma's shape, the degrees its mean.
    [(10, 1.6449, 18.307), (10, 2.3263, 23.209), (10, 3.0902, 29.588), (30, 2.3263, 50.892), (100, 3.0902, 149.449)],
)
def test_limits_are_those_of_the_tables_of_the_gamma_distribution(degrees: int, score: float, quantile: float) -> None:
    mean, shape = np.array([float(degrees)]), np.array([degrees / 2])
    assert limits(mean, shape, score)[0] == pytest.approx(quantile, rel=0.01)
    assert scores(np.array([quantile]), mean, shape)[0] == pytest.approx(score, abs=0.03)


def test_page_s_sum_by_hand() -> None:
    steps = np.array([[1.0, -2.0, 3.0, 2.0, -1.0, 4.0, -9.0]])
    assert cusums(steps, 7.0)[0].tolist() == [1.0, 0.0, 3.0, 5.0, 4.0, 7.0, 0.0]


def test_dividing_by_nothing_is_unknown_unless_said_otherwise() -> None:
    assert np.isnan(divided(np.array([1.0]), np.array([0.0]))[0])
    assert divided(np.array([1.0]), np.array([0.0]), 0.0)[0] == 0.0
