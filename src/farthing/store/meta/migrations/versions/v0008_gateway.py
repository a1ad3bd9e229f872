"""What operators configure for the gateway: accounts, configs and their variants, environments, rollouts, limits of keys."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_Column = sa.Column[str] | sa.Column[int]


def upgrade() -> None:
    """Make the tables."""
    secret = sa.Column("secret", sa.Text, nullable=False)
    _make("gateway_accounts", _slug(), secret, refers={}, for_everybody=True)
    op.create_index("ix_gateway_accounts_project_id", "gateway_accounts", ["project_id"])
    _make("gateway_configs", _slug(), refers={}, unique=("project_id", "slug"))
    _make("gateway_variants", _slug(), refers={"config_id": "gateway_configs"}, unique=("config_id", "slug"))
    number = sa.Column("number", sa.Integer, nullable=False)
    _make("gateway_versions", number, refers={"variant_id": "gateway_variants"}, unique=("variant_id", "number"))
    _make("gateway_environments", _slug(), refers={}, unique=("project_id", "slug"))
    _make(
        "gateway_rollouts",
        refers={
            "config_id": "gateway_configs",
            "variant_id": "gateway_variants",
            "environment_id": "gateway_environments",
        },
        optional="environment_id",
    )
    op.create_index("ix_gateway_rollouts_config_id", "gateway_rollouts", ["config_id"])
    _make(
        "gateway_limits",
        sa.Column("key_id", sa.String(64), nullable=False),
        refers={},
        unique=("project_id", "key_id"),
    )


def _slug() -> sa.Column[str]:
    return sa.Column("slug", sa.String(64), nullable=False)


def _make(
    table: str,
    *columns: _Column,
    refers: dict[str, str],
    unique: tuple[str, ...] = (),
    optional: str = "",
    for_everybody: bool = False,
) -> None:
    """A table with what all of these have: an id, a project, a document, two moments."""
    moment = sa.DateTime(timezone=True)
    others = {"project_id": "projects", **refers}
    constraints: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}") for name, other in others.items()
    ]
    if unique:
        constraints.append(sa.UniqueConstraint(*unique, name=f"uq_{table}_{unique[0]}"))
    op.create_table(
        table,
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=for_everybody),
        *(sa.Column(name, sa.String(200), nullable=name == optional) for name in refers),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *constraints,
    )
