"""An incident, if there is one, and the verdict of a round in; the incident as it is now, and what happened to it, out. Pure.

Nobody is told twice of the same thing: an incident that fires again soon after it recovered goes on, and only when the
cooldown is over it is told of again. An incident ends when its verdicts were well within the limits for a while, never
because nothing is known.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from farthing.alerts.incident import Event, Incident, Status, What
from farthing.alerts.rule import Kind, Rule, Severity
from farthing.alerts.verdict import Verdict
from farthing.query.moments import NS

CALM_NS = 300 * NS
"""So long all verdicts must be well within the limits before an incident is over."""

ANOMALY_CALM_NS = 1_200 * NS
"""The same of an anomaly."""

UPDATE_NS = 900 * NS
"""How often it is noted how an incident stands while it goes on."""


class Source(NamedTuple):
    """What finds incidents: a rule, or a budget."""

    project_id: str
    id: str
    name: str
    kind: str
    severity: Severity
    cooldown_ns: int
    calm_ns: int = CALM_NS
    remind_ns: int = 0
    is_budget: bool = False

    @classmethod
    def of(cls, rule: Rule) -> "Source":
        """A rule."""
        return cls(
            rule.project_id,
            rule.id,
            rule.name,
            rule.kind.value,
            rule.severity,
            rule.cooldown_s * NS,
            # What is usual moves with the hours: it should be so for longer before it is over.
            calm_ns=ANOMALY_CALM_NS if rule.kind is Kind.ANOMALY else CALM_NS,
            remind_ns=rule.remind_s * NS,
        )


class Step(NamedTuple):
    """What a round did to an incident: the events to be kept, and what people are to be told, "" for nothing."""

    incident: Incident
    events: Sequence[Event]
    tell: What | None = None
    """Opened, escalated, reminder or recovered."""


def step(source: Source, held: Incident | None, verdict: Verdict, now_ns: int, new_id: str) -> Step | None:
    """`held` is the incident of this source and group that is open, or the last one that recovered; None: nothing happens."""
    if held is None or not held.is_open:
        return _opened(source, held, verdict, now_ns, new_id) if verdict.firing else None
    if not verdict.judged:
        return None
    if verdict.firing:
        return _goes_on(source, held, verdict, now_ns)
    return _calmer(source, held, verdict, now_ns)


def _opened(source: Source, last: Incident | None, verdict: Verdict, now_ns: int, new_id: str) -> Step:
    severity = Severity.CRITICAL if verdict.critical else source.severity
    if last is not None and last.recovered_ns is not None and now_ns < last.recovered_ns + source.cooldown_ns:
        again = msgspec.structs.replace(
            last,
            status=Status.OPEN,
            recovered_ns=None,
            calm_since_ns=None,
            updated_ns=now_ns,
            verdict=verdict,
            severity=max(severity, last.severity, key=lambda s: s.rank),
            peak=_peak(last.peak, verdict),
        )
        return Step(again, [Event(now_ns, What.OPENED, text="It fires again.", actual=verdict.actual)])
    made = Incident(
        id=new_id,
        project_id=source.project_id,
        rule_id=None if source.is_budget else source.id,
        budget_id=source.id if source.is_budget else None,
        rule_name=source.name,
        kind=source.kind,
        severity=severity,
        group=verdict.group,
        opened_ns=now_ns,
        updated_ns=now_ns,
        verdict=verdict,
        peak=verdict.actual,
    )
    return Step(made, [Event(now_ns, What.OPENED, text=verdict.why, actual=verdict.actual)], What.OPENED)


def _goes_on(source: Source, held: Incident, verdict: Verdict, now_ns: int) -> Step:
    severity = Severity.CRITICAL if verdict.critical else max(held.severity, source.severity, key=lambda s: s.rank)
    rises = severity.rank > held.severity.rank or verdict.level > held.verdict.level
    drivers = verdict.drivers or held.verdict.drivers
    now = msgspec.structs.replace(
        held,
        severity=severity,
        calm_since_ns=None,
        verdict=msgspec.structs.replace(verdict, drivers=drivers, since_ns=verdict.since_ns or held.verdict.since_ns),
        peak=_peak(held.peak, verdict),
        escalated=held.escalated or rises,
    )
    if rises:
        # Whoever snoozed it knew it as it was.
        ended = held.expected_ns is None and is_quiet(held, now_ns)
        now = msgspec.structs.replace(now, updated_ns=now_ns, snoozed_until_ns=None if ended else held.snoozed_until_ns)
        events = [Event(now_ns, What.ESCALATED, text=verdict.why, actual=verdict.actual)]
        if ended:
            events.insert(0, Event(now_ns, What.SNOOZED, text="No longer: it got worse."))
        return Step(now, events, What.ESCALATED)
    tell = _owed(source, now, now_ns)
    if now_ns < held.updated_ns + UPDATE_NS:
        return Step(now, [], tell)
    now = msgspec.structs.replace(now, updated_ns=now_ns)
    return Step(now, [Event(now_ns, What.UPDATED, text=verdict.why, actual=verdict.actual)], tell)


def _owed(source: Source, held: Incident, now_ns: int) -> What | None:
    """What people ought to be told of an incident that goes on."""
    if held.status is Status.ACKNOWLEDGED or held.expected_ns is not None:
        return None
    told = held.told_ns
    if held.told_what in ("", What.RECOVERED):
        # It fired again within the cooldown; that is over now.
        return What.OPENED if told is None or now_ns >= told + source.cooldown_ns else None
    if source.remind_ns and told is not None and now_ns >= told + source.remind_ns:
        return What.REMINDER
    return None


def _calmer(source: Source, held: Incident, verdict: Verdict, now_ns: int) -> Step | None:
    if not verdict.calm:
        # Within its limits, but not well within; or nobody knows.
        return None if held.calm_since_ns is None else Step(msgspec.structs.replace(held, calm_since_ns=None), [])
    since = held.calm_since_ns or now_ns
    if now_ns - since < source.calm_ns:
        return None if held.calm_since_ns else Step(msgspec.structs.replace(held, calm_since_ns=since), [])
    drivers = verdict.drivers or held.verdict.drivers
    over = msgspec.structs.replace(
        held,
        status=Status.RECOVERED,
        recovered_ns=now_ns,
        updated_ns=now_ns,
        calm_since_ns=since,
        verdict=msgspec.structs.replace(verdict, drivers=drivers, since_ns=held.verdict.since_ns),
    )
    # Whoever was never told that it began need not hear that it is over.
    tell = What.RECOVERED if held.told_what not in ("", What.RECOVERED) else None
    return Step(over, [Event(now_ns, What.RECOVERED, text=verdict.why, actual=verdict.actual)], tell)


def told(held: Incident, what: What, now_ns: int, *, is_heard: bool = True) -> Incident:
    """The incident after people were told, or would have been if anybody were there to hear it."""
    return msgspec.structs.replace(held, notices=held.notices + is_heard, told_ns=now_ns, told_what=what.value)


def acknowledged(held: Incident, by: str, now_ns: int) -> Step:
    """Somebody looks after it: no reminders."""
    status = Status.ACKNOWLEDGED if held.is_open else held.status
    now = msgspec.structs.replace(held, status=status, acknowledged_by=by, acknowledged_ns=now_ns, updated_ns=now_ns)
    return Step(now, [Event(now_ns, What.ACKNOWLEDGED, by)], What.ACKNOWLEDGED)


def snoozed(held: Incident, by: str, until_ns: int | None, now_ns: int) -> Step:
    """Nobody is told anything until then, unless it gets worse; None ends it."""
    now = msgspec.structs.replace(held, snoozed_until_ns=until_ns, updated_ns=now_ns)
    return Step(now, [Event(now_ns, What.SNOOZED, by, text="" if until_ns else "No longer.")])


def expected(held: Incident, by: str, now_ns: int, *, is_expected: bool = True) -> Step:
    """It was to be expected: nobody is told of it any more, and its time is no part of baselines."""
    now = msgspec.structs.replace(
        held, expected_by=by if is_expected else "", expected_ns=now_ns if is_expected else None, updated_ns=now_ns
    )
    return Step(now, [Event(now_ns, What.EXPECTED, by, text="" if is_expected else "No longer.")])


def is_quiet(held: Incident, now_ns: int) -> bool:
    """Whether nobody is to be told of it now, and not later either."""
    return held.expected_ns is not None or (held.snoozed_until_ns is not None and now_ns < held.snoozed_until_ns)


def _peak(peak: Decimal | None, verdict: Verdict) -> Decimal | None:
    actual = verdict.actual
    if actual is None or peak is None:
        return actual if peak is None else peak
    is_below = verdict.lower is not None and actual <= verdict.lower
    return min(peak, actual) if is_below else max(peak, actual)


def closed(held: Incident, by: str, text: str, now_ns: int) -> Step:
    """Whatever found it looks no more."""
    over = msgspec.structs.replace(held, status=Status.RECOVERED, recovered_ns=now_ns, updated_ns=now_ns)
    return Step(over, [Event(now_ns, What.RECOVERED, by, text)])
