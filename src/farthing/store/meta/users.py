"""Transactions in, users out; of passwords and sign-in tokens nothing but hashes comes here."""

from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farthing.store.meta.tables import UserRow


class User(msgspec.Struct, frozen=True):
    """Somebody who may sign in to the UI."""

    id: str
    name: str
    created_at: datetime
    email: str | None = None
    password_hash: str | None = None


def insert(session: Session, user: User) -> None:
    """Add a user."""
    session.add(
        UserRow(
            id=user.id,
            name=user.name,
            email=user.email,
            password_hash=user.password_hash,
            created_at=user.created_at,
        )
    )
    session.flush()


def listing(session: Session) -> list[User]:
    """All users, oldest first."""
    return [of_row(row) for row in session.scalars(select(UserRow).order_by(UserRow.created_at, UserRow.id))]


def by_login(session: Session, login: str) -> User | None:
    """The user with this email, else the oldest with this name."""
    match = select(UserRow).where((UserRow.email == login) | (UserRow.name == login))
    row = session.scalar(match.order_by((UserRow.email == login).desc().nulls_last(), UserRow.created_at).limit(1))
    return of_row(row) if row else None


def set_password(session: Session, user_id: str, password_hash: str) -> None:
    """Replace a user's password."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))


def set_sign_in(session: Session, user_id: str, token_hash: bytes, expires_at: datetime) -> None:
    """Give a user a one-time token; the one before it is void."""
    changed = {"sign_in_hash": token_hash, "sign_in_expires_at": expires_at}
    session.execute(update(UserRow).where(UserRow.id == user_id).values(changed))


def take_sign_in(session: Session, token_hash: bytes, now: datetime) -> User | None:
    """Use up a one-time token and tell whose it was; None when it is unknown, used or too old."""
    # One statement finds and voids it: of two that come at once, one gets in.
    user_id = session.scalar(
        update(UserRow)
        .where(UserRow.sign_in_hash == token_hash, UserRow.sign_in_expires_at > now)
        .values(sign_in_hash=None, sign_in_expires_at=None)
        .returning(UserRow.id)
    )
    row = session.get(UserRow, user_id) if user_id else None
    return of_row(row) if row else None


def of_row(row: UserRow) -> User:
    """A row as a user."""
    return User(row.id, row.name, row.created_at, row.email, row.password_hash)
