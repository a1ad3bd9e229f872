"""Jobs that price recorded calls again: who asked for what, how far it came, what it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of jobs."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "reprice_jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("finished_at", moment),
        sa.Column("undone_at", moment),
        sa.Column("undone_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_reprice_jobs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_reprice_jobs_project_id"),
    )
    op.create_index("ix_reprice_jobs_project_id", "reprice_jobs", ["project_id"])
