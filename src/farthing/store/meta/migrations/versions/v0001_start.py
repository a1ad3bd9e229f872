"""Projects, keys, users and facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    # Types are spelled out, not imported: a step must stay what it was when the tables move on.
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "projects",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("prefix", sa.String(32), nullable=False),
        sa.Column("public_key", sa.String(256)),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("environment", sa.String(200)),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment),
        sa.Column("revoked_at", moment),
        sa.Column("last_used_at", moment),
        sa.Column("rotated_from", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_keys_project_id"),
        sa.ForeignKeyConstraint(["rotated_from"], ["keys.id"], name="fk_keys_rotated_from"),
        sa.UniqueConstraint("public_key", name="uq_keys_public_key"),
        sa.UniqueConstraint("hash", name="uq_keys_hash"),
        sa.UniqueConstraint("rotated_from", name="uq_keys_rotated_from"),
        sa.CheckConstraint("kind IN ('bearer', 'pair')", name=op.f("ck_keys_kind")),
        sa.CheckConstraint("(kind = 'pair') = (public_key IS NOT NULL)", name=op.f("ck_keys_public_key")),
    )
    op.create_index("ix_keys_project_id", "keys", ["project_id"])
    op.create_table(
        "users",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("password_hash", sa.String(256)),
        sa.Column("sign_in_hash", sa.LargeBinary(32)),
        sa.Column("sign_in_expires_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("sign_in_hash", name="uq_users_sign_in_hash"),
    )
    op.create_table(
        "facts",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_facts"),
    )
