"""People who sign in to the UI: a password or a one-time token in, the user out."""

import secrets
from datetime import datetime, timedelta

from farthing import errors
from farthing.access import passwords
from farthing.access.credentials import digest
from farthing.store.meta import users
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.users import User

LINK_LASTS = timedelta(hours=24)

SHORTEST_PASSWORD = 8


def add(transaction: Transaction, name: str, now: datetime, *, email: str | None = None) -> User:
    """Make an admin, who can't sign in before they are given a password or a token."""
    user = User(f"user_{secrets.token_hex(8)}", name, now, email)
    users.insert(transaction, user)
    return user


def check_password(password: str) -> None:
    """Raises `BadRequestError` when a password is too short."""
    if len(password) < SHORTEST_PASSWORD:
        msg = f"A password needs at least {SHORTEST_PASSWORD} characters."
        raise errors.BadRequestError(msg)


def set_password(transaction: Transaction, user_id: str, password: str) -> None:
    """Replace a password. Raises `BadRequestError` when it is too short."""
    check_password(password)
    users.set_password(transaction, user_id, passwords.hashed(password))


def new_sign_in_token(transaction: Transaction, user_id: str, now: datetime) -> str:
    """A token that signs this user in once, within a day; the one before it is void."""
    token = secrets.token_urlsafe(32)
    users.set_sign_in(transaction, user_id, digest(token), now + LINK_LASTS)
    return token


def sign_in_by_token(database: Database, token: str, now: datetime) -> User:
    """Use a token up. Raises `UnauthenticatedError` when it is unknown, used or too old."""
    with database.write() as transaction:
        user = users.take_sign_in(transaction, digest(token), now)
    if user is None:
        msg = "This sign-in link is unknown, used or too old; restart the server or ask an admin for a new one."
        raise errors.UnauthenticatedError(msg)
    return user


def sign_in_by_password(database: Database, login: str, password: str) -> User:
    """The user with this email or name and password. Raises `UnauthenticatedError`. Takes some 150 ms on purpose."""
    with database.read() as transaction:
        user = users.by_login(transaction, login)
    # An unknown name takes as long as a wrong password, so that names can't be found out.
    kept = user.password_hash if user and user.password_hash else passwords.NOBODYS
    if not passwords.matches(password, kept) or user is None or user.password_hash is None:
        msg = "The name or the password is wrong."
        raise errors.UnauthenticatedError(msg)
    return user
