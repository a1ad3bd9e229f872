"""Datasets, the versions of their items, and runs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_datasets()
    _make_items()
    _make_runs()


def _make_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("meta", sa.Text()),
        sa.Column("input_schema", sa.Text()),
        sa.Column("expected_schema", sa.Text()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_datasets_project_id"),
        sa.UniqueConstraint("project_id", "name", name="uq_datasets_project_id"),
    )


def _make_items() -> None:
    op.create_table(
        "dataset_items",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(64), nullable=False),
        sa.Column("item_id", sa.String(255), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger()),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("source_trace", sa.String(255), nullable=False),
        sa.Column("source_observation", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_dataset_items"),
        sa.CheckConstraint("status IN ('ACTIVE', 'ARCHIVED')", name="ck_dataset_items_status"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_dataset_items_project_id"),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name="fk_dataset_items_dataset_id"),
        sa.UniqueConstraint("project_id", "item_id", "from_ms", name="uq_dataset_items_project_id"),
    )
    op.create_index("ix_dataset_items_dataset_id", "dataset_items", ["dataset_id", "created_ms", "place", "item_id"])
    op.create_index(
        "ix_dataset_items_current",
        "dataset_items",
        ["project_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("to_ms IS NULL"),
        postgresql_where=sa.text("to_ms IS NULL"),
    )


def _make_runs() -> None:
    op.create_table(
        "dataset_runs",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(1000), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("meta", sa.Text()),
        sa.Column("version_ms", sa.BigInteger()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_dataset_runs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_dataset_runs_project_id"),
        sa.UniqueConstraint("project_id", "dataset_id", "name", name="uq_dataset_runs_project_id"),
    )
