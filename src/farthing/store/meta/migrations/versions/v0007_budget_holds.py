"""What stays reserved of budgets for calls whose cost nobody will know."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "budget_holds",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("budget_id", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_budget_holds"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_budget_holds_project_id"),
    )
    op.create_index("ix_budget_holds_project_id", "budget_holds", ["project_id"])
