"""Transactions in, small durable server facts out, such as how far it has settled: one text per name."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from farthing.store.meta.tables import FactRow
from farthing.store.meta.upserts import upsert


def get(session: Session, key: str) -> str | None:
    """The text kept under this name."""
    return session.scalar(select(FactRow.value).where(FactRow.key == key))


def put(session: Session, key: str, value: str) -> None:
    """Keep a text under this name, in place of the one before."""
    # An upsert, so that two servers that learn a new fact at once don't trip over each other.
    statement = upsert(session, FactRow).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=[FactRow.key], set_={"value": value}))


def swap(session: Session, key: str, seen: str | None, value: str | None) -> bool:
    """Put a text in the place of the one that was seen, None being none; whether that was still so.

    Of several servers that try at once one succeeds.
    """
    kept = (FactRow.key == key, FactRow.value == seen)
    if seen is None:
        added = upsert(session, FactRow).values(key=key, value=value)
        done = session.execute(added.on_conflict_do_nothing().returning(FactRow.key))
    elif value is None:
        done = session.execute(delete(FactRow).where(*kept).returning(FactRow.key))
    else:
        done = session.execute(update(FactRow).where(*kept).values(value=value).returning(FactRow.key))
    return done.first() is not None


def remove(session: Session, key: str) -> None:
    """Forget what is kept under this name."""
    session.execute(delete(FactRow).where(FactRow.key == key))
