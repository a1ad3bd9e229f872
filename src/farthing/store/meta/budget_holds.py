"""Transactions in; what stays reserved of budgets for calls whose cost nobody will know, out."""

import secrets
from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from farthing.store.meta.tables import BudgetHoldRow


class Hold(msgspec.Struct, frozen=True):
    """So many units of 10^-24 dollars of a budget, in the period that began at the Unix second `since` (0: its only one)."""

    id: str
    project_id: str
    budget_id: str
    since: int
    at: int
    """The Unix second the call began."""
    units: int


def new_id(call: str = "", budget_id: str = "") -> str:
    """One that nobody has: random, or of a call's span and the budget that counts it."""
    return f"bh_{call}.{budget_id}" if call else f"bh_{secrets.token_hex(8)}"


def call_of(hold_id: str) -> str:
    """The call's span; "" where none was told."""
    call, _, budget_id = hold_id.partition(".")
    return call.removeprefix("bh_") if budget_id else ""


def listing(session: Session) -> list[Hold]:
    """All of them."""
    return [
        Hold(row.id, row.project_id, row.budget_id, row.since, row.at, int(row.units))
        for row in session.scalars(select(BudgetHoldRow).order_by(BudgetHoldRow.id))
    ]


def insert(session: Session, hold: Hold) -> None:
    """Keep one."""
    session.add(
        BudgetHoldRow(
            id=hold.id,
            project_id=hold.project_id,
            budget_id=hold.budget_id,
            since=hold.since,
            at=hold.at,
            units=str(hold.units),
        )
    )


def remove(session: Session, ids: Iterable[str]) -> None:
    """Forget these."""
    session.execute(delete(BudgetHoldRow).where(BudgetHoldRow.id.in_(list(ids))))


def remove_before(session: Session, at: int) -> None:
    """Forget those of calendar periods whose calls began before this Unix second."""
    session.execute(delete(BudgetHoldRow).where(BudgetHoldRow.since > 0, BudgetHoldRow.at < at))
