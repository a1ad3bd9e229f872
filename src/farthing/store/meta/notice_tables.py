"""The shape of what people are told through: channels, and what was, or is to be, sent through them."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from farthing.store.meta.tables import Base, Utc


class ChannelRow(Base):
    """Where people are told. Its secrets are encrypted; `document` holds everything else."""

    __tablename__ = "alert_channels"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    enabled: Mapped[bool]
    least_severity: Mapped[str] = mapped_column(String(16))
    document: Mapped[str] = mapped_column(Text)
    secrets: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class DeliveryRow(Base):
    """One notice through one channel. No foreign key to the channel: what was sent is known after it is gone."""

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        # Named by its migration so that it bears the prefix twice.
        CheckConstraint("status IN ('pending', 'sent', 'failed', 'given_up')", name="ck_alert_deliveries_status"),
        Index("ix_alert_deliveries_status", "status", "next_ns"),
        Index("ix_alert_deliveries_project_id", "project_id", "number"),
    )

    # SQLite counts up by itself only what is called INTEGER.
    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    channel_id: Mapped[str] = mapped_column(String(64))
    channel_name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    notice_id: Mapped[str] = mapped_column(String(200))
    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    what: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    image: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    created_ns: Mapped[int] = mapped_column(BigInteger)
    due_ns: Mapped[int] = mapped_column(BigInteger)
    next_ns: Mapped[int] = mapped_column(BigInteger)
    claimed_by: Mapped[str] = mapped_column(String(64))
    finished_ns: Mapped[int | None] = mapped_column(BigInteger)
    last_error: Mapped[str] = mapped_column(Text)
