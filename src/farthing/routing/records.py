"""Changes of what is configured in; each checked, kept and audited in one transaction, out."""

import secrets
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.errors import ConflictError, NotFoundError
from farthing.routing.configured import (
    AccountKept,
    Config,
    Environment,
    KeyLimit,
    Noun,
    Rollout,
    Variant,
    Version,
)
from farthing.shapes import Shape
from farthing.store.meta import audit
from farthing.store.meta import gateway as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.gateway import Kind, Stored

SUBJECT = "gateway_"

_KINDS: dict[type[Noun], Kind] = {
    AccountKept: Kind.ACCOUNT,
    Config: Kind.CONFIG,
    Variant: Kind.VARIANT,
    Version: Kind.VERSION,
    Environment: Kind.ENVIRONMENT,
    Rollout: Kind.ROLLOUT,
    KeyLimit: Kind.LIMIT,
}
_PREFIXES = {
    AccountKept: "ac",
    Config: "cf",
    Variant: "va",
    Version: "vv",
    Environment: "en",
    Rollout: "ro",
    KeyLimit: "kl",
}
_SHAPES: dict[type[Noun], Shape[Noun]] = {noun: Shape(noun) for noun in _KINDS}
_read_account = Shape(AccountKept).of_json

N = TypeVar("N", bound=Noun)


class Reading:
    """What is configured, as one transaction sees it."""

    def __init__(self, session: Transaction) -> None:
        """In this transaction."""
        self.session = session

    def all(self, noun: type[N]) -> list[N]:
        """Of all projects, oldest first."""
        return [cast("N", _SHAPES[noun].of_json(one.document)) for one in rows.listing(self.session, _KINDS[noun])]

    def of(self, noun: type[N], project_id: str) -> list[N]:
        """Of one project, oldest first."""
        return [one for one in self.all(noun) if one.project_id == project_id]

    def sealed(self) -> list[tuple[AccountKept, str]]:
        """The accounts of all projects with their secrets, encrypted."""
        found = rows.listing(self.session, Kind.ACCOUNT)
        return [(_read_account(one.document), one.secret) for one in found]

    def stamp(self) -> str:
        """Another one after every change."""
        return rows.stamp(self.session)


class Changing(Reading):
    """A transaction of one who changes something."""

    def __init__(self, session: Transaction, actor: Actor, now: datetime) -> None:
        """No other such transaction overlaps it."""
        super().__init__(session)
        self.actor = actor
        self.now = now

    def add(self, noun: N, secret: str = "") -> N:
        """Keep a new one, under a new id. Raises `BadRequestError`."""
        identity = f"{_PREFIXES[type(noun)]}_{secrets.token_hex(8)}"
        made = msgspec.structs.replace(noun, id=identity, created_at=self.now, updated_at=self.now)
        self._put("created", None, made, secret)
        return made

    def replace(self, before: N, after: N, secret: str = "") -> N:
        """Keep one in place of what it was; what is as it was is no change. Raises `BadRequestError`."""
        if after == before and not secret:
            return before
        changed = msgspec.structs.replace(after, updated_at=self.now)
        self._put("changed", before, changed, secret)
        return changed

    def remove(self, noun: Noun) -> None:
        """Forget one; what belongs to it must be gone before."""
        rows.remove(self.session, _KINDS[type(noun)], noun.id)
        self._note("removed", noun, noun, None)

    def _put(self, action: str, before: Noun | None, after: Noun, secret: str) -> None:
        after.check()
        kind = _KINDS[type(after)]
        columns = {name: getattr(after, name) for name in rows.COLUMNS[kind]}
        document = msgspec.json.encode(after).decode()
        stored = Stored(kind, after.id, after.project_id, document, after.created_at, after.updated_at, secret)
        rows.put(self.session, stored, columns)
        self._note(action, after, before, after)

    def _note(self, action: str, noun: Noun, before: Noun | None, after: Noun | None) -> None:
        was, now = (None if one is None else msgspec.json.encode(one).decode() for one in (before, after))
        subject = f"{SUBJECT}{_KINDS[type(noun)]}:{noun.id}"
        audit.record(self.session, Entry(self.now, str(self.actor), action, subject, noun.project_id, was, now))


class Records:
    """What is configured, in the meta store. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime], changed: Callable[[], None]) -> None:
        """`changed` is called after every change; `clock` answers an aware moment."""
        self._database = database
        self._clock = clock
        self._changed = changed

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """Look at it. Raises `StoreError`."""
        with self._database.read() as session:
            yield Reading(session)

    def within(self, session: Transaction, actor: Actor) -> Changing:
        """Change it in another's exclusive transaction, who calls `changed` when that is over."""
        return Changing(session, actor, self._clock())

    def changed(self) -> None:
        """What was changed within another's transaction holds now."""
        self._changed()

    @contextmanager
    def changing(self, actor: Actor) -> Generator[Changing]:
        """Change it, all or nothing. Raises `StoreError`."""
        with self._database.exclusive() as session:
            yield Changing(session, actor, self._clock())
        self._changed()

    def history(self, project_id: str, kind: str = "", limit: int = 100) -> list[Entry]:
        """Who changed what, the latest first; of one kind, or all."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + (f"{kind}:" if kind else ""), limit)


def named(found: Iterable[N], name: str, what: str) -> N:
    """The one of that slug or id. Raises `NotFoundError`."""
    one = next((one for one in found if name in (one.id, getattr(one, "slug", None))), None)
    if one is None:
        msg = f"There is no {what} {name[:100]!r} in this project."
        raise NotFoundError(msg)
    return one


def require_room(found: Sequence[Noun], most: int, what: str) -> None:
    """Raises `ConflictError` when there are as many as there may be."""
    if len(found) >= most:
        msg = f"There are {most} {what} already; delete some that are not needed."
        raise ConflictError(msg)


def require_new(found: Iterable[N], slug: str, what: str, but: str = "") -> None:
    """Raises `ConflictError` when a slug is taken, but by the one with this id."""
    if any(getattr(one, "slug", None) == slug and one.id != but for one in found):
        msg = f"There is a{'n' if what[0] in 'ae' else ''} {what} {slug!r} already; choose another slug."
        raise ConflictError(msg)
