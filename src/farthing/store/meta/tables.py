"""The shape of the meta database: one typed class per table, the truth the migrations are compared with."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_TABLE = "farthing_schema"
"""Where the schema's version stands; a name of our own, so that a shared PostgreSQL database is no trouble."""


class Utc(TypeDecorator[datetime]):
    """A moment. SQLite forgets time zones, so it is handed UTC without one and given it back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware datetime to UTC as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without a time zone can't be stored"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What the database kept to an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share: constraints have names, so that a later migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ProjectRow(Base):
    """A project: the wall between one team's data and another's."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Utc)


class KeyRow(Base):
    """A key of a project. Of the secret only its SHA-256 is kept, and the few letters lists show."""

    __tablename__ = "keys"
    __table_args__ = (
        CheckConstraint("kind IN ('bearer', 'pair')", name="kind"),
        CheckConstraint("(kind = 'pair') = (public_key IS NOT NULL)", name="public_key"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    prefix: Mapped[str] = mapped_column(String(32))
    public_key: Mapped[str | None] = mapped_column(String(256), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)
    last_used_at: Mapped[datetime | None] = mapped_column(Utc)
    # Unique: two rotations of one key at the same moment must not leave two successors.
    rotated_from: Mapped[str | None] = mapped_column(ForeignKey("keys.id"), unique=True)
    keeps_content: Mapped[bool] = mapped_column(server_default=false())


class UserRow(Base):
    """A person who may sign in to the UI: an admin, by password or by a one-time link."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(256))
    sign_in_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    sign_in_expires_at: Mapped[datetime | None] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc)


class SignInRow(Base):
    """A browser somebody is signed in with. Of its token only the SHA-256 is kept."""

    __tablename__ = "sign_ins"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)


class FactRow(Base):
    """Something small the server must remember, such as how far it has settled."""

    __tablename__ = "facts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class RepriceJobRow(Base):
    """A job that prices recorded calls again; it stays when it is done, so that it can be told and undone."""

    __tablename__ = "reprice_jobs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    dry_run: Mapped[bool]
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Utc)
    created_by: Mapped[str] = mapped_column(String(64))
    at_ns: Mapped[int] = mapped_column(BigInteger)
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    undone_at: Mapped[datetime | None] = mapped_column(Utc)
    undone_by: Mapped[str | None] = mapped_column(String(64))


class PriceOverrideRow(Base):
    """What an operator agreed with a provider, or knows better; everybody's where no project stands."""

    __tablename__ = "price_overrides"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id"), index=True)
    document: Mapped[str] = mapped_column(Text)
    batch: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class PriceUpdateRow(Base):
    """Price data newer than the program's. The live one holds all that was known before it."""

    __tablename__ = "price_updates"
    __table_args__ = (CheckConstraint("state IN ('live', 'replaced')", name="state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    held: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)


class BudgetRow(Base):
    """What a project wants to spend at most."""

    __tablename__ = "budgets"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class BudgetHoldRow(Base):
    """What stays reserved of a budget for a call whose cost nobody will know. `units` may be more than 64 bits."""

    __tablename__ = "budget_holds"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    budget_id: Mapped[str] = mapped_column(String(64))
    since: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[str] = mapped_column(String(64))


class BudgetShareRow(Base):
    """What calls of one server take of a budget; `start` is of one of its starts. `units` may be more than 64 bits."""

    __tablename__ = "budget_shares"

    start: Mapped[str] = mapped_column(String(64), primary_key=True)
    budget_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    server: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    at: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[str] = mapped_column(String(64))


class BudgetNewsRow(Base):
    """What a server told all others once. Numbers have the order in which it was told."""

    __tablename__ = "budget_news"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    at: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(Text)


class Configured:
    """What everything has that operators configure for the gateway; `document` is all of it, columns are for constraints."""

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class AccountRow(Configured, Base):
    """An account with a provider; every project's where none stands. Its secret is encrypted."""

    __tablename__ = "gateway_accounts"

    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id"), index=True)
    slug: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(Text)


class ConfigRow(Configured, Base):
    """A name under which an application asks, and behind which operators choose what answers."""

    __tablename__ = "gateway_configs"
    __table_args__ = (UniqueConstraint("project_id", "slug"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    slug: Mapped[str] = mapped_column(String(64))


class VariantRow(Configured, Base):
    """One way in which a config can be answered."""

    __tablename__ = "gateway_variants"
    __table_args__ = (UniqueConstraint("config_id", "slug"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    config_id: Mapped[str] = mapped_column(ForeignKey("gateway_configs.id"))
    slug: Mapped[str] = mapped_column(String(64))


class VersionRow(Configured, Base):
    """A variant as it was from one moment on. Never changed."""

    __tablename__ = "gateway_versions"
    __table_args__ = (UniqueConstraint("variant_id", "number"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    variant_id: Mapped[str] = mapped_column(ForeignKey("gateway_variants.id"))
    number: Mapped[int]


class EnvironmentRow(Configured, Base):
    """Where applications run: production, staging. Keys belong to one by its slug."""

    __tablename__ = "gateway_environments"
    __table_args__ = (UniqueConstraint("project_id", "slug"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    slug: Mapped[str] = mapped_column(String(64))


class RolloutRow(Configured, Base):
    """Which share of a config's calls a variant answers, in one environment or in all."""

    __tablename__ = "gateway_rollouts"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    config_id: Mapped[str] = mapped_column(ForeignKey("gateway_configs.id"), index=True)
    variant_id: Mapped[str] = mapped_column(ForeignKey("gateway_variants.id"))
    environment_id: Mapped[str | None] = mapped_column(ForeignKey("gateway_environments.id"))


class KeyLimitRow(Configured, Base):
    """What a key may ask of the gateway; that of all other keys of the project stands under no key, as ""."""

    __tablename__ = "gateway_limits"
    __table_args__ = (UniqueConstraint("project_id", "key_id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    key_id: Mapped[str] = mapped_column(String(64))


class IngestLimitRow(Base):
    """How many calls a project may post in a month, and it or one of its keys in a minute; no key stands as ""."""

    __tablename__ = "ingest_limits"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    plan: Mapped[str] = mapped_column(String(100))
    requests: Mapped[int | None] = mapped_column(BigInteger)
    per_minute: Mapped[int | None] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Utc)


class AuditRow(Base):
    """Who changed what an operator can change, when, from what to what."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    project_id: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(300), index=True)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
