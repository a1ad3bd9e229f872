"""Incidents and their events in; the rows that they are kept as out, and back."""

import msgspec

from farthing.alerts.course import Step
from farthing.alerts.incident import Event, Incident
from farthing.shapes import Shape
from farthing.store.meta import incidents
from farthing.store.meta.database import Transaction
from farthing.store.meta.incidents import StoredEvent, StoredIncident

_read_incident = Shape(Incident).of_json
_read_event = Shape(Event).of_json


def incident(stored: StoredIncident) -> Incident:
    """An incident as it was kept."""
    return _read_incident(stored.document)


def event(stored: StoredEvent) -> Event:
    """One thing that happened to it."""
    return _read_event(stored.document)


def keep(session: Transaction, done: Step) -> None:
    """The incident as it is now, and what happened to it."""
    one = done.incident
    incidents.put(
        session,
        StoredIncident(
            one.id,
            one.project_id,
            one.rule_id or one.budget_id or "",
            one.dedup_key,
            one.status.value,
            one.opened_ns,
            one.updated_ns,
            one.recovered_ns,
            one.expected_ns,
            msgspec.json.encode(one).decode(),
        ),
    )
    told = [StoredEvent(one.id, e.at_ns, e.what.value, msgspec.json.encode(e).decode()) for e in done.events]
    if told:
        incidents.note(session, told)
