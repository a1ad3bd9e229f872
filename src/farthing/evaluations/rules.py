"""Rules that operators make, change and remove in; kept with their versions, audited, and known to all servers, out."""

import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.evaluations import rule
from farthing.evaluations.rule import Rule
from farthing.query.moments import EPOCH
from farthing.shapes import Shape
from farthing.store.meta import audit
from farthing.store.meta import evaluations as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.evaluations import StoredEvaluation

_read_rule = Shape(Rule).of_json

SUBJECT = "evaluation:"
MOST = 200
"""Rules of one project."""


class Held(msgspec.Struct, frozen=True):
    """A rule, and the revision up to which calls were looked at."""

    rule: Rule
    seen: int


class Rules:
    """All rules of a server. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._database = database
        self._clock = clock
        self.changed = threading.Event()
        """Set whenever a rule changes on this server."""

    def active(self) -> list[Held]:
        """Those of all projects that judge. Raises `StoreError`."""
        with self._database.read() as session:
            held = [Held(_rule(stored), stored.seen) for stored in rows.listing(session)]
        return [one for one in held if one.rule.is_active]

    def listing(self, project_id: str) -> list[Held]:
        """A project's, oldest first."""
        with self._database.read() as session:
            return [Held(_rule(stored), stored.seen) for stored in rows.listing(session, project_id)]

    def get(self, project_id: str, named: str) -> Held:
        """The one with this id, or this name. Raises `NotFoundError`."""
        with self._database.read() as session:
            stored = _mine(session, project_id, named)
            return Held(_rule(stored), stored.seen)

    def create(self, actor: Actor, wanted: Rule) -> Rule:
        """Add one under a new id; it judges what begins from now on. Raises `BadRequestError`, `ConflictError`."""
        now = self._moment()
        made = msgspec.structs.replace(
            wanted,
            id=f"ev_{secrets.token_hex(8)}",
            project_id=actor.project_id,
            version=1,
            since=now,
            created_at=now,
            updated_at=now,
        )
        rule.check(made)
        with self._database.exclusive() as session:
            if len(rows.listing(session, actor.project_id)) >= MOST:
                msg = f"There are {MOST} evaluations in this project already; remove some that are not needed."
                raise ConflictError(msg)
            _must_be_free(session, made)
            self._put(session, actor, "created", None, made)
        self.changed.set()
        return made

    def change(self, actor: Actor, named: str, changes: dict[str, Any]) -> Rule:
        """Change some fields of one. What it says differently is a new version of it, and what was judged stays as it was.

        One that goes on after a pause leaves alone what began before. Raises `BadRequestError`, `NotFoundError`, `ConflictError`.
        """
        with self._database.exclusive() as session:
            stored = _mine(session, actor.project_id, named)
            before, now = _rule(stored), self._moment()
            after = msgspec.structs.replace(before, **changes, updated_at=now)
            rule.check(after)
            if rule.judges_otherwise(before, after):
                after = msgspec.structs.replace(after, version=before.version + 1)
            if after.is_active and not before.is_active:
                after = msgspec.structs.replace(after, since=now)
            _must_be_free(session, after)
            self._put(session, actor, "changed", stored, after)
        self.changed.set()
        return after

    def remove(self, actor: Actor, named: str) -> None:
        """Delete one. Its scores stay. Raises `NotFoundError`."""
        with self._database.write() as session:
            before = _mine(session, actor.project_id, named)
            rows.remove(session, before.id)
            entry = Entry(self._moment(), str(actor), "removed", SUBJECT + before.id, actor.project_id, before.document)
            audit.record(session, entry)
        self.changed.set()

    def history(self, project_id: str, rule_id: str = "", limit: int = 100) -> Sequence[Entry]:
        """Who changed what, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + rule_id, limit)

    def _put(
        self, session: Transaction, actor: Actor, action: str, before: StoredEvaluation | None, after: Rule
    ) -> None:
        document = msgspec.json.encode(after).decode()
        # Revisions are microseconds: all that becomes known from now on is higher.
        seen = before.seen if before else self._clock() // 1000
        rows.put(
            session, StoredEvaluation(after.id, after.project_id, document, seen, after.created_at, after.updated_at)
        )
        was = before.document if before else None
        entry = Entry(after.updated_at, str(actor), action, SUBJECT + after.id, after.project_id, was, document)
        audit.record(session, entry)

    def _moment(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._clock() // 1000)


def _must_be_free(session: Transaction, wanted: Rule) -> None:
    for stored in rows.listing(session, wanted.project_id):
        if stored.id != wanted.id and _rule(stored).name == wanted.name:
            msg = f"There is an evaluation {wanted.name!r} in this project already; its name is that of its scores."
            raise ConflictError(msg)


def _mine(session: Transaction, project_id: str, named: str) -> StoredEvaluation:
    stored = rows.get(session, project_id, named)
    if stored is None:
        stored = next((one for one in rows.listing(session, project_id) if _rule(one).name == named), None)
    if stored is None:
        msg = f"There is no evaluation {named[:60]!r} in this project."
        raise NotFoundError(msg)
    return stored


def _rule(stored: StoredEvaluation) -> Rule:
    return _read_rule(stored.document)
