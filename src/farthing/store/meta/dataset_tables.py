"""The shape of what experiments try things on: datasets, their items version by version, and the runs made on them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from farthing.store.meta.tables import Base, Utc


class DatasetRow(Base):
    """A dataset. `meta` and the schemas are JSON; None where there is none."""

    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("project_id", "name", name="uq_datasets_project_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    meta: Mapped[str | None] = mapped_column(Text)
    input_schema: Mapped[str | None] = mapped_column(Text)
    expected_schema: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class DatasetItemRow(Base):
    """An item as it was from one millisecond up to another, or still is. Contents are JSON."""

    __tablename__ = "dataset_items"
    __table_args__ = (
        # Named by its migration so that it bears the prefix twice.
        CheckConstraint("status IN ('ACTIVE', 'ARCHIVED')", name="ck_dataset_items_status"),
        UniqueConstraint("project_id", "item_id", "from_ms", name="uq_dataset_items_project_id"),
        Index("ix_dataset_items_dataset_id", "dataset_id", "created_ms", "place", "item_id"),
        Index(
            "ix_dataset_items_current",
            "project_id",
            "item_id",
            unique=True,
            sqlite_where=text("to_ms IS NULL"),
            postgresql_where=text("to_ms IS NULL"),
        ),
    )

    # SQLite counts up by itself only what is called INTEGER.
    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id"))
    item_id: Mapped[str] = mapped_column(String(255))
    from_ms: Mapped[int] = mapped_column(BigInteger)
    to_ms: Mapped[int | None] = mapped_column(BigInteger)
    created_ms: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(BigInteger)
    """Among those that were added at once."""
    status: Mapped[str] = mapped_column(String(16))
    input: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    meta: Mapped[str] = mapped_column(Text)
    source_trace: Mapped[str] = mapped_column(String(255))
    source_observation: Mapped[str] = mapped_column(String(255))


class DatasetRunRow(Base):
    """What somebody said of a run. Its cases are in the telemetry store; a run that only spans told of has no row here."""

    __tablename__ = "dataset_runs"
    __table_args__ = (UniqueConstraint("project_id", "dataset_id", "name", name="uq_dataset_runs_project_id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(String(64))
    """"": data of nobody's keeping."""
    name: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str | None] = mapped_column(Text)
    meta: Mapped[str | None] = mapped_column(Text)
    version_ms: Mapped[int | None] = mapped_column(BigInteger)
    """Of when the dataset is that it was tried on."""
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
