"""Groups that scatter each in its own way, and shifts that were told already, in; what is let be and what is still found out."""

import msgspec
import numpy as np
import pytest
from alerts.anomaly.test_judge import GROUPS, SETTINGS, project, raised

from farthing.alerts.anomaly.history import History
from farthing.alerts.anomaly.judge import judge_many, learn

GROUP = 3


def _every_hour(history: History, hours: int) -> History:
    """One step of so many of the last hours, the last step's minutes, two and a half times as busy."""
    assert history.recent_calls is not None
    recent, calls = history.recent.copy(), history.recent_calls.copy()
    for values in (recent, calls):
        values[GROUP, [-1 - 12 * hour for hour in range(hours)]] *= 2.5
    return msgspec.structs.replace(history, recent=recent, recent_calls=calls)


def test_some_minutes_of_every_hour_may_be_busier() -> None:
    assert judge_many(_every_hour(project(), 1), SETTINGS)[GROUP].firing
    assert not judge_many(_every_hour(project(), 6), SETTINGS)[GROUP].firing


def _sums() -> History:
    """A group that is told as one sum every five minutes, and was three times as much for half an hour twice."""
    history, rng = project(), np.random.default_rng(5)
    assert history.calls is not None and history.recent_calls is not None
    amounts, calls = history.amounts.copy(), history.calls.copy()
    recent, recent_calls = history.recent.copy(), history.recent_calls.copy()
    amounts[GROUP] = rng.lognormal(0.0, 0.15, (amounts.shape[1], 6)).sum(-1)
    amounts[GROUP, [100, 400]] *= 3
    recent[GROUP] = rng.lognormal(0.0, 0.15, recent.shape[1])
    calls[GROUP], recent_calls[GROUP] = 6.0, 1.0
    return msgspec.structs.replace(history, amounts=amounts, calls=calls, recent=recent, recent_calls=recent_calls)


def test_sums_that_were_high_before_are_no_excuse() -> None:
    history = _sums()
    assert not judge_many(history, SETTINGS)[GROUP].firing
    recent = history.recent.copy()
    recent[GROUP, -1] *= 3
    last = np.zeros((GROUPS, 5))
    last[GROUP, 0] = recent[GROUP, -1]
    assert judge_many(msgspec.structs.replace(history, recent=recent, last=last), SETTINGS)[GROUP].firing


def test_who_was_often_far_out_has_the_longer_tail() -> None:
    history, rng = project(), np.random.default_rng(6)
    amounts = history.amounts.copy()
    amounts[GROUP, rng.choice(amounts.shape[1], 34, replace=False)] *= 1.8
    tails = learn(msgspec.structs.replace(history, amounts=amounts)).amounts.tail
    assert tails[GROUP] > 1.2 * np.delete(tails, GROUP).max()


@pytest.mark.parametrize("hours", [12, 26, 29, 33, 40, 52])
def test_a_shift_is_not_told_again(hours: int) -> None:
    history = raised(project(), GROUP, 72, 2.0)
    assert history.calls is not None
    amounts, calls = history.amounts.copy(), history.calls.copy()
    for values in (amounts, calls):
        values[GROUP, -2 * hours :] *= 2
    told = judge_many(msgspec.structs.replace(history, amounts=amounts, calls=calls), SETTINGS)[GROUP]
    assert not told.firing
