"""Transactions in; how many calls a project, or one of its keys, may post, out."""

from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from farthing.store.meta.tables import IngestLimitRow


class IngestLimit(msgspec.Struct, frozen=True):
    """A project's limits, or with `key_id` a key's. `requests` are those of a calendar month in UTC; None: no limit."""

    project_id: str
    key_id: str = ""
    plan: str = ""
    """What the operator calls it."""
    requests: int | None = None
    per_minute: int | None = None


def put(session: Session, limit: IngestLimit, at: datetime) -> None:
    """Keep it in place of the one before."""
    session.merge(
        IngestLimitRow(
            project_id=limit.project_id,
            key_id=limit.key_id,
            plan=limit.plan,
            requests=limit.requests,
            per_minute=limit.per_minute,
            changed_at=at,
        )
    )
    session.flush()


def hand_on(session: Session, project_id: str, key_id: str, successor: str, at: datetime) -> None:
    """What a key may post, its successor may."""
    for one in listing(session):
        if (one.project_id, one.key_id) == (project_id, key_id):
            put(session, replace(one, key_id=successor), at)


def remove(session: Session, project_id: str, key_id: str = "") -> None:
    """Take it away."""
    where = (IngestLimitRow.project_id == project_id, IngestLimitRow.key_id == key_id)
    session.execute(delete(IngestLimitRow).where(*where))


def listing(session: Session) -> list[IngestLimit]:
    """All of them: few have any."""
    rows = session.scalars(select(IngestLimitRow).order_by(IngestLimitRow.project_id, IngestLimitRow.key_id))
    return [IngestLimit(row.project_id, row.key_id, row.plan, row.requests, row.per_minute) for row in rows]
