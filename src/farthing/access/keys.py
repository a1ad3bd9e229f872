"""Keys: made, rotated, revoked, listed, and on every request verified from memory."""

import asyncio
import hmac
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from farthing import errors
from farthing.access.cache import Finding, FindingCache, Refused, Token, Verified
from farthing.access.credentials import Credential, digest
from farthing.access.identity import Identity, Scope
from farthing.access.minting import Created, Wanted, insert
from farthing.store.meta import audit, ingest_limits, projects
from farthing.store.meta import keys as rows
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.keys import Key

log = logging.getLogger(__name__)

OVERLAP = timedelta(hours=24)
"""How long a rotated key goes on working, unless told otherwise."""

USE_NOTED_EVERY = timedelta(minutes=1)
"""The precision of a key's `last_used_at`."""

_LOOKUPS_AT_ONCE = 2

HandOn = Callable[[Transaction, Key, Key, str], None]
"""A key, its successor and who made it, in the transaction that makes it."""


def _clock() -> datetime:
    return datetime.now(UTC)


class Keys:
    """The keys of all projects. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _clock) -> None:
        """Keys in `database`."""
        self._database = database
        self._clock = clock
        self._cache = FindingCache()
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="keys")
        # Apart from the look-ups: a write may wait for another's transaction, a request should not.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="key-uses")
        self._uses_lock = threading.Lock()
        self._noted: dict[str, datetime] = {}
        self._uses: dict[str, datetime] = {}
        self._handed_on: list[tuple[HandOn, Callable[[], None]]] = []

    def hand_on(self, what: HandOn, done: Callable[[], None]) -> None:
        """From now on successors get this of their predecessors too; `done` is called when one has it."""
        self._handed_on.append((what, done))

    def close(self) -> None:
        """Finish what is under way; nothing may be verified from here on."""
        self._threads.shutdown()
        self._notes.shutdown()

    def known(self, credential: Credential) -> Identity | None:
        """Like `identify`, where nobody need be asked for that; else None."""
        now = self._clock()
        finding = self._cache.get(_token(credential), now)
        return None if finding is None else self._judge(finding, now)

    async def identify(self, credential: Credential) -> Identity:
        """Like `verify`, without holding up the event loop when the database must be asked."""
        token = _token(credential)
        now = self._clock()
        finding = self._cache.get(token, now)
        if finding is None:
            finding = await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, token)
            now = self._clock()
        return self._judge(finding, now)

    def verify(self, credential: Credential) -> Identity:
        """Who sent this. Raises `UnauthenticatedError` when the key is unknown, expired or revoked."""
        token = _token(credential)
        return self._judge(self._cache.get(token, self._clock()) or self._look_up(token), self._clock())

    def create(self, wanted: Wanted) -> Created:
        """Make a key. Raises `BadRequestError` for impossible wishes, `NotFoundError` for an unknown project."""
        now = self._clock()
        with self._database.write() as session:
            if projects.get(session, wanted.project_id) is None:
                msg = f"There is no project {wanted.project_id!r}."
                raise errors.NotFoundError(msg)
            created = insert(session, wanted, now)
        self._cache.forget()
        return created

    def of(self, project_id: str) -> list[Key]:
        """All keys of a project, expired and revoked ones included, oldest first."""
        with self._database.read() as session:
            return rows.listing(session, project_id)

    def rotate(self, project_id: str, key_id: str, overlap: timedelta = OVERLAP, by: str = "") -> Created:
        """Make a key's successor; the old one goes on working for `overlap`, but not beyond its own end.

        What limits a key limits its successor. A key that was made to last some time has a successor that lasts as long. Raises `NotFoundError`, and
        `ConflictError` when the key is revoked, expired or rotated already.
        """
        if overlap < timedelta(0):
            msg = "The overlap of a rotation can't be negative."
            raise errors.BadRequestError(msg)
        now = self._clock()
        with self._database.exclusive() as session:
            old = _mine(rows.get(session, project_id, key_id, to_change=True), key_id)
            reason = no_longer(old.revoked_at, old.expires_at, now)
            if reason:
                msg = f"{reason} It can't be rotated; create a new one."
                raise errors.ConflictError(msg)
            newer = rows.successor(session, key_id)
            if newer:
                msg = f"The key {key_id} was rotated into {newer.id} already; rotate that one."
                raise errors.ConflictError(msg)
            lasts = old.expires_at - old.created_at if old.expires_at else None
            wanted = Wanted(
                old.project_id, old.name, old.scopes, old.kind, old.environment, now + lasts if lasts else None,
                old.keeps_content,
            )  # fmt: skip
            created = insert(session, wanted, now, rotated_from=old.id)
            ends = now + overlap
            rows.set_expiry(session, old.id, min(ends, old.expires_at) if old.expires_at else ends)
            ingest_limits.hand_on(session, project_id, old.id, created.key.id, now)
            for what, _ in self._handed_on:
                what(session, old, created.key, by)
        self._cache.forget()
        for _, done in self._handed_on:
            done()
        return created

    def revoke(self, project_id: str, key_id: str) -> Key:
        """Take a key back, at once; doing so again changes nothing. Raises `NotFoundError`."""
        with self._database.write() as session:
            _mine(rows.get(session, project_id, key_id, to_change=True), key_id)
            rows.set_revoked(session, key_id, self._clock())
        self._cache.forget()
        with self._database.read() as session:
            return _mine(rows.get(session, project_id, key_id), key_id)

    def keep_content(self, project_id: str, key_id: str, actor: str, *, keeps: bool) -> Key:
        """Say whether content that comes with this key is kept from now on. Raises `NotFoundError`."""
        with self._database.write() as session:
            was = _mine(rows.get(session, project_id, key_id, to_change=True), key_id)
            if was.keeps_content is not keeps:
                rows.set_keeps_content(session, key_id, keeps)
                said = [f'{{"content":{str(told).lower()}}}' for told in (was.keeps_content, keeps)]
                audit.record(session, Entry(self._clock(), actor, "changed", f"key:{key_id}", project_id, *said))
        self._cache.forget()
        with self._database.read() as session:
            return _mine(rows.get(session, project_id, key_id), key_id)

    def _look_up(self, token: tuple[str | None, bytes]) -> Finding:
        now, generation = self._clock(), self._cache.generation
        public_key, secret_hash = token
        with self._database.read() as session:
            found = rows.by_public_key(session, public_key) if public_key else rows.by_hash(session, secret_hash)
        finding = _finding(found, public_key, secret_hash)
        self._cache.put(token, finding, now, generation)
        return finding

    def _judge(self, finding: Finding, now: datetime) -> Identity:
        if isinstance(finding, Refused):
            raise errors.UnauthenticatedError(finding.reason)
        if finding.expires_at is not None and (reason := no_longer(None, finding.expires_at, now)):
            raise errors.UnauthenticatedError(reason)
        self._note_use(finding.identity.key_id, now)
        return finding.identity

    def _note_use(self, key_id: str, now: datetime) -> None:
        noted = self._noted.get(key_id)
        if noted is not None and abs(now - noted) < USE_NOTED_EVERY:
            return
        with self._uses_lock:
            self._noted[key_id] = now
            first = not self._uses
            self._uses[key_id] = now
        if first:
            self._notes.submit(self._write_uses)

    def _write_uses(self) -> None:
        with self._uses_lock:
            uses, self._uses = self._uses, {}
        try:
            with self._database.write() as session:
                rows.set_used(session, uses, at_least_apart=USE_NOTED_EVERY)
        except errors.FarthingError as error:
            # Nobody waits for this and nothing depends on it.
            log.warning("The last use of %d keys could not be noted: %s", len(uses), error)


# Of a client that comes again, as they all do.
@lru_cache(maxsize=1024)
def _token(credential: Credential) -> Token:
    return credential.public_key, digest(credential.secret)


def _mine(key: Key | None, key_id: str) -> Key:
    if key is None:
        msg = f"There is no key {key_id!r} in this project."
        raise errors.NotFoundError(msg)
    return key


def _finding(found: rows.Hashed | None, public_key: str | None, secret_hash: bytes) -> Finding:
    # A pair's secret alone is no key, and a bearer key is none with a public key before it.
    if found is None or found.key.public_key != public_key or not hmac.compare_digest(found.hash, secret_hash):
        return Refused("This key is not known here.")
    key = found.key
    if key.revoked_at:
        return Refused(no_longer(key.revoked_at, None, key.revoked_at))
    # A scope that a later version added is none we could grant.
    known = frozenset(scope for scope in Scope if scope in key.scopes)
    return Verified(Identity(key.project_id, key.id, known, key.environment, key.keeps_content), key.expires_at)


def no_longer(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> str:
    """Why a key is no good any more; "" when it is."""
    if revoked_at:
        return f"This key was revoked at {_text(revoked_at)}."
    if expires_at and expires_at <= now:
        return f"This key expired at {_text(expires_at)}."
    return ""


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
