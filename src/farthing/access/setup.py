"""An empty meta database in, one that can be used out: project, key and admin, and what to tell the operator once."""

import re
from datetime import datetime

import msgspec

from farthing import errors
from farthing.access import admins, passwords
from farthing.access.credentials import BEARER_MARK, MAX_LENGTH, PUBLIC_MARK, SECRET_MARK, Credential, digest
from farthing.access.identity import HOME_PROJECT, Scope
from farthing.access.keys import no_longer
from farthing.access.minting import Wanted, insert
from farthing.store.meta import keys, projects, users
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.projects import Project

DEFAULT_PROJECT = HOME_PROJECT

ALL_SCOPES = frozenset(str(scope) for scope in Scope)
# A pair is what Langfuse's SDKs send: applications, which have no business changing keys.
_PAIR_SCOPES = frozenset({Scope.INGEST, Scope.GATEWAY, Scope.READ})
_CLI_SCOPES = frozenset({Scope.READ, Scope.ADMIN})

_SHORTEST_SECRET = 16
_SHORTEST_PAIR_SECRET = 8
_KEY = re.compile(rf"{BEARER_MARK}[\x21-\x7e]{{{_SHORTEST_SECRET},{MAX_LENGTH - len(BEARER_MARK)}}}")
_PUBLIC = re.compile(rf"{PUBLIC_MARK}[\x21-\x39\x3b-\x7e]{{1,{MAX_LENGTH - len(PUBLIC_MARK)}}}")
_SECRET = re.compile(rf"{SECRET_MARK}[\x21-\x7e]{{{_SHORTEST_PAIR_SECRET},{MAX_LENGTH - len(SECRET_MARK)}}}")


class Given(msgspec.Struct, frozen=True):
    """What the operator, or an earlier start, has decided already. Empty means nothing was given."""

    key: str = ""
    """`FARTHING_INIT_KEY`"""
    public_key: str = ""
    """`FARTHING_INIT_PUBLIC_KEY`"""
    secret_key: str = ""
    """`FARTHING_INIT_SECRET_KEY`"""
    admin_password: str = ""
    """`FARTHING_INIT_ADMIN_PASSWORD`"""
    cli_key: str = ""
    """What stands in the data folder's `cli-key` (see `cli_key`)."""

    def __repr__(self) -> str:
        """Without the secrets."""
        return "Given(…)"


class Made(msgspec.Struct, frozen=True):
    """What a start has made. Secrets stand here and nowhere else: print or write them now."""

    project_id: str
    first: bool
    """Whether there was nothing before."""
    key: str | None = None
    """A new key with all scopes, to be printed once. None unless this is the first start and no key was given."""
    sign_in_token: str | None = None
    """For a link that signs the admin in once; a new one at each start while the admin has no password."""
    cli_key: str | None = None
    """To be written with `cli_key.write`; None when the one given still works."""
    notices: tuple[str, ...] = ()
    """Sentences for the log about given values that were added or could not be used."""

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Made(project_id={self.project_id!r}, first={self.first})"


def set_up(database: Database, given: Given, now: datetime) -> Made:
    """Make what is missing; a second start, or a second server's, makes nothing twice.

    A given key that isn't known yet is added, whenever that is; those from before stay good until they are revoked.
    Raises `StartError` when a given value can't be used.
    """
    _check(given)
    with database.exclusive() as transaction:
        first = projects.get(transaction, DEFAULT_PROJECT) is None
        if first:
            projects.insert(transaction, Project(DEFAULT_PROJECT, "Default", now))
        notices = [
            _ensure_key(transaction, "FARTHING_INIT_KEY", _wanted("init"), _bearer(given.key), now),
            _ensure_key(transaction, "FARTHING_INIT_PUBLIC_KEY", _wanted("init pair", _PAIR_SCOPES), _pair(given), now),
        ]
        key = insert(transaction, _wanted("first"), now).secret if first and not given.key else None
        token, notice = _ensure_admin(transaction, given.admin_password, now)
        return Made(
            project_id=DEFAULT_PROJECT,
            first=first,
            key=key,
            sign_in_token=token,
            cli_key=_ensure_cli_key(transaction, given.cli_key, now),
            # On a first start everything given is new, and nothing to write home about.
            notices=() if first else tuple(text for text in (*notices, notice) if text),
        )


def _wanted(name: str, scopes: frozenset[str] = ALL_SCOPES) -> Wanted:
    return Wanted(DEFAULT_PROJECT, name, scopes)


def _bearer(key: str) -> Credential | None:
    return Credential(key) if key else None


def _pair(given: Given) -> Credential | None:
    return Credential(given.secret_key, given.public_key) if given.public_key else None


def _check(given: Given) -> None:
    if given.key and not _KEY.fullmatch(given.key):
        msg = (
            f"FARTHING_INIT_KEY must be {BEARER_MARK} and at least {_SHORTEST_SECRET} more printable characters, "
            f"{MAX_LENGTH} in all at most, without spaces."
        )
        raise errors.StartError(msg)
    if bool(given.public_key) != bool(given.secret_key):
        msg = "FARTHING_INIT_PUBLIC_KEY and FARTHING_INIT_SECRET_KEY go together: set both or neither."
        raise errors.StartError(msg)
    if given.public_key and not _PUBLIC.fullmatch(given.public_key):
        msg = f"FARTHING_INIT_PUBLIC_KEY must be {PUBLIC_MARK} and more printable characters, without spaces or colons."
        raise errors.StartError(msg)
    if given.secret_key and not _SECRET.fullmatch(given.secret_key):
        msg = (
            f"FARTHING_INIT_SECRET_KEY must be {SECRET_MARK} and at least {_SHORTEST_PAIR_SECRET} more printable "
            "characters, without spaces."
        )
        raise errors.StartError(msg)
    if given.admin_password and len(given.admin_password) < admins.SHORTEST_PASSWORD:
        msg = f"FARTHING_INIT_ADMIN_PASSWORD must have at least {admins.SHORTEST_PASSWORD} characters."
        raise errors.StartError(msg)


def _ensure_key(
    transaction: Transaction, variable: str, wanted: Wanted, given: Credential | None, now: datetime
) -> str:
    if given is None:
        return ""
    by_secret = keys.by_hash(transaction, digest(given.secret))
    found = keys.by_public_key(transaction, given.public_key) if given.public_key else by_secret
    if found is None and by_secret is None:
        insert(transaction, wanted, now, given=given)
        return f"The key in {variable} is new and was added; keys from before stay good until they are revoked."
    if found is None or by_secret is None or found.key.id != by_secret.key.id:
        msg = f"The pair in {variable} shares one half with another key; choose both halves anew."
        raise errors.StartError(msg)
    reason = no_longer(found.key.revoked_at, found.key.expires_at, now)
    return f"The key in {variable} is not in use: {reason} Give another one or unset it." if reason else ""


def _ensure_admin(transaction: Transaction, password: str, now: datetime) -> tuple[str | None, str]:
    """A sign-in token for an admin without a password, and a notice."""
    everybody = users.listing(transaction)
    admin = everybody[0] if everybody else admins.add(transaction, "admin", now)
    if password and admin.password_hash is None:
        admins.set_password(transaction, admin.id, password)
        return None, "The admin's password was set from FARTHING_INIT_ADMIN_PASSWORD."
    if admin.password_hash is None:
        return admins.new_sign_in_token(transaction, admin.id, now), ""
    if password and not passwords.matches(password, admin.password_hash):
        return None, "FARTHING_INIT_ADMIN_PASSWORD is not used: the admin has another password already."
    return None, ""


def _ensure_cli_key(transaction: Transaction, given: str, now: datetime) -> str | None:
    # Not by name: each server that shares this database has a folder, and so a key, of its own.
    found = keys.by_hash(transaction, digest(given)) if given else None
    if found and not no_longer(found.key.revoked_at, found.key.expires_at, now):
        return None
    return insert(transaction, _wanted("cli", _CLI_SCOPES), now).secret
