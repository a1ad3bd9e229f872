"""Keys say whether content that comes with them is kept. Those there are were made when nothing was: they don't."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column."""
    op.add_column("keys", sa.Column("keeps_content", sa.Boolean(), nullable=False, server_default=sa.false()))
