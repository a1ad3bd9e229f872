"""Transactions in; budgets, as the documents they are kept as, out."""

import secrets
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farthing.store.meta import facts
from farthing.store.meta.tables import BudgetRow

_STAMP = "budgets.stamp"


class StoredBudget(msgspec.Struct, frozen=True):
    """A budget: `document` is its JSON."""

    id: str
    project_id: str
    document: str
    created_at: datetime
    updated_at: datetime


def listing(session: Session) -> list[StoredBudget]:
    """All projects' budgets, oldest first."""
    rows = session.scalars(select(BudgetRow).order_by(BudgetRow.created_at, BudgetRow.id))
    return [_stored(row) for row in rows]


def get(session: Session, project_id: str, budget_id: str) -> StoredBudget | None:
    """This project's budget with that id."""
    row = session.get(BudgetRow, budget_id)
    return _stored(row) if row and row.project_id == project_id else None


def count(session: Session, project_id: str) -> int:
    """How many budgets a project has."""
    return session.scalar(select(func.count()).select_from(BudgetRow).where(BudgetRow.project_id == project_id)) or 0


def put(session: Session, stored: StoredBudget) -> None:
    """Keep a budget, in place of the one with its id."""
    session.merge(
        BudgetRow(
            id=stored.id,
            project_id=stored.project_id,
            document=stored.document,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )
    )
    changed(session)


def remove(session: Session, budget_id: str) -> None:
    """Forget a budget."""
    row = session.get(BudgetRow, budget_id)
    if row is not None:
        session.delete(row)
        changed(session)


def stamp(session: Session) -> str:
    """Another one after every change, on whatever server it was made."""
    return facts.get(session, _STAMP) or ""


def changed(session: Session) -> None:
    """Other servers are to read them again."""
    facts.put(session, _STAMP, secrets.token_hex(8))


def _stored(row: BudgetRow) -> StoredBudget:
    return StoredBudget(row.id, row.project_id, row.document, row.created_at, row.updated_at)
