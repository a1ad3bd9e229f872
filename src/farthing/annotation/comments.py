"""Who asks and what somebody said of a trace, an observation, a session or a prompt in; comments, kept, out."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from farthing.access.identity import Identity
from farthing.errors import BadRequestError, NotFoundError
from farthing.store.meta import annotation
from farthing.store.meta.annotation import Comment
from farthing.store.meta.database import Database

OBJECTS = ("TRACE", "OBSERVATION", "SESSION", "PROMPT")
LONGEST = 5_000
LONGEST_ID = 500
LONGEST_AUTHOR = 200


class Comments:
    """The comments of all projects. Every method may be called from any thread.

    What is spoken of is not looked for: a trace may arrive after what is said of it, as its scores may.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._clock = clock

    def create(self, who: Identity, object_type: Any, object_id: Any, content: Any, author: Any) -> Comment:
        """Add one. Raises `BadRequestError`."""
        now = self._clock()
        made = Comment(
            f"cm_{secrets.token_hex(12)}",
            who.project_id,
            _type(object_type),
            _text("objectId", object_id, LONGEST_ID),
            _text("content", content, LONGEST),
            None if author is None else _text("authorUserId", author, LONGEST_AUTHOR),
            now,
            now,
        )
        with self._database.write() as session:
            annotation.add_comment(session, made)
        return made

    def get(self, project_id: str, comment_id: str) -> Comment:
        """One of a project's. Raises `NotFoundError`."""
        with self._database.read() as session:
            found = annotation.comment(session, project_id, comment_id)
        if found is None:
            msg = f"There is no comment {comment_id[:80]!r} in this project."
            raise NotFoundError(msg)
        return found

    def listing(
        self, project_id: str, of: tuple[str, str], author: str, offset: int, limit: int
    ) -> tuple[list[Comment], int]:
        """A part of those on a type of things and one of them, by an author ("" is any), the newest first. Raises `BadRequestError`."""
        kind = _type(of[0]) if of[0] else ""
        if of[1] and not kind:
            msg = "objectType: an objectId needs it."
            raise BadRequestError(msg)
        if "\0" in of[1] + author:
            return [], 0
        with self._database.read() as session:
            return annotation.comments(session, project_id, (kind, of[1]), author, (offset, limit))

    def remove(self, who: Identity, comment_id: str) -> None:
        """Forget one. Raises `NotFoundError`."""
        self.get(who.project_id, comment_id)
        with self._database.write() as session:
            annotation.remove_comment(session, comment_id)


def _type(told: Any) -> str:
    kind = told.upper() if isinstance(told, str) else ""
    if kind not in OBJECTS:
        msg = f"objectType is one of {', '.join(OBJECTS)}."
        raise BadRequestError(msg)
    return kind


def _text(field: str, told: Any, longest: int) -> str:
    if not isinstance(told, str) or not 0 < len(told.strip()) <= longest or "\0" in told:
        msg = f"{field}: text of 1 to {longest} characters, none of them zero."
        raise BadRequestError(msg)
    return told
