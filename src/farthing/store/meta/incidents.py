"""Transactions in; incidents, as the documents they are kept as, and what happened to them, out."""

from collections.abc import Collection, Iterable, Sequence

import msgspec
from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from farthing.store.meta.alert_tables import IncidentEventRow, IncidentRow

_OPEN = ("open", "acknowledged")


class StoredIncident(msgspec.Struct, frozen=True):
    """An incident: `document` is its JSON. `source_id` is the rule, or the budget, that found it."""

    id: str
    project_id: str
    source_id: str
    dedup_key: str
    status: str
    opened_ns: int
    updated_ns: int
    recovered_ns: int | None
    expected_ns: int | None
    document: str


class StoredEvent(msgspec.Struct, frozen=True):
    """One thing that happened to an incident: `document` is its JSON."""

    incident_id: str
    at_ns: int
    what: str
    document: str
    number: int = 0


def put(session: Session, stored: StoredIncident) -> None:
    """Keep an incident, in place of the one with its id."""
    session.merge(IncidentRow(**{name: getattr(stored, name) for name in StoredIncident.__struct_fields__}))
    session.flush()


def note(session: Session, events: Iterable[StoredEvent]) -> None:
    """Keep what happened."""
    session.add_all(
        IncidentEventRow(incident_id=one.incident_id, at_ns=one.at_ns, what=one.what, document=one.document)
        for one in events
    )
    session.flush()


def get(session: Session, project_id: str, incident_id: str) -> StoredIncident | None:
    """This project's incident with that id."""
    row = session.get(IncidentRow, incident_id)
    return _stored(row) if row and row.project_id == project_id else None


def latest(session: Session, since_ns: int, sources: Collection[str] = ()) -> list[StoredIncident]:
    """Those that are open, or recovered since then; of these rules and budgets, or of all."""
    question = select(IncidentRow).where(or_(IncidentRow.status.in_(_OPEN), IncidentRow.recovered_ns >= since_ns))
    if sources:
        question = question.where(IncidentRow.source_id.in_(sources))
    return [_stored(row) for row in session.scalars(question.order_by(IncidentRow.opened_ns, IncidentRow.id))]


def expected(session: Session, project_id: str, source_id: str, since_ns: int) -> list[StoredIncident]:
    """Those of a rule that people marked as expected, as far as they reach past then."""
    question = select(IncidentRow).where(
        IncidentRow.project_id == project_id,
        IncidentRow.source_id == source_id,
        IncidentRow.expected_ns.is_not(None),
        or_(IncidentRow.recovered_ns.is_(None), IncidentRow.recovered_ns >= since_ns),
    )
    return [_stored(row) for row in session.scalars(question)]


def listing(  # noqa: PLR0913  what a list may be narrowed by
    session: Session,
    project_id: str,
    *,
    statuses: Sequence[str] = (),
    source_id: str = "",
    since_ns: int | None = None,
    until_ns: int | None = None,
    before: tuple[int, str] | None = None,
    limit: int = 100,
) -> list[StoredIncident]:
    """A project's, the latest first; those that were open at any moment from `since_ns` to `until_ns`."""
    question = select(IncidentRow).where(IncidentRow.project_id == project_id)
    if statuses:
        question = question.where(IncidentRow.status.in_(statuses))
    if source_id:
        question = question.where(IncidentRow.source_id == source_id)
    if since_ns is not None:
        question = question.where(or_(IncidentRow.recovered_ns.is_(None), IncidentRow.recovered_ns >= since_ns))
    if until_ns is not None:
        question = question.where(IncidentRow.opened_ns < until_ns)
    if before is not None:
        opened_ns, incident_id = before
        same = (IncidentRow.opened_ns == opened_ns) & (IncidentRow.id < incident_id)
        question = question.where(or_(IncidentRow.opened_ns < opened_ns, same))
    ordered = question.order_by(IncidentRow.opened_ns.desc(), IncidentRow.id.desc())
    return [_stored(row) for row in session.scalars(ordered.limit(limit))]


def counts(session: Session, project_id: str) -> dict[str, int]:
    """How many there are, by status."""
    number = func.count().label("number")
    mine = IncidentRow.project_id == project_id
    rows = session.execute(select(IncidentRow.status, number).where(mine).group_by(IncidentRow.status))
    return {row.status: row.number for row in rows}


def events(session: Session, incident_id: str, limit: int = 1_000) -> list[StoredEvent]:
    """What happened to an incident, in the order in which it did."""
    question = select(IncidentEventRow).where(IncidentEventRow.incident_id == incident_id)
    rows = session.scalars(question.order_by(IncidentEventRow.number.desc()).limit(limit)).all()
    return [StoredEvent(row.incident_id, row.at_ns, row.what, row.document, row.number) for row in reversed(rows)]


def prune(session: Session, before_ns: int) -> None:
    """Forget those that recovered before then, with all that happened to them."""
    old = select(IncidentRow.id).where(IncidentRow.recovered_ns < before_ns)
    session.execute(delete(IncidentEventRow).where(IncidentEventRow.incident_id.in_(old)))
    session.execute(delete(IncidentRow).where(IncidentRow.recovered_ns < before_ns))


def _stored(row: IncidentRow) -> StoredIncident:
    return StoredIncident(**{name: getattr(row, name) for name in StoredIncident.__struct_fields__})
