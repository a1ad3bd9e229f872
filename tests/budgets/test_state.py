"""How a budget stands: exact at every border, never zero where nobody knows; and a forecast only where there is a pace."""

from decimal import Decimal
from typing import Any

import pytest
from budgets.made_budgets import make_budget
from hypothesis import given
from hypothesis import strategies as st

from farthing.budgets.periods import FOREVER, Period, Stretch
from farthing.budgets.state import BudgetState, Sums, forecast_usd, state
from farthing.model import money

DAY = 86_400
STRETCH = Stretch(0, 10 * DAY)
FINEST = "0.000000000000000000000001"


def standing(limit: str = "10", spent: str | None = "0", stretch: Stretch = STRETCH, **more: Any) -> BudgetState:
    cost = None if spent is None else money.to_units(spent)
    return state(make_budget(limit=limit, **more), stretch, Sums(1, cost))


@pytest.mark.parametrize(
    ("limit", "spent", "status", "reached"),
    [
        ("10", "0", "ok", []),
        ("10", "4.999999999999999999999999", "ok", []),
        ("10", "5", "ok", ["0.5"]),
        ("10", "7.999999999999999999999999", "ok", ["0.5"]),
        ("10", "8", "warning", ["0.5", "0.8"]),
        ("10", "9.999999999999999999999999", "warning", ["0.5", "0.8"]),
        ("10", "10", "exceeded", ["0.5", "0.8", "1"]),
        ("10", "99999999", "exceeded", ["0.5", "0.8", "1"]),
        # Where a product of decimals would have been rounded.
        ("9999999999999.999999999999999999999999", "9999999999999.999999999999999999999998", "warning", ["0.5", "0.8"]),
        (FINEST, FINEST, "exceeded", ["0.5", "0.8", "1"]),
    ],
)
def test_borders_are_exact(limit: str, spent: str, status: str, reached: list[str]) -> None:
    found = standing(limit, spent)
    assert found.status == status
    assert found.warning is (status != "ok")
    assert found.thresholds_reached == tuple(map(Decimal, reached))
    assert found.spent_usd == Decimal(spent)
    left = found.remaining_usd
    assert left is not None
    assert money.to_units(left) == max(0, money.to_units(limit) - money.to_units(spent))


def test_unknown_is_never_zero() -> None:
    blank = state(make_budget(), STRETCH, None)
    unpriced = state(make_budget(), STRETCH, Sums(3, None, 2, 1))
    for found in (blank, unpriced):
        assert (found.spent_usd, found.remaining_usd, forecast_usd(found, 5 * DAY)) == (None, None, None)
        assert (found.status, found.thresholds_reached) == ("ok", ())
    assert (unpriced.calls, unpriced.unpriced_calls, unpriced.unknown_usage_calls) == (3, 2, 1)
    # Of no call at all it is known that it cost nothing.
    assert state(make_budget(), STRETCH, Sums()).spent_usd == 0


sums = st.builds(Sums, st.integers(1, 9), st.none() | st.integers(0, 10**40), st.integers(0, 9), st.integers(0, 9))


@given(first=sums, second=sums, third=sums)
def test_sums_add_up_in_any_order(first: Sums, second: Sums, third: Sums) -> None:
    assert first + second == second + first
    assert (first + second) + third == first + (second + third)
    assert first + Sums() == first


@pytest.mark.parametrize(
    ("spent", "at", "expected"),
    [
        ("3", 3 * DAY, "10"),
        ("1", 3 * DAY, "3.34"),  # 3.33…, and a cent isn't cut off
        ("0", 5 * DAY, "0"),
        ("3", DAY, "30"),
        ("3", DAY - 1, None),  # less than a tenth of it is over
        ("3", 10 * DAY, "3"),
        ("3.000000001", 11 * DAY, "3.000000001"),
    ],
)
def test_a_forecast_goes_on_at_the_pace_so_far(spent: str, at: int, expected: str | None) -> None:
    found = forecast_usd(standing(spent=spent), at)
    assert found == (None if expected is None else Decimal(expected))


def test_what_never_ends_has_no_forecast() -> None:
    assert forecast_usd(standing(spent="3", period=Period.ROLLING, window="10d"), 5 * DAY) is None
    assert forecast_usd(standing(spent="3", stretch=Stretch(0, FOREVER), period=Period.ONCE), FOREVER // 2) is None
    assert standing(stretch=Stretch(0, FOREVER), period=Period.ONCE).period_end is None


@given(spent=st.integers(0, 10**30), at=st.integers(DAY, 10 * DAY))
def test_a_forecast_is_never_below_what_was_spent(spent: int, at: int) -> None:
    now = state(make_budget(), STRETCH, Sums(1, spent))
    found = forecast_usd(now, at)
    assert found is not None
    assert now.spent_usd is not None
    assert money.to_units(found) >= spent
