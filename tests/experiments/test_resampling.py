"""Intervals of resampled means are held to SciPy's, to theory, and to the promise that asking twice is answered the same."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.experiments.resampling import acceleration, bca, resample

GAP = float("nan")


def column(*values: float) -> Any:
    return np.array(values, float)[:, None]


def test_bca_of_the_same_resamples_is_scipys() -> None:
    values = np.random.default_rng(3).exponential(2.0, 60)
    theirs = import_module("scipy.stats").bootstrap(
        (values,), np.mean, n_resamples=1999, method="BCa", vectorized=True, rng=np.random.default_rng(4)
    )
    means = theirs.bootstrap_distribution
    low, high = bca(means, float(values.mean()), acceleration(values), 0.95)
    assert (low, high) == pytest.approx(tuple(theirs.confidence_interval), rel=2e-3)
    [ours] = resample(values[:, None])
    width = high - low
    assert ours.interval(0.95) == pytest.approx((low, high), abs=width / 15)


def test_the_mean_of_many_is_as_theory_says() -> None:
    values = np.random.default_rng(5).normal(0.5, 0.2, 4000)
    [one] = resample(values[:, None])
    low, high = one.interval(0.95) or (0, 0)
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * values.std() / 4000**0.5, values.mean() + 1.96 * values.std() / 4000**0.5), abs=1e-3
    )


def test_asking_twice_is_answered_the_same_whoever_else_is_asked_about() -> None:
    values = np.random.default_rng(6).random((300, 3))
    alone, together = resample(values[:, :1]), resample(values)
    assert alone[0].means == pytest.approx(together[0].means)
    assert resample(values)[1].means.tolist() == together[1].means.tolist()


def test_gaps_are_in_no_mean() -> None:
    whole, holed = resample(np.column_stack([np.arange(8.0), [1, GAP, 3, GAP, 5, GAP, GAP, GAP]]), 500)
    assert (whole.count, whole.mean) == (8, 3.5)
    assert (holed.count, holed.mean) == (3, 3.0)
    told = holed.means[~np.isnan(holed.means)]
    assert 1.0 <= told.min() <= told.max() <= 5.0


def test_of_too_few_figures_there_is_no_interval() -> None:
    assert [one.interval(0.95) for one in resample(column(0.5))] == [None]
    [nothing] = resample(column(GAP, GAP))
    assert (nothing.count, nothing.interval(0.95)) == (0, None)
    [same] = resample(column(0.7, 0.7, 0.7))
    assert same.interval(0.95) == pytest.approx((0.7, 0.7))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-10, 10, width=16), min_size=2, max_size=40), st.floats(-5, 5, width=16))
def test_an_interval_moves_with_its_figures(values: list[float], by: float) -> None:
    one, moved = (resample(column(*figures), 200)[0] for figures in (values, [value + by for value in values]))
    found = SimpleNamespace(one=one.interval(0.9), moved=moved.interval(0.9))
    assert found.one is not None
    assert found.moved == pytest.approx((found.one[0] + by, found.one[1] + by), abs=1e-6)
    assert min(values) - 1e-9 <= found.one[0] <= found.one[1] <= max(values) + 1e-9
