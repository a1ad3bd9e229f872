"""Periods of every time zone there is lie side by side; days of odd length, skipped days, month ends and leap days are right."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.budgets import periods
from farthing.budgets.periods import CALENDAR, Period, Stretch
from farthing.query.errors import ParameterError

HOUR, DAY = 3_600, 86_400
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
ODD = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu"]

calendar_periods = st.sampled_from(sorted(CALENDAR))
zones = st.sampled_from(ODD) | st.sampled_from(ZONES)
# From 1971, when the last zones had left their local mean times behind, to 2099.
moments = st.integers(31_536_000, 4_070_000_000)


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def hours(stretch: Stretch) -> float:
    return (stretch.end - stretch.start) / HOUR


@given(period=calendar_periods, zone=zones, moment=moments)
def test_a_moment_lies_in_its_period_and_periods_lie_side_by_side(period: Period, zone: str, moment: int) -> None:
    tz = ZoneInfo(zone)
    found = periods.calendar(period, moment, tz)
    assert found.holds(moment)
    assert periods.calendar(period, found.start, tz) == found
    assert periods.calendar(period, found.end - 1, tz) == found
    assert periods.calendar(period, found.end, tz).start == found.end
    assert periods.calendar(period, found.start - 1, tz).end == found.start


@given(zone=zones, moment=moments)
def test_a_change_of_the_clock_lies_within_one_day(zone: str, moment: int) -> None:
    tz = ZoneInfo(zone)
    found = periods.calendar(Period.DAY, moment, tz)
    later = periods.calendar(Period.DAY, found.end, tz)
    middle = datetime.fromtimestamp((found.start + found.end) // 2, tz)
    assert 21 <= hours(found) <= 27
    assert datetime.fromtimestamp((later.start + later.end) // 2, tz).date() > middle.date()


@given(zone=zones, moment=moments)
def test_longer_periods_begin_and_end_with_days(zone: str, moment: int) -> None:
    tz = ZoneInfo(zone)
    month = periods.calendar(Period.MONTH, moment, tz)
    quarter = periods.calendar(Period.QUARTER, moment, tz)
    week = periods.calendar(Period.WEEK, moment, tz)
    for found in (week, month, quarter):
        assert periods.calendar(Period.DAY, found.start, tz).start == found.start
        assert periods.calendar(Period.DAY, found.end - 1, tz).end == found.end
    assert quarter.start <= month.start < month.end <= quarter.end
    # A zone that crosses the date line skips a day, or has one twice.
    assert abs(hours(week) - 168) <= 25
    assert 27 * 24 - 3 <= hours(month) <= 32 * 24 + 3
    assert 89 * 24 - 3 <= hours(quarter) <= 93 * 24 + 3


@pytest.mark.parametrize(
    ("zone", "noon", "length"),
    [
        ("Europe/Berlin", "2026-03-29T12:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00", 25),
        ("Europe/Berlin", "2026-11-21T12:00", 24),
        ("America/New_York", "2026-03-08T12:00", 23),
        ("America/New_York", "2026-11-01T12:00", 25),
        ("Australia/Lord_Howe", "2026-10-04T12:00", 23.5),
        ("Australia/Lord_Howe", "2026-04-05T12:00", 24.5),
        ("America/Sao_Paulo", "2017-10-15T12:00", 23),  # its clocks went from 24:00 to 01:00
        ("America/Sao_Paulo", "2018-02-17T12:00", 25),
    ],
)
def test_days_of_odd_length(zone: str, noon: str, length: float) -> None:
    assert hours(periods.calendar(Period.DAY, at(noon, zone), ZoneInfo(zone))) == length


def test_samoa_skipped_a_day_and_no_period_is_made_of_it() -> None:
    tz = ZoneInfo("Pacific/Apia")
    before = periods.calendar(Period.DAY, at("2011-12-29T12:00", "Pacific/Apia"), tz)
    after = periods.calendar(Period.DAY, before.end, tz)
    assert (hours(before), hours(after)) == (24, 24)
    assert datetime.fromtimestamp(after.start, tz).isoformat() == "2011-12-31T00:00:00+14:00"
    week = periods.calendar(Period.WEEK, before.start, tz)
    month = periods.calendar(Period.MONTH, before.start, tz)
    assert (hours(week), hours(month)) == (6 * 24, 30 * 24)


def test_a_day_that_was_begun_goes_on_when_clocks_are_put_back_over_midnight() -> None:
    # In Newfoundland it was 00:01 on the 7th when the clocks went back to 23:01 on the 6th.
    tz = ZoneInfo("America/St_Johns")
    again = int(datetime(2010, 11, 6, 23, 30, tzinfo=tz, fold=1).timestamp())
    found = periods.calendar(Period.DAY, again, tz)
    assert found.holds(at("2010-11-07T12:00", "America/St_Johns"))
    assert hours(found) == 25


@pytest.mark.parametrize(
    ("period", "moment", "start", "end"),
    [
        (Period.MONTH, "2028-02-29T23:59:59", "2028-02-01", "2028-03-01"),
        (Period.MONTH, "2026-02-28T23:59:59", "2026-02-01", "2026-03-01"),
        (Period.MONTH, "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
        (Period.MONTH, "2026-01-31T00:00:00", "2026-01-01", "2026-02-01"),
        (Period.QUARTER, "2028-02-29T00:00:00", "2028-01-01", "2028-04-01"),
        (Period.QUARTER, "2026-12-31T23:59:59", "2026-10-01", "2027-01-01"),
        (Period.QUARTER, "2026-08-31T00:00:00", "2026-07-01", "2026-10-01"),
        (Period.WEEK, "2026-11-22T23:59:59", "2026-11-16", "2026-11-23"),
        (Period.WEEK, "2026-11-23T00:00:00", "2026-11-23", "2026-11-30"),
        (Period.WEEK, "2027-01-01T00:00:00", "2026-12-28", "2027-01-04"),
        (Period.DAY, "2028-02-29T00:00:00", "2028-02-29", "2028-03-01"),
    ],
)
def test_month_ends_leap_days_and_weeks(period: Period, moment: str, start: str, end: str) -> None:
    assert periods.calendar(period, at(moment), UTC) == Stretch(at(start), at(end))


@given(moment=moments, seconds=st.integers(300, 366 * DAY))
def test_a_rolling_window_has_its_length_and_holds_now(moment: int, seconds: int) -> None:
    found = periods.rolling(seconds, moment)
    assert found.end - found.start == seconds
    assert found.holds(moment)
    assert found.end - moment <= (1_800 if seconds > 2 * DAY else 60)
    assert periods.rolling(seconds, found.end).start > found.start
    assert periods.rolling(seconds, found.end - 1) == found


@given(moment=moments, before=st.integers(0, 40 * DAY), after=st.integers(1, 40 * DAY))
def test_pieces_make_up_the_whole_and_now_is_in_a_short_one(moment: int, before: int, after: int) -> None:
    whole = Stretch(moment - before, moment + after)
    found = periods.pieces(whole, moment)
    assert (found[0].start, found[-1].end) == (whole.start, whole.end)
    assert all(one.start < one.end == following.start for one, following in pairwise(found))
    holding = next(one for one in found if one.holds(moment))
    assert holding.end - holding.start <= 5_400
    assert len(found) <= 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("24h", DAY), ("30d", 30 * DAY), ("4w", 28 * DAY), ("366d", 366 * DAY)]
)
def test_lengths_as_people_write_them(text: str, seconds: int) -> None:
    assert periods.length(text) == seconds


@pytest.mark.parametrize("text", ["", "4m", "367d", "1y", "-1d", "01d", "24", "h", "1.5h", "9999999w", "٣d"])
def test_what_is_no_length_is_refused_by_the_field_s_name(text: str) -> None:
    with pytest.raises(ParameterError, match=r"^window: "):
        periods.length(text)
