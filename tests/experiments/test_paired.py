"""Paired tests are held to SciPy's answers, and to counting by hand."""

from importlib import import_module
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.experiments.paired import holm, mcnemar, wilcoxon

DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
"""Heights of crossed plants less those of self-fertilised ones: the pairs by which Fisher explained the test."""


def scipy_stats() -> Any:
    """It takes a second to be imported, so only where it is asked."""
    return import_module("scipy.stats")


def test_darwins_plants() -> None:
    found = wilcoxon(np.array(DARWIN, float))
    assert found == pytest.approx(0.04126, abs=1e-5)
    assert found == pytest.approx(scipy_stats().wilcoxon(DARWIN, method="exact").pvalue, rel=1e-12)


def test_many_pairs_with_ties_are_judged_as_scipy_does() -> None:
    draws = np.random.default_rng(7)
    for size in (80, 400, 10_000):
        off = draws.integers(-4, 6, size).astype(float) / 4
        expected = scipy_stats().wilcoxon(off, zero_method="wilcox", correction=False, method="asymptotic").pvalue
        assert wilcoxon(off) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_few_pairs_are_counted_out_ties_and_all(off: list[int]) -> None:
    moved = [one for one in off if one]
    if not moved:
        assert wilcoxon(np.array(off, float)) is None
        return
    sizes = sorted(abs(one) for one in moved)
    rank = {size: sum(at + 1 for at, one in enumerate(sizes) if one == size) / sizes.count(size) for size in sizes}
    middle = sum(rank[size] for size in sizes) / 2

    def away(signs: tuple[int, ...]) -> float:
        return abs(sum(rank[abs(one)] for one, sign in zip(moved, signs, strict=True) if sign > 0) - middle)

    ways = list(product((1, -1), repeat=len(moved)))
    seen = away(tuple(1 if one > 0 else -1 for one in moved))
    share = sum(1 for signs in ways if away(signs) >= seen - 1e-9) / len(ways)
    assert wilcoxon(np.array(off, float)) == pytest.approx(share)


def test_what_differs_by_how_floats_are_added_is_a_tie() -> None:
    assert wilcoxon(np.array([0.3 - 0.2, 0.2 - 0.1, 0.1 - 0.2])) == wilcoxon(np.array([1.0, 1.0, -1.0]))


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (9, 3), (59, 6), (500, 430), (5100, 4900), (3, 9_000)])
def test_mcnemar_is_the_exact_binomial_test(wins: int, losses: int) -> None:
    expected = scipy_stats().binomtest(wins, wins + losses, 0.5).pvalue
    assert mcnemar(wins, losses) == mcnemar(losses, wins) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_pairs_that_went_nowhere_prove_nothing() -> None:
    assert mcnemar(0, 0) is None
    assert mcnemar(4, 4) == 1.0


def test_holm() -> None:
    # Worked by hand: 0.01 x 4, then max(0.04, 0.02 x 3), then 0.03 x 2 raised to the one before, and the last.
    assert holm([0.02, None, 0.01, 0.9, 0.03]) == pytest.approx([0.06, None, 0.04, 0.9, 0.06])
    assert holm([]) == []
