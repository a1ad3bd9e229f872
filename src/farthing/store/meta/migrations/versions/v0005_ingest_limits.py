"""How many calls a project, or one of its keys, may post: a request allowance and a rate."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ingest_limits",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("requests", sa.BigInteger),
        sa.Column("per_minute", sa.BigInteger),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "key_id", name="pk_ingest_limits"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_ingest_limits_project_id"),
    )
