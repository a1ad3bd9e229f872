"""Transactions in, keys out; of a secret nothing but its hash comes here."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from farthing.store.meta.tables import KeyRow

Kind = Literal["bearer", "pair"]


class Key(msgspec.Struct, frozen=True):
    """What may be told about a key. `prefix` is the start of its secret, enough to recognise it by."""

    id: str
    project_id: str
    name: str
    prefix: str
    kind: Kind
    scopes: frozenset[str]
    created_at: datetime
    public_key: str | None = None
    environment: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    rotated_from: str | None = None
    keeps_content: bool = False


class Hashed(msgspec.Struct, frozen=True):
    """A key and the SHA-256 of its secret."""

    key: Key
    hash: bytes


def insert(session: Session, key: Key, secret_hash: bytes) -> None:
    """Add a key."""
    session.add(
        KeyRow(
            id=key.id,
            project_id=key.project_id,
            name=key.name,
            kind=key.kind,
            prefix=key.prefix,
            public_key=key.public_key,
            hash=secret_hash,
            scopes=" ".join(sorted(key.scopes)),
            environment=key.environment,
            created_at=key.created_at,
            expires_at=key.expires_at,
            rotated_from=key.rotated_from,
            keeps_content=key.keeps_content,
        )
    )
    session.flush()


def by_hash(session: Session, secret_hash: bytes) -> Hashed | None:
    """The key whose secret has this hash, of whatever project."""
    row = session.scalar(select(KeyRow).where(KeyRow.hash == secret_hash))
    return Hashed(_key(row), row.hash) if row else None


def by_public_key(session: Session, public_key: str) -> Hashed | None:
    """The pair with this public key, of whatever project."""
    row = session.scalar(select(KeyRow).where(KeyRow.public_key == public_key))
    return Hashed(_key(row), row.hash) if row else None


def get(session: Session, project_id: str, key_id: str, *, to_change: bool = False) -> Key | None:
    """The key with this id if it is this project's; `to_change` holds it until the transaction ends."""
    question = select(KeyRow).where(KeyRow.id == key_id, KeyRow.project_id == project_id)
    row = session.scalar(question.with_for_update() if to_change else question)
    return _key(row) if row else None


def successor(session: Session, key_id: str) -> Key | None:
    """The key this one was rotated into."""
    row = session.scalar(select(KeyRow).where(KeyRow.rotated_from == key_id))
    return _key(row) if row else None


def listing(session: Session, project_id: str) -> list[Key]:
    """All keys of a project, expired and revoked ones included, oldest first."""
    question = select(KeyRow).where(KeyRow.project_id == project_id).order_by(KeyRow.created_at, KeyRow.id)
    return [_key(row) for row in session.scalars(question)]


def set_expiry(session: Session, key_id: str, at: datetime) -> None:
    """Let a key end at this time."""
    session.execute(update(KeyRow).where(KeyRow.id == key_id).values(expires_at=at))


def set_keeps_content(session: Session, key_id: str, keeps: bool) -> None:
    """Whether content that comes with a key is kept from now on."""
    session.execute(update(KeyRow).where(KeyRow.id == key_id).values(keeps_content=keeps))


def set_revoked(session: Session, key_id: str, at: datetime) -> None:
    """Take a key back; one that was taken back before keeps that time."""
    session.execute(update(KeyRow).where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None)).values(revoked_at=at))


def set_used(session: Session, uses: Mapping[str, datetime], *, at_least_apart: timedelta) -> None:
    """Note when keys (by id) were last used; a use soon after the one that is noted is not worth a write."""
    for key_id, at in uses.items():
        stale = or_(KeyRow.last_used_at.is_(None), KeyRow.last_used_at <= at - at_least_apart)
        session.execute(update(KeyRow).where(KeyRow.id == key_id, stale).values(last_used_at=at))


def _key(row: KeyRow) -> Key:
    return Key(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        prefix=row.prefix,
        kind="pair" if row.kind == "pair" else "bearer",
        scopes=frozenset(row.scopes.split()),
        created_at=row.created_at,
        public_key=row.public_key,
        environment=row.environment,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        rotated_from=row.rotated_from,
        keeps_content=row.keeps_content,
    )
