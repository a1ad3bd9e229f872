"""Made traffic of a project in; what is said of its groups: what is found, what is let be, and what must hold whatever comes."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farthing.alerts.anomaly.band import band
from farthing.alerts.anomaly.history import History, Series
from farthing.alerts.anomaly.judge import judge, judge_many, learn
from farthing.alerts.anomaly.judgement import Settings
from farthing.alerts.anomaly.robust import Floats

GROUPS, DAYS, STEPS = 8, 14, 72
END = 1_780_000_200 // 1800 * 1800
"""The history's end; a Thursday. Now is 25 minutes later."""
NOW = END + 1500
SETTINGS = Settings(least=0.1)


def _form(at: Floats) -> Floats:
    """Busy by day, quiet at night and on two days of the week."""
    day = 1 + 0.7 * np.sin(2 * np.pi * at / 86_400)
    return day * np.where(at // 86_400 % 7 >= 5, 0.4, 1.0)


def project(seed: int = 0, calls_a_step: float = 60.0) -> History:
    """Eight groups of the same shape, each twice the one before."""
    rng = np.random.default_rng(seed)
    sizes = calls_a_step * 2.0 ** (np.arange(GROUPS) / 4)
    halves = END - 1800 * np.arange(DAYS * 48, 0, -1, dtype=np.float64) + 900
    steps = NOW - 300 * np.arange(STEPS, 0, -1, dtype=np.float64) + 150

    def drawn(at: Floats, per: int) -> tuple[Floats, Floats]:
        calls = rng.poisson(sizes[:, None] * _form(at)[None] * per)
        return rng.gamma(np.maximum(calls, 1e-9), 0.01), calls.astype(np.float64)

    amounts, calls = drawn(halves, 6)
    recent, recent_calls = drawn(steps, 1)
    return History(
        start_s=END - DAYS * 86_400, amounts=amounts, calls=calls, end_s=NOW, recent=recent, recent_calls=recent_calls
    )


def raised(history: History, group: int, steps: int, times: float) -> History:
    """The last steps of a group, so many times as much."""
    assert history.recent_calls is not None
    recent, calls = history.recent.copy(), history.recent_calls.copy()
    recent[group, -steps:] *= times
    calls[group, -steps:] *= times
    return msgspec.structs.replace(history, recent=recent, recent_calls=calls)


def test_usual_spend_is_no_alarm() -> None:
    assert [one.firing for one in judge_many(project(), SETTINGS)] == [False] * GROUPS
    assert all(one.recovered and one.enough for one in judge_many(project(), SETTINGS))


def test_three_times_as_much_is_found_with_the_first_five_minutes() -> None:
    found = judge_many(raised(project(), 3, 1, 3.0), SETTINGS)
    assert [at for at, one in enumerate(found) if one.firing] == [3]
    told = found[3]
    assert told.actual and told.expected and told.upper
    assert told.actual > told.upper > told.expected
    assert told.since_s == NOW - 300
    assert "usual at this hour" in told.why


def test_twice_as_much_is_found_within_an_hour_and_since_when() -> None:
    told = judge_many(raised(project(), 5, 12, 2.0), SETTINGS)[5]
    assert told.firing
    assert told.since_s is not None
    assert abs(told.since_s - (NOW - 3600)) <= 900


def test_cents_never_page() -> None:
    assert not any(one.firing for one in judge_many(raised(project(), 3, 12, 3.0), Settings(least=1e6)))


def test_one_dear_call_is_found_where_it_is_not_usual() -> None:
    history = project()
    recent = history.recent.copy()
    recent[2, -1] += 12.0
    told = judge_many(msgspec.structs.replace(history, recent=recent), SETTINGS)[2]
    assert (told.firing, told.sign) == (True, "rate")


def test_one_dear_call_of_a_kind_that_comes_every_day_is_none() -> None:
    history = project()
    amounts, recent = history.amounts.copy(), history.recent.copy()
    amounts[2, 20::48] += 2.0
    recent[2, -2] += 2.0
    told = judge_many(msgspec.structs.replace(history, amounts=amounts, recent=recent), SETTINGS)[2]
    assert (told.firing, told.sign) == (False, "")


def test_what_is_over_is_over_after_twenty_minutes() -> None:
    history = raised(project(), 3, 30, 3.0)
    before = project()
    assert history.recent_calls is not None and before.recent_calls is not None
    for values, usual in ((history.recent, before.recent), (history.recent_calls, before.recent_calls)):
        values[3, -4:] = usual[3, -4:]
    told = judge_many(history, SETTINGS)[3]
    assert (told.firing, told.recovered) == (False, True)


def test_a_shift_is_followed_after_a_day_and_a_half() -> None:
    history = project()
    assert history.calls is not None
    amounts, calls = history.amounts.copy(), history.calls.copy()
    amounts[4, -72:] *= 2
    calls[4, -72:] *= 2
    shifted = raised(msgspec.structs.replace(history, amounts=amounts, calls=calls), 4, STEPS, 2.0)
    told = judge_many(shifted, SETTINGS)[4]
    assert told.sign in ("", "day")
    usual, before = learn(shifted, SETTINGS).amounts.level[4], learn(history, SETTINGS).amounts.level[4]
    assert usual == pytest.approx(2 * before, rel=0.15)


def test_a_gap_is_unknown_and_no_recovery() -> None:
    history = project()
    recent = history.recent.copy()
    recent[:, -3:] = np.nan
    told = judge_many(msgspec.structs.replace(history, recent=recent), SETTINGS)[0]
    assert (told.firing, told.recovered, told.enough) == (False, False, False)


def test_a_gap_in_the_past_is_no_quiet_time() -> None:
    history = project()
    amounts = history.amounts.copy()
    amounts[:, -336:-300] = np.nan
    usual = learn(msgspec.structs.replace(history, amounts=amounts), SETTINGS).amounts.level
    assert usual == pytest.approx(learn(history, SETTINGS).amounts.level, rel=0.1)


def test_a_holiday_a_week_ago_makes_no_alarm_today() -> None:
    history = project()
    assert history.calls is not None
    amounts, calls = history.amounts.copy(), history.calls.copy()
    amounts[:, -370:-300] *= 0.2
    calls[:, -370:-300] *= 0.2
    quiet = msgspec.structs.replace(history, amounts=amounts, calls=calls)
    assert not any(one.firing for one in judge_many(quiet, SETTINGS))


def test_a_new_group_is_judged_by_the_project() -> None:
    history = project()
    amounts = history.amounts.copy()
    amounts[1, :-4] = 0.0
    told = judge_many(msgspec.structs.replace(history, amounts=amounts), SETTINGS)[1]
    assert (told.pooled, told.enough, told.firing) == (True, True, False)


def test_a_marked_interval_is_no_alarm_and_is_left_out() -> None:
    spike = raised(project(), 3, 6, 3.0)
    marks = [[(NOW - 1800, NOW)] if at == 3 else [] for at in range(GROUPS)]
    told = judge_many(msgspec.structs.replace(spike, expected=marks), SETTINGS)[3]
    assert (told.firing, told.expected_by_people) == (False, True)


def test_a_peak_that_is_marked_every_week_is_learnt() -> None:
    history = project()
    assert history.calls is not None
    amounts, calls = history.amounts.copy(), history.calls.copy()
    for back in (336, 672):
        at = slice(amounts.shape[1] - back, amounts.shape[1] - back + 4)
        amounts[3, at] *= 3
        calls[3, at] *= 3
    begins = [history.start_s, history.start_s + 7 * 86_400]
    marks = [[(begin, begin + 7200) for begin in begins] if at == 3 else [] for at in range(GROUPS)]
    weekly = msgspec.structs.replace(history, amounts=amounts, calls=calls, expected=marks)
    assert not judge_many(raised(weekly, 3, 5, 3.0), SETTINGS)[3].firing


@given(st.floats(0.01, 1000.0), st.integers(0, 7), st.integers(1, 12), st.floats(0.5, 4.0))
@settings(max_examples=6, deadline=None)
def test_the_unit_doesn_t_matter(scale: float, group: int, steps: int, times: float) -> None:
    history = raised(project(), group, steps, times)
    scaled = msgspec.structs.replace(history, amounts=history.amounts * scale, recent=history.recent * scale)
    first = judge_many(history, SETTINGS)
    second = judge_many(scaled, msgspec.structs.replace(SETTINGS, least=SETTINGS.least * scale))
    assert [(one.firing, one.sign) for one in first] == [(one.firing, one.sign) for one in second]
    for one, other in zip(first, second, strict=True):
        assert one.expected is not None
        assert other.expected == pytest.approx(one.expected * scale)


@given(st.permutations(range(GROUPS)))
@settings(max_examples=5, deadline=None)
def test_the_order_of_groups_doesn_t_matter(order: list[int]) -> None:
    history = raised(project(), 3, 2, 3.0)
    assert history.calls is not None
    assert history.recent_calls is not None
    other = msgspec.structs.replace(
        history,
        amounts=history.amounts[order],
        calls=history.calls[order],
        recent=history.recent[order],
        recent_calls=history.recent_calls[order],
    )
    plain, found = judge_many(history, SETTINGS), judge_many(other, SETTINGS)
    assert [one.firing for one in found] == [plain[at].firing for at in order]


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 670), st.integers(1, 60)), max_size=3),
)
@settings(max_examples=8, deadline=None)
def test_a_mark_never_makes_an_alarm(seed: int, steps: int, spans: list[tuple[int, int]]) -> None:
    history = raised(project(seed), 2, steps, 1.6)
    without = [one.firing for one in judge_many(history, SETTINGS)]
    marks = [[(history.start_s + 1800 * at, history.start_s + 1800 * (at + size)) for at, size in spans]] * GROUPS
    found = judge_many(msgspec.structs.replace(history, expected=marks), SETTINGS)
    assert all(before or not one.firing for before, one in zip(without, found, strict=True))


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0), st.floats(0.0, 5.0))
@settings(max_examples=8, deadline=None)
def test_nothing_told_is_not_a_number(seed: int, gaps: float, calls: float) -> None:
    history = project(seed, calls)
    rng = np.random.default_rng(seed)
    amounts = np.where(rng.random(history.amounts.shape) < gaps, np.nan, history.amounts)
    found = judge_many(msgspec.structs.replace(history, amounts=amounts), SETTINGS)
    told = [value for one in found for value in (one.actual, one.expected, one.lower, one.upper) if value is not None]
    assert np.isfinite(told).all()


def test_one_series_by_itself() -> None:
    rng = np.random.default_rng(3)
    at = END - 300 * np.arange(DAYS * 288, 0, -1, dtype=np.float64) + 150
    calls = np.maximum(rng.poisson(80 * _form(at)), 1).astype(np.float64)
    amounts = rng.gamma(calls, 0.01)
    series = Series(start_s=END - DAYS * 86_400, amounts=amounts, calls=calls)
    assert not judge(series, END, SETTINGS).firing
    amounts[-1] *= 5
    calls[-1] *= 5
    assert judge(series, END, SETTINGS).firing


def test_the_band_holds_what_came() -> None:
    history = project()
    found = band(learn(history, SETTINGS), history.start_s, 1800, history.amounts.shape[1], SETTINGS)
    inside = (found.lower <= history.amounts) & (history.amounts <= found.upper)
    assert inside.mean() > 0.99
    assert found.expected.sum() == pytest.approx(history.amounts.sum(), rel=0.05)
