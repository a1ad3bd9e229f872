"""Counts per stretch of time: exact in sum, uneven like chance, busy when people are."""

from itertools import pairwise

import pytest

from farthing.demo.anomalies import DAY_NS, planted
from farthing.demo.company import FEATURES
from farthing.demo.draws import Dice
from farthing.demo.season import outages, schedule, totals

END = 1_795_218_217_172_258_153


@pytest.mark.parametrize("calls", [0, 1, 999, 250_000])
def test_all_counts_add_up(calls: int) -> None:
    slots = list(schedule(calls, END - 30 * DAY_NS, END, planted(END), Dice("s")))
    assert sum(sum(slot.counts) for slot in slots) == calls
    for n in range(len(FEATURES)):
        assert sum(slot.counts[n] for slot in slots) == totals(calls)[n]
    assert all(count >= 0 for slot in slots for count in slot.counts)


def test_slots_follow_one_another_and_end_before_the_end() -> None:
    slots = list(schedule(1000, END - DAY_NS, END, planted(END), Dice("s")))
    for one, other in pairwise(slots):
        assert one.start_ns + one.length_ns == other.start_ns
    assert slots[0].start_ns == END - DAY_NS
    assert END - 200 * 10**9 < slots[-1].start_ns + slots[-1].length_ns < END


def test_it_grows_over_the_month() -> None:
    slots = list(schedule(1_000_000, END - 28 * DAY_NS, END, planted(END), Dice("s")))
    half = len(slots) // 2
    first, second = (sum(sum(slot.counts) for slot in part) for part in (slots[:half], slots[half:]))
    assert 1.08 < second / first < 1.3


def test_outages_come_in_order() -> None:
    found = outages(END, 30, Dice("s"))
    assert 3 < len(found) < 20
    assert found == sorted(found, key=lambda outage: outage.start_ns)
    assert all(outage.start_ns < outage.end_ns < END for outage in found)
