"""The shape of what people add to traces: media, score configs, annotation queues, comments; and models with prices by name."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farthing.store.meta.tables import Base, Utc


class MediaRow(Base):
    """A picture, sound or document that spans speak of, by what its bytes hash to; not uploaded yet where no moment stands."""

    __tablename__ = "media"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(200))
    content_length: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Utc)
    uploaded_at: Mapped[datetime | None] = mapped_column(Utc)


class ScoreConfigRow(Base):
    """What scores of a name may be; `document` is all of it."""

    __tablename__ = "score_configs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    is_archived: Mapped[bool] = mapped_column(Boolean)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class QueueRow(Base):
    """A list of what people are to look at and score."""

    __tablename__ = "annotation_queues"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class QueueItemRow(Base):
    """One thing in a queue, and whether somebody has looked at it."""

    __tablename__ = "annotation_items"
    __table_args__ = (Index("ix_annotation_items_queue_id", "queue_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    queue_id: Mapped[str] = mapped_column(ForeignKey("annotation_queues.id"))
    object_type: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
    completed_at: Mapped[datetime | None] = mapped_column(Utc)


class AssignmentRow(Base):
    """Who works through a queue."""

    __tablename__ = "annotation_assignments"

    queue_id: Mapped[str] = mapped_column(ForeignKey("annotation_queues.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Utc)


class CommentRow(Base):
    """What somebody said of a trace, an observation, a session or a prompt."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_object", "project_id", "object_type", "object_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    object_type: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[str] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text)
    author_user_id: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class ModelDefinitionRow(Base):
    """A model's prices as they were given by name alone; `document` is all of it, price overrides carry it out."""

    __tablename__ = "model_definitions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
