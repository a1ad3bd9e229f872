"""The shape of what is looked for and what was found: alert rules, incidents and their history."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from farthing.store.meta.tables import Base, Utc


class AlertRuleRow(Base):
    """What a project wants to be told of."""

    __tablename__ = "alert_rules"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class IncidentRow(Base):
    """What a rule or a budget found. It stays when they are gone; `document` is all of it, columns are to find it by."""

    __tablename__ = "alert_incidents"
    __table_args__ = (
        # Named by its migration so that it bears the prefix twice.
        CheckConstraint("status IN ('open', 'acknowledged', 'recovered')", name="ck_alert_incidents_status"),
        Index("ix_alert_incidents_dedup_key", "dedup_key", "opened_ns"),
        Index("ix_alert_incidents_project_id", "project_id", "opened_ns"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    source_id: Mapped[str] = mapped_column(String(64))
    dedup_key: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    opened_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
    recovered_ns: Mapped[int | None] = mapped_column(BigInteger)
    expected_ns: Mapped[int | None] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(Text)


class IncidentEventRow(Base):
    """One thing that happened to an incident."""

    __tablename__ = "alert_incident_events"

    # SQLite counts up by itself only what is called INTEGER.
    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("alert_incidents.id"), index=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(16))
    document: Mapped[str] = mapped_column(Text)
