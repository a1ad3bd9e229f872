"""Alert rules, the incidents that they find, and what happens to these."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rules"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alert_rules_project_id"),
    )
    op.create_index("ix_alert_rules_project_id", "alert_rules", ["project_id"])
    op.create_table(
        "alert_incidents",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(64), nullable=False),
        sa.Column("dedup_key", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("opened_ns", sa.BigInteger(), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.Column("recovered_ns", sa.BigInteger()),
        sa.Column("expected_ns", sa.BigInteger()),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_incidents"),
        sa.CheckConstraint("status IN ('open', 'acknowledged', 'recovered')", name="ck_alert_incidents_status"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_alert_incidents_project_id"),
    )
    op.create_index("ix_alert_incidents_dedup_key", "alert_incidents", ["dedup_key", "opened_ns"])
    op.create_index("ix_alert_incidents_project_id", "alert_incidents", ["project_id", "opened_ns"])
    op.create_table(
        "alert_incident_events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert_incident_events"),
        sa.ForeignKeyConstraint(["incident_id"], ["alert_incidents.id"], name="fk_alert_incident_events_incident_id"),
    )
    op.create_index("ix_alert_incident_events_incident_id", "alert_incident_events", ["incident_id"])
