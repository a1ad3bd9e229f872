"""Verdicts, round by round, in; the course of an incident out: nothing is told twice, nothing ends because nobody knows."""

from decimal import Decimal

import msgspec
from alerts.made_rules import NOW, rule

from farthing.alerts import course
from farthing.alerts.course import Source
from farthing.alerts.incident import Incident, Status, What
from farthing.alerts.rule import Rule, Severity
from farthing.alerts.verdict import Verdict
from farthing.query.moments import NS

MINUTE = 60


def verdict(at: int, actual: int, *, judged: bool = True, critical: bool = False) -> Verdict:
    firing = judged and actual >= 10
    calm = judged and actual < 9
    return Verdict(
        firing=firing, judged=judged, actual=Decimal(actual), upper=Decimal(10), unit="usd", window=(0, at * NS),
        why=f"${actual}", critical=critical, calm=calm,
    )  # fmt: skip


def walk(of: Rule, *said: tuple[int, int] | tuple[int, None]) -> tuple[Incident | None, list[tuple[int, str]]]:
    """Minutes and dollars, None where nobody knows; the incident and what people were told, when."""
    held: Incident | None = None
    told: list[tuple[int, str]] = []
    for minute, actual in said:
        at = NOW + minute * MINUTE
        one = verdict(at, actual or 0, judged=actual is not None)
        done = course.step(Source.of(of), held, one, at * NS, f"in_{minute}")
        if done is not None:
            held = done.incident
            if done.tell is not None and not course.is_quiet(held, at * NS):
                told.append((minute, done.tell.value))
                held = course.told(held, done.tell, at * NS)
    return held, told


def test_an_incident_opens_once_and_ends_after_five_calm_minutes() -> None:
    held, told = walk(rule(), (0, 9), (1, 11), (2, 12), (3, 9), (4, 1), (5, 1), (8, 1), (9, 1), (10, 1))
    assert told == [(1, "opened"), (9, "recovered")]
    assert held is not None
    assert (held.status, held.peak, held.id) == (Status.RECOVERED, Decimal(12), "in_1")


def test_what_is_unknown_neither_ends_an_incident_nor_begins_one() -> None:
    held, told = walk(rule(), (0, None), (1, 11), (2, None), (30, None), (60, None))
    assert told == [(1, "opened")]
    assert held is not None and held.status is Status.OPEN
    # Nor do calm minutes before a gap count for those after it that aren't calm.
    held, told = walk(rule(), (1, 11), (2, 1), (3, 9), (4, 1), (8, 1))
    assert held is not None and held.status is Status.OPEN


def test_one_that_fires_again_within_the_cooldown_goes_on_and_is_told_of_when_it_is_over() -> None:
    of = rule(cooldown="10m")
    held, told = walk(of, (0, 11), (1, 1), (6, 1), (8, 11), (12, 11), (17, 11))
    assert held is not None and held.id == "in_0"
    assert told == [(0, "opened"), (6, "recovered"), (17, "opened")]
    held, told = walk(of, (0, 11), (1, 1), (6, 1), (17, 11))
    assert held is not None and held.id == "in_17"  # long after, it is another one


def test_it_escalates_once_and_stays_so() -> None:
    of, at = rule(), NOW * NS
    opened = course.step(Source.of(of), None, verdict(NOW, 11), at, "in_1")
    assert opened is not None
    worse = course.step(Source.of(of), opened.incident, verdict(NOW, 30, critical=True), at + NS, "")
    assert worse is not None
    assert (worse.tell, worse.incident.severity, worse.incident.escalated) == (What.ESCALATED, Severity.CRITICAL, True)
    again = course.step(Source.of(of), worse.incident, verdict(NOW, 11), at + 2 * NS, "")
    assert again is not None and again.incident.severity is Severity.CRITICAL
    assert again.tell is not What.ESCALATED


def test_people_are_reminded_until_somebody_looks_after_it() -> None:
    of = rule(remind="30m")
    held, told = walk(of, (0, 11), (20, 11), (30, 11), (50, 11), (61, 11))
    assert told == [(0, "opened"), (30, "reminder"), (61, "reminder")]
    assert held is not None
    looked = course.acknowledged(held, "ann", NOW * NS).incident
    later = course.step(Source.of(of), looked, verdict(NOW, 11), (NOW + 200 * MINUTE) * NS, "")
    assert later is not None and later.tell is None
    assert later.incident.status is Status.ACKNOWLEDGED


def test_whoever_snoozes_or_expects_it_is_left_in_peace() -> None:
    held, _ = walk(rule(), (0, 11))
    assert held is not None
    snoozed = course.snoozed(held, "ann", (NOW + 600) * NS, NOW * NS).incident
    assert course.is_quiet(snoozed, NOW * NS)
    assert not course.is_quiet(snoozed, (NOW + 600) * NS)
    expected = course.expected(held, "ann", NOW * NS)
    assert course.is_quiet(expected.incident, NOW * NS)
    assert expected.events[0].what is What.EXPECTED
    assert not course.is_quiet(
        course.expected(expected.incident, "ann", NOW * NS, is_expected=False).incident, NOW * NS
    )


def test_what_gets_worse_ends_a_snooze_but_what_was_expected_stays_quiet() -> None:
    held, _ = walk(rule(), (0, 11))
    assert held is not None
    until = (NOW + 600) * NS
    snoozed = course.snoozed(held, "ann", until, NOW * NS).incident
    same = course.step(Source.of(rule()), snoozed, verdict(NOW, 12), NOW * NS, "")
    assert same is not None and same.incident.snoozed_until_ns == until
    worse = course.step(Source.of(rule()), snoozed, verdict(NOW, 30, critical=True), NOW * NS, "")
    assert worse is not None and worse.tell is What.ESCALATED
    assert not course.is_quiet(worse.incident, NOW * NS)
    assert [event.what for event in worse.events] == [What.SNOOZED, What.ESCALATED]
    expected = course.expected(snoozed, "ann", NOW * NS).incident
    worse = course.step(Source.of(rule()), expected, verdict(NOW, 30, critical=True), NOW * NS, "")
    assert worse is not None and course.is_quiet(worse.incident, NOW * NS)


def test_an_incident_is_kept_whole() -> None:
    held, _ = walk(rule(), (0, 11))
    assert held is not None
    assert msgspec.json.decode(msgspec.json.encode(held), type=Incident) == held
    assert held.dedup_key == msgspec.structs.replace(held, id="in_9").dedup_key
