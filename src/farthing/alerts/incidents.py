"""People who look at incidents, and what they say of them, in; incidents, their history, and what changed, out."""

from collections.abc import Callable, Sequence

import msgspec

from farthing.alerts import course, records
from farthing.alerts.course import Source, Step
from farthing.alerts.incident import Event, Incident, Status
from farthing.alerts.round import Found, Round
from farthing.alerts.rules import Rules
from farthing.errors import BadRequestError, NotFoundError
from farthing.query import cursors
from farthing.store.meta import incidents as rows
from farthing.store.meta import projects
from farthing.store.meta.database import Database, Transaction

MOST_EVENTS = 1_000


class Page(msgspec.Struct, frozen=True):
    """Some incidents, the latest first; how many there are in all, by status; and where to go on."""

    incidents: Sequence[Incident]
    counts: dict[str, int]
    next_cursor: str | None


class Incidents:
    """All incidents. Every method may be called from any thread."""

    def __init__(self, database: Database, rules: Rules, rounds: Round, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._database = database
        self._rules = rules
        self._rounds = rounds
        self._clock = clock

    def page(  # noqa: PLR0913  what a list may be narrowed by
        self,
        project_id: str,
        *,
        statuses: Sequence[str] = (),
        source_id: str = "",
        since_ns: int | None = None,
        until_ns: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """A project's incidents. Raises `ParameterError`."""
        after = cursors.unpack(cursor, cursors.WHOLE, cursors.TEXT)
        with self._database.read() as session:
            found = rows.listing(
                session,
                project_id,
                statuses=statuses,
                source_id=source_id,
                since_ns=since_ns,
                until_ns=until_ns,
                before=(int(after[0]), after[1]) if after else None,
                limit=limit + 1,
            )
            counts = rows.counts(session, project_id)
        shown = found[:limit]
        more = cursors.pack([str(shown[-1].opened_ns), shown[-1].id]) if len(found) > limit else None
        return Page([records.incident(stored) for stored in shown], counts, more)

    def one(self, project_id: str, incident_id: str) -> tuple[Incident, list[Event]]:
        """An incident and what happened to it. Raises `NotFoundError`."""
        with self._database.read() as session:
            found = _mine(session, project_id, incident_id)
            events = rows.events(session, incident_id, MOST_EVENTS)
        return found, [records.event(stored) for stored in events]

    def acknowledge(self, project_id: str, incident_id: str, by: str) -> Incident:
        """Somebody looks after it. Raises `NotFoundError`, `BadRequestError`."""

        def step(held: Incident, now_ns: int) -> Step:
            if not held.is_open:
                msg = "It has recovered already: there is nothing to acknowledge."
                raise BadRequestError(msg)
            return course.acknowledged(held, by, now_ns)

        return self._change(project_id, incident_id, step)

    def snooze(self, project_id: str, incident_id: str, by: str, until_ns: int | None) -> Incident:
        """Nobody is told of it until then, unless it gets worse; None ends that. Raises `NotFoundError`, `BadRequestError`."""

        def step(held: Incident, now_ns: int) -> Step:
            if until_ns is not None and until_ns <= now_ns:
                msg = "snoozed_until: it must lie in the future."
                raise BadRequestError(msg)
            return course.snoozed(held, by, until_ns, now_ns)

        return self._change(project_id, incident_id, step)

    def expect(self, project_id: str, incident_id: str, by: str, *, is_expected: bool) -> Incident:
        """It was to be expected, or was not after all. Raises `NotFoundError`."""
        return self._change(
            project_id, incident_id, lambda held, now_ns: course.expected(held, by, now_ns, is_expected=is_expected)
        )

    def _change(self, project_id: str, incident_id: str, step: Callable[[Incident, int], Step]) -> Incident:
        now_ns = self._clock()
        with self._database.exclusive() as session:
            held = _mine(session, project_id, incident_id)
            done = step(held, now_ns)
            project = projects.get(session, project_id)
            found = self._found(held)
            if held.status is Status.ACKNOWLEDGED and done.incident.status is Status.ACKNOWLEDGED:
                done = done._replace(tell=None)  # who looks after it has been told of already
            self._rounds.keep(session, found, done, project.name if project else "", now_ns)
            return _mine(session, project_id, incident_id)

    def _found(self, held: Incident) -> Found:
        """Who is to be told of it: those whom its rule tells, if it is still there."""
        rule = next((one for one in self._rules.all() if one.id == held.rule_id), None)
        if rule is not None:
            return Found(Source.of(rule), (), rule.channels, rule.quiet_hours, rule.observe_only)
        source = Source(
            held.project_id, held.rule_id or held.budget_id or "", held.rule_name, held.kind, held.severity, 0
        )
        return Found(source, ())


def _mine(session: Transaction, project_id: str, incident_id: str) -> Incident:
    stored = rows.get(session, project_id, incident_id)
    if stored is None:
        msg = f"There is no incident {incident_id[:60]!r} in this project."
        raise NotFoundError(msg)
    return records.incident(stored)
