"""Transactions in, small durable server facts out, such as how far it has settled: one text per name."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from farthing.store.meta.tables import FactRow


def get(session: Session, key: str) -> str | None:
    """The text kept under this name."""
    return session.scalar(select(FactRow.value).where(FactRow.key == key))


def put(session: Session, key: str, value: str) -> None:
    """Keep a text under this name, in place of the one before."""
    # An upsert, so that two servers that learn a new fact at once don't trip over each other.
    sqlite = session.get_bind().dialect.name == "sqlite"
    statement = (sqlite_insert if sqlite else postgres_insert)(FactRow).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=[FactRow.key], set_={"value": value}))


def remove(session: Session, key: str) -> None:
    """Forget what is kept under this name."""
    session.execute(delete(FactRow).where(FactRow.key == key))
