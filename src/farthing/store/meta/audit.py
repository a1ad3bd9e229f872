"""Transactions and what was changed in them in; the record of it, newest first, out."""

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from farthing.store.meta.tables import AuditRow


class Entry(msgspec.Struct, frozen=True):
    """One change. `actor` is who made it, `before` and `after` are JSON; None where there was, or is, nothing."""

    at: datetime
    actor: str
    action: str
    subject: str
    project_id: str | None = None
    before: str | None = None
    after: str | None = None
    id: str = ""


def record(session: Session, entry: Entry) -> None:
    """Note a change, in the transaction that makes it."""
    session.add(
        AuditRow(
            # Ids sort by time, so that changes of one instant keep their order.
            id=f"{int(entry.at.timestamp() * 1_000_000):016x}{secrets.token_hex(4)}",
            at=entry.at,
            project_id=entry.project_id,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            before=entry.before,
            after=entry.after,
        )
    )
    session.flush()


def listing(session: Session, project_id: str, subject: str = "", limit: int = 100) -> list[Entry]:
    """The latest changes that concern a project, or everybody; of subjects that begin so."""
    question = select(AuditRow).where(or_(AuditRow.project_id == project_id, AuditRow.project_id.is_(None)))
    if subject:
        question = question.where(AuditRow.subject.startswith(subject, autoescape=True))
    rows = session.scalars(question.order_by(AuditRow.id.desc()).limit(limit))
    return [
        Entry(row.at, row.actor, row.action, row.subject, row.project_id, row.before, row.after, row.id) for row in rows
    ]
