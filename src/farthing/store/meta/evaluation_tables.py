"""The shape of what is judged: rules, what became of each call that one looked at, and how many that were in a day."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from farthing.store.meta.tables import Base, Utc


class EvaluationRow(Base):
    """A rule. `seen` is the revision of calls up to which all were looked at."""

    __tablename__ = "evaluations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    document: Mapped[str] = mapped_column(Text)
    seen: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class EvaluationOutcomeRow(Base):
    """What became of a call under a rule. `next_ns`: when it is tried again, if it is."""

    __tablename__ = "evaluation_outcomes"
    __table_args__ = (
        Index("ix_evaluation_outcomes_next_ns", "evaluation_id", "next_ns"),
        Index("ix_evaluation_outcomes_at_ns", "at_ns"),
    )

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(49), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(BigInteger)
    start_ns: Mapped[int] = mapped_column(BigInteger)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    next_ns: Mapped[int | None] = mapped_column(BigInteger)


class EvaluationDayRow(Base):
    """How many calls came to what in a day of UTC, and why."""

    __tablename__ = "evaluation_days"

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(100), primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
