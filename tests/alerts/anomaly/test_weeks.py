"""Two weeks with a holiday in one of them, looked at where days of the week meet; that what is usual is told rightly there, out."""

import msgspec
import numpy as np
import pytest

from farthing.alerts.anomaly.history import History
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
