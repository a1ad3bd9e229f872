"""Price overrides, updates of the price data, and the audit of whatever an operator changes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make their tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "price_overrides",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("project_id", sa.String(64)),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_price_overrides"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_price_overrides_project_id"),
    )
    op.create_index("ix_price_overrides_project_id", "price_overrides", ["project_id"])
    op.create_table(
        "price_updates",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("held", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_price_updates"),
        sa.CheckConstraint("state IN ('live', 'replaced')", name=op.f("ck_price_updates_state")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("project_id", sa.String(64)),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
