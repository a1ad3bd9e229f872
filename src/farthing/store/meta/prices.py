"""Transactions in; price overrides, as the documents they were given as, and updates of the price data out."""

import secrets
from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from farthing.store.meta import facts
from farthing.store.meta.tables import PriceOverrideRow, PriceUpdateRow

_STAMP = "prices.stamp"


class StoredOverride(msgspec.Struct, frozen=True):
    """An override: `document` is its JSON, `batch` the import it came with, "" for one given by hand."""

    id: str
    project_id: str | None
    document: str
    created_at: datetime
    updated_at: datetime
    batch: str = ""


class StoredUpdate(msgspec.Struct, frozen=True):
    """Price data: `data` is what holds, `held` the JSON of what waits for a person's word."""

    id: str
    source: str
    data: bytes
    held: str
    created_at: datetime


def overrides(session: Session, project_id: str | None = None) -> list[StoredOverride]:
    """All overrides, or those that concern a project; oldest first."""
    question = select(PriceOverrideRow)
    if project_id is not None:
        question = question.where(or_(PriceOverrideRow.project_id == project_id, PriceOverrideRow.project_id.is_(None)))
    rows = session.scalars(question.order_by(PriceOverrideRow.created_at, PriceOverrideRow.id))
    return [_override(row) for row in rows]


def override(session: Session, override_id: str) -> StoredOverride | None:
    """The override with this id, of whatever project."""
    row = session.get(PriceOverrideRow, override_id)
    return _override(row) if row else None


def put(session: Session, stored: StoredOverride) -> None:
    """Keep an override, in place of the one with its id."""
    session.merge(
        PriceOverrideRow(
            id=stored.id,
            project_id=stored.project_id,
            document=stored.document,
            batch=stored.batch,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )
    )
    _changed(session)


def remove(session: Session, ids: Collection[str]) -> None:
    """Forget overrides."""
    session.execute(delete(PriceOverrideRow).where(PriceOverrideRow.id.in_(ids)))
    _changed(session)


def live_update(session: Session) -> StoredUpdate | None:
    """The update that holds now; None while the program's own data does."""
    row = session.scalar(
        select(PriceUpdateRow)
        .where(PriceUpdateRow.state == "live")
        .order_by(PriceUpdateRow.created_at.desc(), PriceUpdateRow.id)
        .limit(1)
    )
    return StoredUpdate(row.id, row.source, row.data, row.held, row.created_at) if row else None


def go_live(session: Session, stored: StoredUpdate) -> None:
    """Let an update hold from now on, instead of the one that did; that one's data is no longer needed."""
    replaced: dict[str, str | bytes] = {"state": "replaced", "data": b"", "held": "[]"}
    session.execute(update(PriceUpdateRow).where(PriceUpdateRow.state == "live").values(replaced))
    session.add(
        PriceUpdateRow(
            id=stored.id,
            state="live",
            source=stored.source,
            data=stored.data,
            held=stored.held,
            created_at=stored.created_at,
        )
    )
    _changed(session)


def stamp(session: Session) -> str:
    """Another one after every change of overrides or price data, on whatever server it was made."""
    return facts.get(session, _STAMP) or ""


def _changed(session: Session) -> None:
    facts.put(session, _STAMP, secrets.token_hex(8))


def _override(row: PriceOverrideRow) -> StoredOverride:
    return StoredOverride(row.id, row.project_id, row.document, row.created_at, row.updated_at, row.batch)
