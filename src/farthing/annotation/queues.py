"""Who asks and what is to be looked at in; queues with items that are pending or completed, and who works through them, out."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from farthing.access.acting import actor
from farthing.access.identity import Identity
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.shapes import Shape
from farthing.store.meta import annotation, audit
from farthing.store.meta.annotation import QueueItem, StoredQueue
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction

SUBJECT = "annotation_queue:"
LONGEST_NAME = 200
LONGEST_ID = 500
LONGEST_DESCRIPTION = 2_000
MOST_CONFIGS = 50
MOST = 1_000
"""Queues of a project."""

OBJECTS = ("TRACE", "OBSERVATION", "SESSION")
PENDING, COMPLETED = "PENDING", "COMPLETED"


class About(msgspec.Struct, frozen=True):
    """What a queue is for: the scores that are to be given."""

    description: str | None = None
    score_config_ids: tuple[str, ...] = ()


class Queue(msgspec.Struct, frozen=True):
    """A queue as it is kept."""

    id: str
    name: str
    about: About
    created_at: datetime
    updated_at: datetime


class Progress(msgspec.Struct, frozen=True):
    """How far a queue has been worked through, and by whom."""

    pending: int
    completed: int
    assigned: tuple[str, ...]


_about = Shape(About).of_json


class Queues:
    """The annotation queues of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._clock = clock

    def create(self, who: Identity, name: Any, description: Any, score_config_ids: Any) -> Queue:
        """Add one. Raises `BadRequestError`, `ConflictError`."""
        told = _text("name", name, LONGEST_NAME).strip()
        about = About(None if description is None else _text("description", description, LONGEST_DESCRIPTION))
        ids = _ids(score_config_ids)
        now = self._clock()
        with self._database.exclusive() as session:
            for config_id in ids:
                if annotation.config(session, who.project_id, config_id) is None:
                    msg = f"scoreConfigIds: there is no score config {config_id[:80]!r} in this project."
                    raise BadRequestError(msg)
            if annotation.queue_named(session, who.project_id, told) is not None:
                msg = f"There is a queue {told!r} already."
                raise ConflictError(msg)
            if annotation.queues(session, who.project_id, 0, 1)[1] >= MOST:
                msg = f"There are {MOST} queues already."
                raise ConflictError(msg)
            made = Queue(
                f"aq_{secrets.token_hex(8)}", told, msgspec.structs.replace(about, score_config_ids=ids), now, now
            )
            document = msgspec.json.encode(made.about).decode()
            annotation.put_queue(session, StoredQueue(made.id, who.project_id, told, document, now, now))
            self._note(session, who, "created", made, None, made)
        return made

    def get(self, project_id: str, queue_id: str) -> Queue:
        """One of a project's. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _mine(session, project_id, queue_id)

    def listing(self, project_id: str, offset: int, limit: int) -> tuple[list[Queue], int]:
        """A part of a project's, by name, and how many there are."""
        with self._database.read() as session:
            found, total = annotation.queues(session, project_id, offset, limit)
            return [_queue(stored) for stored in found], total

    def remove(self, who: Identity, queue_id: str) -> None:
        """Forget one with its items; scores that were given stay. Raises `NotFoundError`."""
        with self._database.write() as session:
            gone = _mine(session, who.project_id, queue_id)
            annotation.remove_queue(session, queue_id)
            self._note(session, who, "removed", gone, gone, None)

    def progress(self, project_id: str, queue_id: str) -> Progress:
        """How far one is. Raises `NotFoundError`."""
        with self._database.read() as session:
            _mine(session, project_id, queue_id)
            counted = annotation.counts(session, queue_id)
            told = tuple(annotation.assigned(session, queue_id))
        return Progress(counted.get(PENDING, 0), counted.get(COMPLETED, 0), told)

    def add(self, who: Identity, queue_id: str, object_type: Any, object_id: Any, status: Any = None) -> QueueItem:
        """Put something in a queue. Raises `BadRequestError`, `NotFoundError`."""
        if object_type not in OBJECTS:
            msg = f"objectType is one of {', '.join(OBJECTS)}."
            raise BadRequestError(msg)
        told, state, now = _text("objectId", object_id, LONGEST_ID), _status(status or PENDING), self._clock()
        item = QueueItem(
            f"ai_{secrets.token_hex(12)}", queue_id, object_type, told, state, now, now,
            now if state == COMPLETED else None,
        )  # fmt: skip
        with self._database.write() as session:
            _mine(session, who.project_id, queue_id)
            annotation.put_item(session, item)
        return item

    def item(self, project_id: str, queue_id: str, item_id: str) -> QueueItem:
        """One thing in a queue. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _item(session, project_id, queue_id, item_id)

    def items(
        self, project_id: str, queue_id: str, status: str, offset: int, limit: int
    ) -> tuple[list[QueueItem], int]:
        """A part of what is in a queue, of a status or all, the oldest first. Raises `BadRequestError`, `NotFoundError`."""
        with self._database.read() as session:
            _mine(session, project_id, queue_id)
            return annotation.items(session, queue_id, _status(status) if status else "", offset, limit)

    def change(self, who: Identity, queue_id: str, item_id: str, status: Any) -> QueueItem:
        """Let an item be pending or completed. Raises `BadRequestError`, `NotFoundError`."""
        now = self._clock()
        with self._database.write() as session:
            before = _item(session, who.project_id, queue_id, item_id)
            state = before.status if status is None else _status(status)
            done = (before.completed_at or now) if state == COMPLETED else None
            after = msgspec.structs.replace(before, status=state, updated_at=now, completed_at=done)
            annotation.put_item(session, after)
        return after

    def take_out(self, who: Identity, queue_id: str, item_id: str) -> None:
        """Take something out of a queue. Raises `NotFoundError`."""
        with self._database.write() as session:
            _item(session, who.project_id, queue_id, item_id)
            annotation.remove_item(session, item_id)

    def assign(self, who: Identity, queue_id: str, user_id: Any, *, works: bool) -> str:
        """Let somebody work through a queue, or no more; who that is. Raises `BadRequestError`, `NotFoundError`."""
        told = _text("userId", user_id, LONGEST_NAME)
        with self._database.write() as session:
            queue = _mine(session, who.project_id, queue_id)
            before = annotation.assigned(session, queue_id)
            if works:
                annotation.assign(session, queue_id, told, self._clock())
            else:
                annotation.unassign(session, queue_id, told)
            now = annotation.assigned(session, queue_id)
            if now != before:
                self._note(session, who, "assigned", queue, {"assigned": before}, {"assigned": now})
        return told

    def _note(self, session: Transaction, who: Identity, action: str, queue: Queue, *change: Any) -> None:
        was, now = (None if told is None else msgspec.json.encode(told).decode() for told in change)
        entry = Entry(self._clock(), actor(who), action, SUBJECT + queue.id, who.project_id, was, now)
        audit.record(session, entry)


def _text(field: str, told: Any, longest: int) -> str:
    if not isinstance(told, str) or not 0 < len(told.strip()) <= longest or "\0" in told:
        msg = f"{field}: text of 1 to {longest} characters, none of them zero."
        raise BadRequestError(msg)
    return told


def _ids(told: Any) -> tuple[str, ...]:
    listed: Sequence[Any] = cast("list[Any]", told) if isinstance(told, list) else []
    if not listed or len(listed) > MOST_CONFIGS or not all(isinstance(one, str) for one in listed):
        msg = f"scoreConfigIds: a list of 1 to {MOST_CONFIGS} ids of score configs."
        raise BadRequestError(msg)
    return tuple(dict.fromkeys(listed))


def _status(told: Any) -> str:
    if told not in (PENDING, COMPLETED):
        msg = f"status is {PENDING} or {COMPLETED}."
        raise BadRequestError(msg)
    return told


def _mine(session: Transaction, project_id: str, queue_id: str) -> Queue:
    stored = annotation.queue(session, project_id, queue_id)
    if stored is None:
        msg = f"There is no annotation queue {queue_id[:80]!r} in this project."
        raise NotFoundError(msg)
    return _queue(stored)


def _item(session: Transaction, project_id: str, queue_id: str, item_id: str) -> QueueItem:
    _mine(session, project_id, queue_id)
    found = annotation.item(session, queue_id, item_id)
    if found is None:
        msg = f"There is no item {item_id[:80]!r} in this queue."
        raise NotFoundError(msg)
    return found


def _queue(stored: StoredQueue) -> Queue:
    return Queue(stored.id, stored.name, _about(stored.document), stored.created_at, stored.updated_at)
