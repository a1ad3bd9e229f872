"""An empty meta database of each kind in; the tables that it is given at once and those of all migrations, compared."""

from contextlib import closing
from typing import Any, cast

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from farthing.store.meta import schema
from farthing.store.meta.database import HEAD, Database, upgrade
from farthing.store.meta.tables import SCHEMA_TABLE


def _told(parts: Any) -> Any:
    """The same with lists in one order, and SQL as text."""
    if isinstance(parts, dict):
        return {str(name): _told(part) for name, part in cast("dict[object, Any]", parts).items()}
    if isinstance(parts, list):
        return sorted((_told(part) for part in cast("list[Any]", parts)), key=str)
    return None if parts is None else str(parts)


def _tables(connection: Connection) -> dict[str, Any]:
    seen = inspect(connection)
    return {
        name: {
            "columns": _told(seen.get_columns(name)),
            "primary key": _told(seen.get_pk_constraint(name)),
            "foreign keys": _told(seen.get_foreign_keys(name)),
            "indexes": _told(seen.get_indexes(name)),
            "unique": _told(seen.get_unique_constraints(name)),
            "checks": _told(seen.get_check_constraints(name)),
        }
        for name in sorted(seen.get_table_names())
    }


def test_a_new_database_is_made_at_once_as_all_migrations_would_make_it(meta_url: str) -> None:
    with closing(Database.open(meta_url)) as database:
        database.migrate()
        with database.write() as transaction:
            connection = transaction.connection()
            made = _tables(connection)
            assert connection.execute(text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalars().all() == [HEAD]
            schema.ALL.drop_all(connection)
            connection.execute(text(f"DROP TABLE {SCHEMA_TABLE}"))
        with database.write() as transaction:
            connection = transaction.connection()
            upgrade(connection)
            assert _tables(connection) == made
            assert connection.execute(text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalars().all() == [HEAD]
            context = MigrationContext.configure(connection, opts={"version_table": SCHEMA_TABLE, "compare_type": True})
            assert compare_metadata(context, schema.ALL) == []
