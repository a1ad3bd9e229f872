"""Transactions in; score configs, annotation queues with their items, and comments, as they are kept, out."""

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from farthing.store.meta.annotation_tables import AssignmentRow, CommentRow, QueueItemRow, QueueRow, ScoreConfigRow


class StoredConfig(msgspec.Struct, frozen=True):
    """A score config: `document` is its JSON."""

    id: str
    project_id: str
    name: str
    is_archived: bool
    document: str
    created_at: datetime
    updated_at: datetime


class StoredQueue(msgspec.Struct, frozen=True):
    """An annotation queue: `document` is its JSON."""

    id: str
    project_id: str
    name: str
    document: str
    created_at: datetime
    updated_at: datetime


class QueueItem(msgspec.Struct, frozen=True):
    """One thing in a queue: PENDING until somebody has COMPLETED it."""

    id: str
    queue_id: str
    object_type: str
    object_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None


class Comment(msgspec.Struct, frozen=True):
    """What somebody said of something."""

    id: str
    project_id: str
    object_type: str
    object_id: str
    content: str
    author_user_id: str | None
    created_at: datetime
    updated_at: datetime


def config(session: Session, project_id: str, config_id: str) -> StoredConfig | None:
    """This project's score config with that id."""
    row = session.get(ScoreConfigRow, config_id)
    return _config(row) if row and row.project_id == project_id else None


def configs(session: Session, project_id: str, offset: int, limit: int) -> tuple[list[StoredConfig], int]:
    """A part of a project's score configs, the newest first, and how many there are."""
    mine = ScoreConfigRow.project_id == project_id
    total = session.scalar(select(func.count()).select_from(ScoreConfigRow).where(mine)) or 0
    order = (ScoreConfigRow.created_at.desc(), ScoreConfigRow.id)
    rows = session.scalars(select(ScoreConfigRow).where(mine).order_by(*order).offset(offset).limit(limit))
    return [_config(row) for row in rows], total


def put_config(session: Session, stored: StoredConfig) -> None:
    """Keep a score config, in place of the one with its id."""
    session.merge(ScoreConfigRow(**{name: getattr(stored, name) for name in StoredConfig.__struct_fields__}))
    session.flush()


def queue(session: Session, project_id: str, queue_id: str) -> StoredQueue | None:
    """This project's queue with that id."""
    row = session.get(QueueRow, queue_id)
    return _queue(row) if row and row.project_id == project_id else None


def queues(session: Session, project_id: str, offset: int, limit: int) -> tuple[list[StoredQueue], int]:
    """A part of a project's queues, by name, and how many there are."""
    mine = QueueRow.project_id == project_id
    total = session.scalar(select(func.count()).select_from(QueueRow).where(mine)) or 0
    rows = session.scalars(select(QueueRow).where(mine).order_by(QueueRow.name).offset(offset).limit(limit))
    return [_queue(row) for row in rows], total


def queue_named(session: Session, project_id: str, name: str) -> StoredQueue | None:
    """This project's queue of that name."""
    row = session.scalar(select(QueueRow).where(QueueRow.project_id == project_id, QueueRow.name == name))
    return _queue(row) if row else None


def put_queue(session: Session, stored: StoredQueue) -> None:
    """Keep a queue, in place of the one with its id."""
    session.merge(QueueRow(**{name: getattr(stored, name) for name in StoredQueue.__struct_fields__}))
    session.flush()


def remove_queue(session: Session, queue_id: str) -> None:
    """Forget a queue with all that is in it."""
    session.execute(delete(QueueItemRow).where(QueueItemRow.queue_id == queue_id))
    session.execute(delete(AssignmentRow).where(AssignmentRow.queue_id == queue_id))
    session.execute(delete(QueueRow).where(QueueRow.id == queue_id))


def item(session: Session, queue_id: str, item_id: str) -> QueueItem | None:
    """This queue's item with that id."""
    row = session.get(QueueItemRow, item_id)
    return _item(row) if row and row.queue_id == queue_id else None


def items(session: Session, queue_id: str, status: str, offset: int, limit: int) -> tuple[list[QueueItem], int]:
    """A part of a queue's items of a status, or of all if that is "", the oldest first; and how many there are."""
    which: list[ColumnElement[bool]] = [QueueItemRow.queue_id == queue_id]
    if status:
        which.append(QueueItemRow.status == status)
    total = session.scalar(select(func.count()).select_from(QueueItemRow).where(*which)) or 0
    order = (QueueItemRow.created_at, QueueItemRow.id)
    rows = session.scalars(select(QueueItemRow).where(*which).order_by(*order).offset(offset).limit(limit))
    return [_item(row) for row in rows], total


def counts(session: Session, queue_id: str) -> dict[str, int]:
    """How many items of a queue have which status."""
    question = select(QueueItemRow.status, func.count()).where(QueueItemRow.queue_id == queue_id)
    rows = session.execute(question.group_by(QueueItemRow.status))
    return {row.status: row[1] for row in rows}


def put_item(session: Session, item: QueueItem) -> None:
    """Keep an item, in place of the one with its id."""
    session.merge(QueueItemRow(**{name: getattr(item, name) for name in QueueItem.__struct_fields__}))
    session.flush()


def remove_item(session: Session, item_id: str) -> None:
    """Forget an item."""
    session.execute(delete(QueueItemRow).where(QueueItemRow.id == item_id))


def assigned(session: Session, queue_id: str) -> list[str]:
    """Who works through a queue."""
    question = select(AssignmentRow.user_id).where(AssignmentRow.queue_id == queue_id)
    return list(session.scalars(question.order_by(AssignmentRow.user_id)))


def assign(session: Session, queue_id: str, user_id: str, now: datetime) -> None:
    """Let somebody work through a queue; nothing happens if they do already."""
    session.merge(AssignmentRow(queue_id=queue_id, user_id=user_id, created_at=now))
    session.flush()


def unassign(session: Session, queue_id: str, user_id: str) -> None:
    """Let somebody work through a queue no more."""
    session.execute(delete(AssignmentRow).where(AssignmentRow.queue_id == queue_id, AssignmentRow.user_id == user_id))


def comment(session: Session, project_id: str, comment_id: str) -> Comment | None:
    """This project's comment with that id."""
    row = session.get(CommentRow, comment_id)
    return _comment(row) if row and row.project_id == project_id else None


def comments(
    session: Session, project_id: str, of: tuple[str, str], author: str, part: tuple[int, int]
) -> tuple[list[Comment], int]:
    """A part (offset, limit) of a project's comments, the newest first, and how many there are.

    `of` are type and id of what they are about; "" is any, as of the author.
    """
    columns = (CommentRow.object_type, CommentRow.object_id, CommentRow.author_user_id)
    which: list[ColumnElement[bool]] = [CommentRow.project_id == project_id]
    which += [column == wanted for column, wanted in zip(columns, (*of, author), strict=True) if wanted]
    total = session.scalar(select(func.count()).select_from(CommentRow).where(*which)) or 0
    order = (CommentRow.created_at.desc(), CommentRow.id)
    rows = session.scalars(select(CommentRow).where(*which).order_by(*order).offset(part[0]).limit(part[1]))
    return [_comment(row) for row in rows], total


def add_comment(session: Session, comment: Comment) -> None:
    """Keep a comment."""
    session.add(CommentRow(**{name: getattr(comment, name) for name in Comment.__struct_fields__}))
    session.flush()


def remove_comment(session: Session, comment_id: str) -> None:
    """Forget a comment."""
    session.execute(delete(CommentRow).where(CommentRow.id == comment_id))


def _config(row: ScoreConfigRow) -> StoredConfig:
    return StoredConfig(**{name: getattr(row, name) for name in StoredConfig.__struct_fields__})


def _queue(row: QueueRow) -> StoredQueue:
    return StoredQueue(**{name: getattr(row, name) for name in StoredQueue.__struct_fields__})


def _item(row: QueueItemRow) -> QueueItem:
    return QueueItem(**{name: getattr(row, name) for name in QueueItem.__struct_fields__})


def _comment(row: CommentRow) -> Comment:
    return Comment(**{name: getattr(row, name) for name in Comment.__struct_fields__})
