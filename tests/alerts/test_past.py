"""Groups that come while what is usual is kept: judged as they would be had it been learnt again, each by its own past."""

from collections.abc import Sequence
from typing import NamedTuple

from farthing.alerts.anomaly.judgement import BUCKET_S, DAY_S, Settings
from farthing.alerts.past import DAYS, Past, Whole
from farthing.alerts.verdict import Group

NOW = 1_790_000_400 - 1_790_000_400 % BUCKET_S + 10 * 60


class Told(NamedTuple):
    """What a group used in each step."""

    group: Group
    steps: Sequence[int]
    calls: Sequence[int]
    amounts: Sequence[float]


class Traffic:
    """Groups that each have ten calls a minute at a price of their own, from a moment on."""

    def __init__(self) -> None:
        self.groups: dict[Group, tuple[float, int]] = {
            (f"user-{number}",): (0.01 * (number + 1), NOW - DAYS * DAY_S) for number in range(6)
        }

    def ask(self, start: int, end: int, step_s: int) -> list[Told]:
        """All of them, a little uneven."""
        found: list[Told] = []
        for group, (price, since) in self.groups.items():
            steps = range(max(start, since // step_s * step_s), end, step_s)
            if steps:
                calls = [step_s // 6 + (step // step_s * 7919) % 3 for step in steps]
                found.append(Told(group, steps, calls, [price * many for many in calls]))
        return found


def said(past: Past) -> dict[Group, tuple[bool, bool, float]]:
    """Whether each group fires, by what it is judged, and what is expected of it: a minute later hardly anything else."""
    found = past.judged(Settings(), ())
    return {
        group: (one.firing, one.pooled, float(f"{one.expected or 0.0:.2g}"))
        for group, one in zip(past.groups, found, strict=True)
    }


def test_a_group_that_comes_meanwhile_is_judged_and_the_others_stay_as_they_were() -> None:
    traffic = Traffic()
    whole = Whole(traffic.ask)
    past, fresh = Past(traffic.ask, whole), Past(traffic.ask, whole)
    for one in (whole, past):
        one.update(NOW)
    before = said(past)

    dear = ("user-new",)
    traffic.groups = {dear: (20.0, NOW - 5 * 60)} | traffic.groups
    for one in (whole, past, fresh):
        one.update(NOW + 60)

    now = said(past)
    assert {group: now[group] for group in before} == before
    assert before.keys() == {group for group in now if group != dear}
    assert now[dear][0], "it spends a thousand times what the others do"
    assert said(fresh)[dear][:2] == now[dear][:2]


def test_a_late_call_that_puts_groups_into_another_order_mixes_no_pasts() -> None:
    traffic = Traffic()
    whole = Whole(traffic.ask)
    past = Past(traffic.ask, whole)
    late, later = ("late",), ("later",)
    for group in (late, later):
        traffic.groups[group] = (0.5, NOW - 5 * 60)
    for one in (whole, past):
        one.update(NOW)
    before = said(past)

    # A call of hours ago comes to be known: from now on `later` has a row among the half hours, before `late`.
    traffic.groups[later] = (0.5, NOW - 3 * 3_600)
    past.touch(range((NOW - 3 * 3_600) // BUCKET_S * BUCKET_S, NOW, BUCKET_S))
    past.update(NOW + 60)

    assert past.groups.index(later) < past.groups.index(late)
    now = said(past)
    assert [now[("user-5",)], now[("user-0",)]] == [before[("user-5",)], before[("user-0",)]]
    fresh = Past(traffic.ask, whole)
    fresh.update(NOW + 60)
    assert now[late] == said(fresh)[late]


def test_learning_may_wait_some_minutes_after_the_half_hour() -> None:
    traffic = Traffic()
    whole = Whole(traffic.ask)
    at_once, late = Past(traffic.ask, whole), Past(traffic.ask, whole, 5 * 60)
    start = NOW // BUCKET_S * BUCKET_S + BUCKET_S
    learnt_to: dict[int, list[int]] = {}
    for at in (NOW, start, start + 4 * 60, start + 5 * 60):
        for one in (whole, at_once, late):
            one.update(at)
        learnt_to[at] = [one.learnt(one.history(), Settings()).end_s for one in (at_once, late)]
    assert learnt_to == {
        NOW: [start - BUCKET_S] * 2,
        start: [start, start - BUCKET_S],
        start + 4 * 60: [start, start - BUCKET_S],
        start + 5 * 60: [start, start],
    }
