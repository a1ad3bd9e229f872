"""What each of several servers takes of budgets, and what they tell each other once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "budget_shares",
        sa.Column("start", sa.String(64), nullable=False),
        sa.Column("budget_id", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("server", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("start", "budget_id", "since", name="pk_budget_shares"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_budget_shares_project_id"),
    )
    op.create_table(
        "budget_news",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_budget_news"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_budget_news_project_id"),
    )
