"""Rules that are due, and a moment, in; what each says of its groups, the incidents that come of it, and whom to tell, out.

First everything is asked and judged, without a transaction; then all that happened is kept in one, the notices with it.
"""

import logging
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from farthing.alerts import course, drivers, holding, quiet, records, telling
from farthing.alerts.checks import rates
from farthing.alerts.checks.looking import Look
from farthing.alerts.course import Source, Step
from farthing.alerts.holding import Teller
from farthing.alerts.incident import Event, Incident, What, dedup_key
from farthing.alerts.judging import judge
from farthing.alerts.rule import Kind, Measure, QuietHours, Rule, Severity
from farthing.alerts.sums import ADDED_UP, Answers, Sums, Where
from farthing.alerts.verdict import Driver, Group, Verdict
from farthing.errors import FarthingError
from farthing.query.dimensions import find
from farthing.query.filters import Filter, OneOf
from farthing.query.moments import NS
from farthing.store.meta import channels, deliveries, incidents, projects
from farthing.store.meta.database import Database, Transaction

log = logging.getLogger(__name__)

DAY_S, WEEK_S = 86_400, 7 * 86_400

MOST_OPEN = 200
"""Incidents of one rule that are open at once; groups beyond that are counted in the log."""


class Found(NamedTuple):
    """What a rule, or a budget, says of its groups; and who is to be told of it."""

    source: Source
    verdicts: Sequence[Verdict]
    channels: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    observe_only: bool = False


class Round:
    """Judges rules and keeps what comes of it."""

    def __init__(self, database: Database, base_url: str, tell: Teller = deliveries.add) -> None:
        """`base_url` is where people find the UI."""
        self._database = database
        self._base_url = base_url
        self._tell = tell

    def open_incidents(self, at: int) -> dict[str, list[Incident]]:
        """Those that are open, by rule or budget. Raises `StoreError`."""
        with self._database.read() as session:
            found = [records.incident(stored) for stored in incidents.latest(session, at * NS)]
        by_source: dict[str, list[Incident]] = {}
        for one in found:
            if one.is_open:
                by_source.setdefault(one.rule_id or one.budget_id or "", []).append(one)
        return by_source

    def judge(
        self, rules: Iterable[Rule], at: int, answers: Answers, held: Mapping[str, list[Incident]]
    ) -> list[Found]:
        """What each rule says. One that can't be judged says nothing, and its incidents stay as they are."""
        found: list[Found] = []
        for rule in rules:
            mine = held.get(rule.id, [])
            where = Where(rule.project_id, rule.scope, rule.dimensions)
            groups = [where.group(one.group) for one in mine]
            look = Look(rule, at, answers, tuple(group for group in groups if group is not None))
            try:
                verdicts = judge(look)
                explained = self._explained(look, verdicts, {one.group for one in mine})
            except FarthingError as error:
                log.warning("The alert rule %s could not be judged: %s", rule.id, error)
                continue
            found.append(Found(Source.of(rule), explained, rule.channels, rule.quiet_hours, rule.observe_only))
        return found

    def settle(self, found: Sequence[Found], at: int) -> int:
        """Keep what comes of it, and the notices, all or nothing; how many incidents opened. Raises `StoreError`."""
        now_ns = at * NS
        sources = {one.source.id for one in found}
        # What recovered before this can't go on.
        longest = max((one.source.cooldown_ns for one in found), default=0)
        # A server that stood still may judge beside the one that took its lease over: both would open the same incident.
        with self._database.exclusive() as session:
            held: dict[str, Incident] = {}
            # In the order in which they were opened: the last one of a group counts.
            for stored in incidents.latest(session, now_ns - longest):
                if stored.source_id in sources:
                    held[stored.dedup_key] = records.incident(stored)
            names = {project.id: project.name for project in projects.listing(session)}
            opened = 0
            for one in found:
                opened += self._settle(session, one, held, names.get(one.source.project_id, ""), now_ns)
        return opened

    def _settle(
        self, session: Transaction, found: Found, held: Mapping[str, Incident], project_name: str, now_ns: int
    ) -> int:
        source, opened, refused = found.source, 0, 0
        mine = [one for one in held.values() if one.is_open and source.id in (one.rule_id, one.budget_id)]
        for verdict in found.verdicts:
            before = held.get(dedup_key(source.project_id, source.id, verdict.group))
            done = course.step(source, before, verdict, now_ns, f"in_{secrets.token_hex(8)}")
            if done is None:
                continue
            is_new = before is None or not before.is_open
            if is_new and len(mine) + opened >= MOST_OPEN:
                refused += 1
                continue
            opened += is_new
            self.keep(session, found, done, project_name, now_ns)
        if refused:
            log.warning(
                "The alert rule %s has %d incidents open: %d groups more are left out", source.id, MOST_OPEN, refused
            )
        return opened

    def keep(self, session: Transaction, found: Found, done: Step, project_name: str, now_ns: int) -> None:
        """A step, and the notice of it unless nobody is to be told."""
        incident, what = done.incident, done.tell
        if what is None or found.observe_only or course.is_quiet(incident, now_ns):
            records.keep(session, done)
            holding.let_go(session, incident, now_ns, self._tell)
            return
        until = None if incident.severity is Severity.CRITICAL else quiet.until(found.quiet_hours, now_ns)
        if until is not None and what is What.REMINDER:
            # One when they are over is enough.
            records.keep(session, done)
            return
        chosen = channels.chosen(session, incident.project_id, found.channels)
        told = course.told(incident, what, now_ns, is_heard=bool(chosen))
        text = f"{what.value}, through {len(chosen)} channels" + (", when the quiet hours are over" if until else "")
        heard = [Event(now_ns, What.TOLD, text=text)] if chosen else []
        records.keep(session, Step(told, [*done.events, *heard]))
        self._tell(session, telling.notice(told, what, project_name, self._base_url, now_ns), chosen, until or now_ns)
        holding.let_go(session, told, now_ns, self._tell)

    def _explained(self, look: Look, verdicts: list[Verdict], held: Collection[object]) -> list[Verdict]:
        """With what moved, where an incident will open."""
        return [
            msgspec.structs.replace(one, drivers=self._drivers(look, one))
            if one.firing and not one.drivers and one.group not in held
            else one
            for one in verdicts
        ]

    def _drivers(self, look: Look, verdict: Verdict) -> tuple[Driver, ...]:
        rule = look.rule
        explained = _explaining(rule)
        if explained is None:
            return ()
        measure, filters = explained
        group: list[Filter] = []
        for name, value in verdict.group:
            dimension = find(name)
            if dimension is not None:
                group.append(OneOf(dimension, (value or "",)))
        known = {name for name, _ in verdict.group}
        by = tuple(d for name in drivers.NAMES if name not in known and (d := find(name)) is not None)
        where = Where(rule.project_id, (*rule.scope, *filters, *group), by)
        since = verdict.since_ns or verdict.window[0]
        start = max(min(since, verdict.window[1] - 300 * NS) // NS, look.at - DAY_S)
        now = look.answers.sums(where, start, look.at)
        # The same hours a week ago tell more than those right before, where there are any.
        before: Mapping[Group, Sums] = {}
        if rule.kind is Kind.ANOMALY:
            before = look.answers.sums(where, start - WEEK_S, look.at - WEEK_S)
        return drivers.rank(by, now, before or look.answers.sums(where, 2 * start - look.at, start), measure)


def _explaining(rule: Rule) -> tuple[Measure, tuple[Filter, ...]] | None:
    """What is compared to tell what moved; None where nothing adds up."""
    if rule.kind is Kind.RATE_LIMIT:
        return Measure.CALLS, rates.RATE_LIMITED
    if rule.kind is Kind.ERROR_RATE:
        return Measure.ERRORS, ()
    if rule.kind in (Kind.THRESHOLD, Kind.ANOMALY):
        return (rule.measure if rule.measure in ADDED_UP else Measure.CALLS), ()
    return None
