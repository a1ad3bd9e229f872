"""Channels through which people are told, and what is sent through them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alert_channels",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("least_severity", sa.String(16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_channels"),
        sa.UniqueConstraint("project_id", "name", name="uq_alert_channels_project_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alert_channels_project_id"),
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("channel_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("notice_id", sa.String(200), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("image", sa.LargeBinary()),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("due_ns", sa.BigInteger(), nullable=False),
        sa.Column("next_ns", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.String(64), nullable=False),
        sa.Column("finished_ns", sa.BigInteger()),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert_deliveries"),
        sa.UniqueConstraint("id", name="uq_alert_deliveries_id"),
        sa.CheckConstraint("status IN ('pending', 'sent', 'failed', 'given_up')", name="ck_alert_deliveries_status"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alert_deliveries_project_id"),
    )
    op.create_index("ix_alert_deliveries_status", "alert_deliveries", ["status", "next_ns"])
    op.create_index("ix_alert_deliveries_project_id", "alert_deliveries", ["project_id", "number"])
    op.create_index("ix_alert_deliveries_incident_id", "alert_deliveries", ["incident_id"])
