"""Rules that judge a part of what models answer, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_evaluations_project_id"),
    )
    op.create_index("ix_evaluations_project_id", "evaluations", ["project_id"])
    op.create_table(
        "evaluation_outcomes",
        sa.Column("evaluation_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(49), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("next_ns", sa.BigInteger()),
        sa.PrimaryKeyConstraint("evaluation_id", "call_id", name="pk_evaluation_outcomes"),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name="fk_evaluation_outcomes_evaluation_id"),
    )
    op.create_index("ix_evaluation_outcomes_next_ns", "evaluation_outcomes", ["evaluation_id", "next_ns"])
    op.create_index("ix_evaluation_outcomes_at_ns", "evaluation_outcomes", ["at_ns"])
    op.create_table(
        "evaluation_days",
        sa.Column("evaluation_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "day", "version", "outcome", "reason", name="pk_evaluation_days"),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name="fk_evaluation_days_evaluation_id"),
    )
