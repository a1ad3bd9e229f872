"""Transactions in, what browsers are signed in with out; of their tokens nothing but hashes comes here."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from farthing.store.meta import users
from farthing.store.meta.tables import SignInRow, UserRow
from farthing.store.meta.users import User


class SignIn(msgspec.Struct, frozen=True):
    """One browser of one user."""

    user: User
    seen_at: datetime
    expires_at: datetime


def insert(session: Session, token_hash: bytes, user_id: str, now: datetime, expires_at: datetime) -> None:
    """Add one."""
    session.add(SignInRow(hash=token_hash, user_id=user_id, created_at=now, seen_at=now, expires_at=expires_at))


def get(session: Session, token_hash: bytes) -> SignIn | None:
    """The one with this token."""
    found = session.execute(
        select(SignInRow, UserRow).join(UserRow, UserRow.id == SignInRow.user_id).where(SignInRow.hash == token_hash)
    ).first()
    return SignIn(users.of_row(found[1]), found[0].seen_at, found[0].expires_at) if found else None


def set_seen(session: Session, token_hash: bytes, now: datetime) -> None:
    """It was used."""
    session.execute(update(SignInRow).where(SignInRow.hash == token_hash).values(seen_at=now))


def remove(session: Session, token_hash: bytes) -> None:
    """Take one away."""
    session.execute(delete(SignInRow).where(SignInRow.hash == token_hash))


def remove_of(session: Session, user_id: str) -> None:
    """Take away all of a user."""
    session.execute(delete(SignInRow).where(SignInRow.user_id == user_id))


def remove_ended(session: Session, now: datetime, unseen_since: datetime) -> None:
    """Take away those whose time is over."""
    session.execute(delete(SignInRow).where((SignInRow.expires_at <= now) | (SignInRow.seen_at <= unseen_since)))
