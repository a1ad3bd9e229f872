"""Where a period leads: exact where the past never swings, wider where it does, and nothing where nobody can know."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.budgets.outlook import Ahead, Outlook, Step, look_ahead

DAY = 86_400


def past(*dollars: float | None, first: int = 0) -> list[Step]:
    return [Step((first + number) % 7, usd) for number, usd in enumerate(dollars)]


def ahead(days: int, first: int = 0) -> list[Ahead]:
    return [Ahead((first + number) % 7, (number + 1) * DAY) for number in range(days)]


def told(found: Outlook | None) -> Outlook:
    assert found is not None
    return found


def test_a_steady_past_goes_on_and_is_sure() -> None:
    found = told(look_ahead(past(*[10.0] * 28), ahead(10), 50.0, 120.0))
    assert (found.usd, found.low, found.high) == pytest.approx((150.0, 150.0, 150.0))
    assert found.chance == 1.0
    # 50 and seven days of 10 are 120: reached within the seventh.
    assert found.reaches == found.earliest == found.latest == 7 * DAY


def test_quiet_weekends_stay_quiet() -> None:
    weeks = [10.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0] * 8
    weekend = told(look_ahead(past(*weeks), ahead(2, first=5), 0.0, 1000.0))
    workdays = told(look_ahead(past(*weeks), ahead(2, first=0), 0.0, 1000.0))
    assert weekend.usd < 3 < 15 < workdays.usd < 25


def test_a_rise_of_the_last_two_weeks_is_followed() -> None:
    found = told(look_ahead(past(*[10.0] * 28, *[30.0] * 14), ahead(10), 0.0, 1e9))
    assert 250 < found.usd < 360


def test_the_more_it_swings_the_less_is_sure() -> None:
    calm = told(look_ahead(past(*[9.0, 11.0] * 14), ahead(10), 0.0, 1e9))
    wild = told(look_ahead(past(*[1.0, 1.0, 1.0, 37.0] * 7), ahead(10), 0.0, 1e9))
    assert (wild.high - wild.low) > 3 * (calm.high - calm.low) > 0


def test_part_of_a_day_is_part_of_its_cost() -> None:
    half = [Ahead(0, DAY, 0.5)]
    assert told(look_ahead(past(*[10.0] * 7), half, 3.0, 100.0)).usd == pytest.approx(8.0)


def test_nothing_is_said_of_too_little_and_what_nobody_knows_is_not_zero() -> None:
    assert look_ahead(past(1.0, 2.0, 3.0), ahead(3), 0.0, 10.0) is None
    assert look_ahead(past(1.0, None, None, 3.0, None, 2.0), ahead(3), 0.0, 10.0) is None
    gaps = told(look_ahead(past(*[10.0, None] * 7), ahead(4), 0.0, 1e9))
    assert gaps.usd == pytest.approx(40.0)


def test_what_is_reached_already_has_no_time_to_come() -> None:
    found = told(look_ahead(past(*[10.0] * 7), ahead(3), 100.0, 100.0))
    assert (found.chance, found.reaches) == (1.0, None)


def test_what_never_cost_anything_is_not_expected_to() -> None:
    found = told(look_ahead(past(*[0.0] * 10), ahead(5), 1.0, 10.0))
    assert (found.usd, found.low, found.high, found.chance, found.reaches) == (1.0, 1.0, 1.0, 0.0, None)


def test_many_days_at_once_lead_where_they_lead_one_by_one() -> None:
    weeks = past(*[10.0, 12.0, 14.0, 12.0, 10.0, 1.0, 1.0] * 6)
    one_by_one = told(look_ahead(weeks, ahead(280), 0.0, 1e9))
    at_once = told(look_ahead(weeks, [Ahead(0, (28 * number + 28) * DAY, many=28) for number in range(10)], 0.0, 1e9))
    assert at_once.usd == pytest.approx(one_by_one.usd, rel=0.03)
    assert at_once.high - at_once.low == pytest.approx(one_by_one.high - one_by_one.low, rel=0.4)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=4, max_size=60),
    st.integers(0, 40),
    st.floats(0, 1e6),
    st.floats(0.01, 1e7),
)
def test_it_is_in_order_never_below_what_was_spent_and_the_same_each_time(
    dollars: list[float | None], days: int, counted: float, limit: float
) -> None:
    found = look_ahead(past(*dollars), ahead(days), counted, limit)
    assert found == look_ahead(past(*dollars), ahead(days), counted, limit)
    if found is not None:
        assert counted <= found.low <= found.usd <= found.high
        assert 0 <= found.chance <= 1
        reached = [at for at in (found.earliest, found.reaches, found.latest) if at is not None]
        assert reached == sorted(reached)
