"""Transactions of PostgreSQL in; one server's turn out: what the others take of budgets and told since, and what it takes itself.

Whoever has the turn is alone until its transaction ends, on all servers. So what is read in it is the whole truth, and news have the
order of their numbers.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, select, text, tuple_
from sqlalchemy.orm import Session

from farthing.store.meta.budget_holds import Hold
from farthing.store.meta.tables import BudgetHoldRow, BudgetNewsRow, BudgetShareRow
from farthing.store.meta.upserts import upsert

# Any number will do, as long as all our servers ask for the same one, and it is not another's.
_TURN = 4180_0002

PATIENCE = "5s"
"""How long a turn is waited for. Who has one and does nothing for so long loses it: its transaction is undone."""


class Taking(msgspec.Struct, frozen=True):
    """What calls of one start of a server take of a budget, in units of 10^-24 dollars."""

    start: str
    server: str
    project_id: str
    budget_id: str
    since: int
    at: int
    units: int


class Told(msgspec.Struct, frozen=True):
    """What was told once."""

    number: int
    start: str
    project_id: str
    at: int
    document: str


def begin(session: Session) -> None:
    """Have the turn, until the transaction ends. Raises what its owner translates when others don't let go of it."""
    # One statement, from left to right: the patience holds for the lock already.
    session.execute(
        text(
            "SELECT set_config('lock_timeout', :patience, true),"
            " set_config('idle_in_transaction_session_timeout', :patience, true), pg_advisory_xact_lock(:id)"
        ),
        {"patience": PATIENCE, "id": _TURN},
    )


def others(session: Session, start: str) -> list[Taking]:
    """What everybody else takes, former starts of the same server too."""
    return _takings(session, BudgetShareRow.start != start)


def own(session: Session, start: str) -> list[Taking]:
    """What was said under this name."""
    return _takings(session, BudgetShareRow.start == start)


def _takings(session: Session, which: ColumnElement[bool]) -> list[Taking]:
    row = BudgetShareRow
    found = session.execute(
        select(row.start, row.server, row.project_id, row.budget_id, row.since, row.at, row.units).where(which)
    )
    return [Taking(*one[:6], int(one[6])) for one in found]


def told_since(session: Session, number: int) -> list[Told]:
    """What was told after this number, in order."""
    row = BudgetNewsRow
    columns = (row.number, row.start, row.project_id, row.at, row.document)
    return [Told(*one) for one in session.execute(select(*columns).where(row.number > number).order_by(row.number))]


def last_number(session: Session) -> int:
    """Of what was told; 0 when nothing was."""
    return session.scalar(select(func.max(BudgetNewsRow.number))) or 0


def take(session: Session, takings: Iterable[Taking]) -> None:
    """From now on this is what they take, in place of what was said before; those of nothing are gone."""
    row = BudgetShareRow
    found = list(takings)
    if gone := [(one.start, one.budget_id, one.since) for one in found if not one.units]:
        session.execute(delete(row).where(tuple_(row.start, row.budget_id, row.since).in_(gone)))
    if kept := [msgspec.structs.asdict(one) | {"units": str(one.units)} for one in found if one.units]:
        statement = upsert(session, row)
        changed = {"at": statement.excluded.at, "units": statement.excluded.units}
        keys = [row.start, row.budget_id, row.since]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), kept)


def tell(session: Session, told: Iterable[Told]) -> None:
    """Every other server hears it in its next turn."""
    if found := [msgspec.structs.asdict(one) for one in told]:
        session.execute(insert(BudgetNewsRow), found)


def keep(session: Session, holds: Iterable[Hold]) -> None:
    """These stay reserved; one that was kept before is so once."""
    if found := [msgspec.structs.asdict(one) | {"units": str(one.units)} for one in holds]:
        session.execute(upsert(session, BudgetHoldRow).on_conflict_do_nothing(), found)


def remove_former(session: Session, server: str, start: str) -> list[Taking]:
    """Forget what former starts of this server took; what that was."""
    found = [one for one in others(session, start) if one.server == server]
    session.execute(delete(BudgetShareRow).where(BudgetShareRow.server == server, BudgetShareRow.start != start))
    return found


def remove_before(session: Session, news: int, shares: int) -> None:
    """Forget news from before one Unix second, but the last; and what was taken of calendar periods before another."""
    # The last number is needed for the next one.
    last = select(func.max(BudgetNewsRow.number)).scalar_subquery()
    session.execute(delete(BudgetNewsRow).where(BudgetNewsRow.at < news, BudgetNewsRow.number < last))
    session.execute(delete(BudgetShareRow).where(BudgetShareRow.since > 0, BudgetShareRow.at < shares))
