"""Rules that operators make, change and remove in; kept, audited, and known to all servers out."""

import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from farthing.alerts import course, holding, reached, records, rule
from farthing.alerts.rule import Rule
from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.query.moments import EPOCH
from farthing.shapes import Shape
from farthing.store.meta import alert_rules as rows
from farthing.store.meta import audit, incidents
from farthing.store.meta.alert_rules import StoredRule
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction

_read_rule = Shape(Rule).of_json

SUBJECT = "alert rule:"
MOST = 1_000
"""Rules of one project."""


class Rules:
    """All rules of a server. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: str | None = None
        self._all: Sequence[Rule] = ()

    def all(self) -> Sequence[Rule]:
        """Those of all projects, read anew if any server changed one. Raises `StoreError`."""
        with self._lock:
            with self._database.read() as session:
                stamp = rows.stamp(session)
                if stamp != self._stamp:
                    self._all = [_rule(stored) for stored in rows.listing(session)]
            self._stamp = stamp
            return self._all

    def listing(self, project_id: str) -> list[Rule]:
        """A project's, oldest first."""
        with self._database.read() as session:
            return [_rule(stored) for stored in rows.listing(session, project_id)]

    def get(self, project_id: str, rule_id: str) -> Rule:
        """The one with this id, or this name. Raises `NotFoundError`."""
        with self._database.read() as session:
            stored = rows.get(session, project_id, rule_id)
            if stored is not None:
                return _rule(stored)
        named = [one for one in self.listing(project_id) if one.name == rule_id]
        if not named:
            raise _missing(rule_id)
        return named[0]

    def create(self, actor: Actor, wanted: Rule) -> Rule:
        """Add one under a new id. Raises `BadRequestError`, `ConflictError`."""
        now = self._moment()
        made = msgspec.structs.replace(
            wanted, id=f"ar_{secrets.token_hex(8)}", project_id=actor.project_id, created_at=now, updated_at=now
        )
        rule.check(made)
        with self._database.exclusive() as session:
            if rows.count(session, actor.project_id) >= MOST:
                msg = f"There are {MOST} alert rules in this project already; delete some that are not needed."
                raise ConflictError(msg)
            _must_be_free(session, made)
            reached.require(session, made)
            self._put(session, actor, "created", None, made)
        return made

    def change(self, actor: Actor, rule_id: str, changes: dict[str, Any]) -> Rule:
        """Change some fields of one. Raises `BadRequestError`, `NotFoundError`, `ConflictError`."""
        with self._database.exclusive() as session:
            before = _mine(session, actor.project_id, rule_id)
            held = _rule(before)
            after = msgspec.structs.replace(held, **changes, updated_at=self._moment())
            rule.check(after)
            _must_be_free(session, after)
            reached.require(session, after, held.channels)
            self._put(session, actor, "changed", before, after)
            if not after.enabled:
                self._close(session, after.id, str(actor), "The rule was turned off.")
            elif (after.by, after.kind) != (held.by, held.kind):
                # No verdict will ever be of its groups again.
                self._close(session, after.id, str(actor), "The rule looks at other things now.")
        return after

    def remove(self, actor: Actor, rule_id: str) -> None:
        """Delete one. Its incidents end and stay. Raises `NotFoundError`."""
        with self._database.exclusive() as session:
            before = _mine(session, actor.project_id, rule_id)
            rows.remove(session, before.id)
            self._close(session, before.id, str(actor), "The rule was deleted.")
            entry = Entry(self._moment(), str(actor), "removed", SUBJECT + before.id, actor.project_id, before.document)
            audit.record(session, entry)

    def history(self, project_id: str, rule_id: str = "", limit: int = 100) -> list[Entry]:
        """Who changed what, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + rule_id, limit)

    def _close(self, session: Transaction, rule_id: str, by: str, text: str) -> None:
        now_ns = self._clock()
        for stored in incidents.latest(session, now_ns, [rule_id]):
            held = records.incident(stored)
            if held.is_open:
                done = course.closed(held, by, text, now_ns)
                records.keep(session, done)
                holding.let_go(session, done.incident, now_ns)

    def _put(self, session: Transaction, actor: Actor, action: str, before: StoredRule | None, after: Rule) -> None:
        document = msgspec.json.encode(after).decode()
        rows.put(session, StoredRule(after.id, after.project_id, document, after.created_at, after.updated_at))
        was = before.document if before else None
        entry = Entry(after.updated_at, str(actor), action, SUBJECT + after.id, after.project_id, was, document)
        audit.record(session, entry)

    def _moment(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._clock() // 1000)


def _must_be_free(session: Transaction, wanted: Rule) -> None:
    for stored in rows.listing(session, wanted.project_id):
        if stored.id != wanted.id and _rule(stored).name == wanted.name:
            msg = (
                f"There is an alert rule {wanted.name!r} in this project already; rules are told apart by their names."
            )
            raise ConflictError(msg)


def _mine(session: Transaction, project_id: str, rule_id: str) -> StoredRule:
    stored = rows.get(session, project_id, rule_id)
    if stored is None:
        named = [one for one in rows.listing(session, project_id) if _rule(one).name == rule_id]
        if not named:
            raise _missing(rule_id)
        return named[0]
    return stored


def _missing(rule_id: str) -> NotFoundError:
    return NotFoundError(f"There is no alert rule {rule_id[:60]!r} in this project.")


def _rule(stored: StoredRule) -> Rule:
    return _read_rule(stored.document)
