"""What an operator wants changed about prices in; overrides kept, audited and live out."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from farthing.catalogue.live import Live, override_of
from farthing.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from farthing.model.money import InexactMoneyError
from farthing.pricing.overrides import Override, OverrideError, Scope, check
from farthing.store.meta import audit, keys, prices
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.prices import StoredOverride

SUBJECT = "price_override:"
MOST = 20_000
"""Overrides in all; each of them is looked at for every model that is priced."""


class Actor(msgspec.Struct, frozen=True):
    """Who changes something: a key of a project, and whether it may do so for the whole organisation."""

    project_id: str
    key_id: str
    is_of_organisation: bool = False

    def require_organisation(self) -> None:
        """Raises `ForbiddenError` unless what holds for every project may be changed."""
        if not self.is_of_organisation:
            msg = (
                "This holds for the whole organisation: only an admin key of its first project may change it. "
                "A price for your own project has the scope level project."
            )
            raise ForbiddenError(msg)

    def __str__(self) -> str:
        return f"key {self.key_id}"


class Kept(msgspec.Struct, frozen=True):
    """An override and when it was entered and last changed; `batch` is the import it came with."""

    override: Override
    created_at: datetime
    updated_at: datetime
    batch: str = ""


class Overrides:
    """The overrides that concern a project: its own, and those of the whole organisation."""

    def __init__(self, database: Database, live: Live, clock: Callable[[], datetime]) -> None:
        """`live` prices by them as soon as a method that changes them returns. `clock` answers an aware datetime."""
        self._database = database
        self._live = live
        self._clock = clock

    def of(self, project_id: str) -> list[Kept]:
        """All of them, oldest first."""
        with self._database.read() as session:
            return [_kept(stored) for stored in prices.overrides(session, project_id)]

    def get(self, project_id: str, override_id: str) -> Kept:
        """One of them. Raises `NotFoundError`."""
        with self._database.read() as session:
            return _kept(_mine(session, project_id, override_id))

    def tried(self, actor: Actor, override: Override, replaces: str = "") -> Override:
        """One as it would be if it were saved now, by somebody who may. Raises what `create` and `replace` raise."""
        with self._database.read() as session:
            before = _mine(session, actor.project_id, replaces) if replaces else None
            _check(session, actor, override)
        if not override.scope.project or (before is not None and before.project_id is None):
            actor.require_organisation()
        return msgspec.structs.replace(override, id=replaces or "tried", known_since=_ns(self._clock()))

    def create(self, actor: Actor, override: Override) -> Kept:
        """Add one under a new id. Raises `BadRequestError`, `ForbiddenError`."""
        now = self._clock()
        new = msgspec.structs.replace(override, id=f"po_{secrets.token_hex(8)}", known_since=_ns(now))
        with self._database.write() as session:
            kept = _put(session, actor, new, now)
        self._live.reload()
        return kept

    def replace(self, actor: Actor, override_id: str, override: Override) -> Kept:
        """Put one in the place of another. Raises `BadRequestError`, `ForbiddenError`, `NotFoundError`."""
        now = self._clock()
        new = msgspec.structs.replace(override, id=override_id, known_since=_ns(now))
        with self._database.write() as session:
            kept = _put(session, actor, new, now, _mine(session, actor.project_id, override_id))
        self._live.reload()
        return kept

    def remove(self, actor: Actor, override_id: str) -> None:
        """Take one back. Raises `ForbiddenError`, `NotFoundError`."""
        with self._database.write() as session:
            stored = _mine(session, actor.project_id, override_id)
            if stored.project_id is None:
                actor.require_organisation()
            prices.remove(session, [override_id])
            entry = Entry(
                self._clock(), str(actor), "removed", SUBJECT + override_id, stored.project_id, stored.document
            )
            audit.record(session, entry)
        self._live.reload()

    def take_in(self, actor: Actor, found: Sequence[Override], batch: str) -> int:
        """Add those of a list, each in place of the one it gave before; how many there are."""
        now = self._clock()
        with self._database.write() as session:
            before = {stored.id: stored for stored in prices.overrides(session)}
            for override in found:
                _put(session, actor, override, now, before.get(override.id), batch)
        self._live.reload()
        return len(found)

    def history(self, project_id: str, override_id: str = "", limit: int = 100) -> list[Entry]:
        """Who changed what, the latest first."""
        with self._database.read() as session:
            return audit.listing(session, project_id, SUBJECT + override_id, limit)


def _put(
    session: Transaction,
    actor: Actor,
    override: Override,
    now: datetime,
    before: StoredOverride | None = None,
    batch: str = "",
) -> Kept:
    _check(session, actor, override)
    if not override.scope.project or (before is not None and before.project_id is None):
        actor.require_organisation()
    if before is None and len(prices.overrides(session)) >= MOST:
        msg = f"There are {MOST} overrides already; remove some that are not needed."
        raise ConflictError(msg)
    stored = StoredOverride(
        override.id,
        override.scope.project or None,
        msgspec.json.encode(override).decode(),
        before.created_at if before else now,
        now,
        batch,
    )
    prices.put(session, stored)
    action, was = ("changed", before.document) if before else ("created", None)
    audit.record(
        session, Entry(now, str(actor), action, SUBJECT + override.id, stored.project_id, was, stored.document)
    )
    return _kept(stored)


def _check(session: Transaction, actor: Actor, override: Override) -> None:
    scope = override.scope
    if scope.project not in ("", actor.project_id):
        msg = f"This key is for the project {actor.project_id!r}; it can't set prices of another."
        raise BadRequestError(msg)
    if scope.key and keys.get(session, actor.project_id, scope.key) is None:
        msg = f"scope.key: there is no key {scope.key!r} in this project."
        raise BadRequestError(msg)
    try:
        check(override)
    except (OverrideError, InexactMoneyError) as error:
        msg = f"The override can't be used: {error}."
        raise BadRequestError(msg) from error


def _mine(session: Transaction, project_id: str, override_id: str) -> StoredOverride:
    stored = prices.override(session, override_id)
    if stored is None or stored.project_id not in (None, project_id):
        msg = f"There is no price override {override_id!r} in this project."
        raise NotFoundError(msg)
    return stored


def _kept(stored: StoredOverride) -> Kept:
    return Kept(override_of(stored.document), stored.created_at, stored.updated_at, stored.batch)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9


def scope_of(actor: Actor, *, organisation: bool, key: str = "") -> Scope:
    """Whose calls: everybody's, the actor's project's, or one key's of that."""
    return Scope() if organisation else Scope(project=actor.project_id, key=key)
