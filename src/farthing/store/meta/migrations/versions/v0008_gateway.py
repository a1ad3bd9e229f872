"""What operators configure for the gateway: accounts, configs and their variants, environments, rollouts, limits of keys."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables."""
    _make(
        "gateway_accounts",
        sa.Column("project_id", sa.String(64), nullable=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        refers={"project_id": "projects"},
    )
    op.create_index("ix_gateway_accounts_project_id", "gateway_accounts", ["project_id"])
    _make(
        "gateway_configs",
        _reference("project_id", 64),
        sa.Column("slug", sa.String(64), nullable=False),
        refers={"project_id": "projects"},
        unique=("project_id", "slug"),
    )
    _make(
        "gateway_variants",
        _reference("project_id", 64),
        _reference("config_id"),
        sa.Column("slug", sa.String(64), nullable=False),
        refers={"project_id": "projects", "config_id": "gateway_configs"},
        unique=("config_id", "slug"),
    )
    _make(
        "gateway_versions",
        _reference("project_id", 64),
        _reference("variant_id"),
        sa.Column("number", sa.Integer, nullable=False),
        refers={"project_id": "projects", "variant_id": "gateway_variants"},
        unique=("variant_id", "number"),
    )
    _make(
        "gateway_environments",
        _reference("project_id", 64),
        sa.Column("slug", sa.String(64), nullable=False),
        refers={"project_id": "projects"},
        unique=("project_id", "slug"),
    )
    _make(
        "gateway_rollouts",
        _reference("project_id", 64),
        _reference("config_id"),
        _reference("variant_id"),
        sa.Column("environment_id", sa.String(200), nullable=True),
        refers={
            "project_id": "projects",
            "config_id": "gateway_configs",
            "variant_id": "gateway_variants",
            "environment_id": "gateway_environments",
        },
    )
    op.create_index("ix_gateway_rollouts_config_id", "gateway_rollouts", ["config_id"])
    _make(
        "gateway_limits",
        _reference("project_id", 64),
        sa.Column("key_id", sa.String(64), nullable=False),
        refers={"project_id": "projects"},
        unique=("project_id", "key_id"),
    )


def _reference(name: str, length: int = 200) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _make(
    table: str, *columns: sa.Column[str] | sa.Column[int], refers: dict[str, str], unique: tuple[str, ...] = ()
) -> None:
    """A table with what all of these have."""
    moment = sa.DateTime(timezone=True)
    constraints: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}") for name, other in refers.items()
    ]
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=f"uq_{table}_{unique[0]}"))
    op.create_table(
        table,
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *constraints,
    )
