"""An empty meta database in; one with all tables as they are today, and marked so, out."""

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table

from farthing.store.meta import (
    alert_tables,
    annotation_tables,
    dataset_tables,
    evaluation_tables,
    notice_tables,
    prompt_tables,
)
from farthing.store.meta.tables import SCHEMA_TABLE, Base

TABLES = (alert_tables, annotation_tables, dataset_tables, evaluation_tables, notice_tables, prompt_tables)
"""The modules of tables besides `tables` itself: what isn't imported is neither made nor compared with the migrations."""

ALL = Base.metadata
"""Every table."""

_VERSION = Table(
    SCHEMA_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{SCHEMA_TABLE}_pkc"),
)


def make(connection: Connection, version: str) -> None:
    """What all migrations up to `version`, the newest, lead to, and Alembic's mark that they were run."""
    ALL.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=version))
