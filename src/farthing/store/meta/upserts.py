"""A table in; an insert that may meet a row which is there already, in the words of the session's database, out."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import DeclarativeBase, Session

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def upsert(session: Session, table: type[DeclarativeBase]) -> "postgresql.Insert | sqlite.Insert":
    """Say of what it returns what to do then: `on_conflict_do_nothing` or `on_conflict_do_update`."""
    # When it is needed: a server has one kind of database, and importing the words of the other takes a while at every start.
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)
