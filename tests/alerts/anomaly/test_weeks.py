"""Two weeks with a holiday in one of them, looked at where days of the week meet; that what is usual is told rightly there, out."""

import msgspec
import numpy as np
import pytest

from farthing.alerts.anomaly.history import History
from farthing.alerts.anomaly.holidays import twice_low
from farthing.alerts.anomaly.judge import judge_many, learn
from farthing.alerts.anomaly.judgement import Settings
from farthing.alerts.anomaly.robust import Floats

SIZES = 40.0 * 2.0 ** (np.arange(8) / 4)
"""Calls in five minutes."""
DAY, MONDAY = 86_400, 1_779_667_200
HOLIDAY = 0.3
SETTINGS = Settings(least=0.1)


def _form(at: Floats, holiday: int) -> Floats:
    """Busy by day, nearly nothing at weekends; `holiday`: that day's midnight."""
    day = 1 + 0.7 * np.sin(2 * np.pi * (at - 8 * 3600) / DAY)
    weekend = (at - MONDAY) // DAY % 7 >= 5
    return day * np.where(weekend, 0.25, 1.0) * np.where((at >= holiday) & (at < holiday + DAY), HOLIDAY, 1.0)


def _project(now: int, holiday: int) -> History:
    """Eight groups of one shape, as usual but for the holiday."""
    rng = np.random.default_rng(7)
    end = now // 1800 * 1800
    halves = end - 1800 * np.arange(14 * 48, 0, -1, dtype=np.float64) + 900
    steps = now - 300 * np.arange(72, 0, -1, dtype=np.float64) + 150
    calls = rng.poisson(SIZES[:, None] * _form(halves, holiday) * 6).astype(np.float64)
    recent = rng.poisson(SIZES[:, None] * _form(steps, holiday)).astype(np.float64)
    return History(
        start_s=end - 14 * DAY,
        amounts=calls * 0.01,
        calls=calls,
        end_s=now,
        recent=recent * 0.01,
        recent_calls=recent,
    )


def _at(day: int, hour: float) -> int:
    return MONDAY + day * DAY + int(hour * 3600) + 1500


WHEN = [
    pytest.param(_at(0, 10), MONDAY - 7 * DAY, id="a Monday, the one before was a holiday"),
    pytest.param(_at(0, 15), MONDAY - 7 * DAY, id="its afternoon"),
    pytest.param(_at(5, 13), MONDAY - 3 * DAY, id="a Saturday, the Friday before the last was a holiday"),
    pytest.param(_at(1, 9), MONDAY - 7 * DAY, id="the day after"),
    pytest.param(_at(6, 18), MONDAY - 10 * DAY, id="a Sunday evening"),
]


@pytest.mark.parametrize(("now", "holiday"), WHEN)
def test_what_is_usual_is_told_rightly(now: int, holiday: int) -> None:
    history = _project(now, holiday)
    calls = learn(history, SETTINGS).calls
    assert calls is not None
    end = now // 1800 * 1800
    near = np.arange(-6, 4, dtype=np.int64)
    middles: Floats = end + 1800 * near.astype(np.float64) + 900
    true = 6 * SIZES[:, None] * _form(middles, holiday)
    told = np.median(calls.level[:, None] * calls.profile[:, near] / true, axis=0)
    assert told[:6] == pytest.approx(1.0, abs=0.5)
    assert told[6:] == pytest.approx(1.0, abs=0.45)
    assert not any(one.firing for one in judge_many(history, SETTINGS))


@pytest.mark.parametrize(("now", "holiday"), WHEN)
def test_three_times_as_many_calls_are_found_there(now: int, holiday: int) -> None:
    history = _project(now, holiday)
    assert history.recent_calls is not None
    recent, calls = history.recent.copy(), history.recent_calls.copy()
    recent[7, -1] *= 3
    calls[7, -1] *= 3
    found = judge_many(msgspec.structs.replace(history, recent=recent, recent_calls=calls), SETTINGS)
    assert [at for at, one in enumerate(found) if one.firing] == [7]


def _shifted(now: int, holiday: int, since: int, group: int, weekend: float) -> History:
    """The same project, in which one group has quieter weekends and twice as many calls since then."""
    rng = np.random.default_rng(8)
    found = _project(now, holiday)
    end = now // 1800 * 1800

    def drawn(at: Floats, per: int) -> Floats:
        off = np.where((at - MONDAY) // DAY % 7 >= 5, weekend, 1.0)
        due: Floats = SIZES[group] * _form(at, holiday) * off * np.where(at >= since, 2.0, 1.0) * per
        found: Floats = rng.poisson(due).astype(np.float64)
        return found

    halves = drawn(end - 1800 * np.arange(14 * 48, 0, -1, dtype=np.float64) + 900, 6)
    steps = drawn(now - 300 * np.arange(72, 0, -1, dtype=np.float64) + 150, 1)
    assert found.calls is not None
    assert found.recent_calls is not None
    for values, mine in ((found.calls, halves), (found.recent_calls, steps)):
        values[group] = mine
    return msgspec.structs.replace(found, amounts=found.calls * 0.01, recent=found.recent_calls * 0.01)


@pytest.mark.parametrize("weekend", [0.2, 0.4, 0.6])
def test_a_shift_of_friday_is_no_news_on_monday_beside_a_holiday(weekend: float) -> None:
    """The Monday before was the holiday, so this Sunday is known by half; and the group's weekends are unlike the project's."""
    history = _shifted(_at(0, 4), MONDAY - 7 * DAY, MONDAY - 3 * DAY + 8 * 3600, 5, weekend)
    assert not any(one.firing for one in judge_many(history, SETTINGS))


def _with_five_weeks(now: int, holidays: tuple[int, ...]) -> History:
    """Five weeks, and holidays on some days."""
    found = _project(now, holidays[0])
    rng = np.random.default_rng(9)
    end = now // 1800 * 1800
    halves = end - 1800 * np.arange(35 * 48, 0, -1, dtype=np.float64) + 900
    low: Floats = np.min([_form(halves, one) for one in holidays], axis=0)
    calls: Floats = rng.poisson(SIZES[:, None] * low * 6).astype(np.float64)
    return msgspec.structs.replace(found, start_s=end - 35 * DAY, amounts=calls * 0.01, calls=calls)


@pytest.mark.parametrize("hour", [4, 7, 10, 15, 20])
def test_the_week_after_two_holidays_on_the_same_day_of_the_week_is_no_alarm(hour: int) -> None:
    history = _with_five_weeks(_at(0, hour), (MONDAY - 7 * DAY, MONDAY - 14 * DAY))
    assert [one.firing for one in judge_many(history, SETTINGS)] == [False] * len(SIZES)


def test_a_day_that_is_always_quiet_is_no_holiday() -> None:
    weekend = _with_five_weeks(_at(5, 12), (MONDAY - 100 * DAY,))
    assert not twice_low(weekend.amounts).any()
    calls = learn(weekend, SETTINGS).calls
    assert calls is not None
    assert calls.profile[:, 0].mean() < 0.7


def test_what_grows_is_not_over_at_noon() -> None:
    """Days are counted back from now, so at noon many are half a weekend, and the middles of weeks are others."""
    holiday, since = MONDAY - 3 * DAY, MONDAY - 28 * DAY
    told: list[bool] = []
    for hour in range(0, 96, 4):
        now = MONDAY + hour * 3600
        halves = now - 1800 * np.arange(35 * 48, 0, -1, dtype=np.float64) + 900
        grown = 2.0 ** (np.maximum(halves - since, 0) / (30 * DAY))
        calls = np.rint(SIZES[:, None] * _form(halves, holiday) * 6 * grown)
        history = History(
            start_s=now - 35 * DAY,
            amounts=calls * 0.01,
            calls=calls,
            end_s=now,
            recent=np.ones((len(SIZES), 72)),
            days=(calls * 0.01).reshape(len(SIZES), 35, 48).sum(-1),
        )
        found = learn(history, SETTINGS).slow
        told.append(bool((found.growth | found.grows_on).all()))
    assert True in told
    assert all(told[told.index(True) :])
