"""Run by Alembic: the connection it was handed in, the steps that are missing run on it."""

from alembic import context

from farthing.store.meta.schema import ALL
from farthing.store.meta.tables import SCHEMA_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ALL,
    version_table=SCHEMA_TABLE,
    # SQLite can't alter most things in place; its tables are copied instead.
    render_as_batch=True,
    # All steps or none. Alembic doubts SQLite here, but our connections begin their transactions themselves.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
