"""A wish for a key in, the stored key and its secret out; the secret is shown here once and never again."""

import secrets
import uuid
from datetime import datetime

import msgspec

from farthing import errors
from farthing.access.credentials import BEARER_MARK, PUBLIC_MARK, SECRET_MARK, Credential, digest
from farthing.access.identity import scopes
from farthing.store.meta import keys as rows
from farthing.store.meta.database import Transaction
from farthing.store.meta.keys import Key, Kind

_TOLD = 4
"""Letters of the secret that lists show after its mark."""

_LONGEST_TEXT = 200


class Wanted(msgspec.Struct, frozen=True):
    """A key to be made."""

    project_id: str
    name: str
    scopes: frozenset[str]
    kind: Kind = "bearer"
    environment: str | None = None
    expires_at: datetime | None = None
    keeps_content: bool | None = None
    """None: pairs do, for who uses Langfuse's SDKs reads back what was said; others don't."""


class Created(msgspec.Struct, frozen=True):
    """A new key and its secret."""

    key: Key
    secret: str

    def __repr__(self) -> str:
        """Without the secret: this ends up in logs."""
        return f"Created({self.key!r})"


def insert(
    transaction: Transaction,
    wanted: Wanted,
    now: datetime,
    *,
    given: Credential | None = None,
    rotated_from: str | None = None,
) -> Created:
    """Make a key, with fresh secrets unless they are given. Raises `BadRequestError` for impossible wishes."""
    _check(wanted, now)
    sent = given or fresh(wanted.kind)
    key = Key(
        id=f"key_{secrets.token_hex(8)}",
        project_id=wanted.project_id,
        name=wanted.name.strip(),
        prefix=sent.secret[: len(BEARER_MARK if sent.public_key is None else SECRET_MARK) + _TOLD],
        kind="bearer" if sent.public_key is None else "pair",
        scopes=frozenset(str(scope) for scope in scopes(wanted.scopes)),
        created_at=now,
        public_key=sent.public_key,
        environment=wanted.environment,
        expires_at=wanted.expires_at,
        rotated_from=rotated_from,
        keeps_content=sent.public_key is not None if wanted.keeps_content is None else wanted.keeps_content,
    )
    rows.insert(transaction, key, digest(sent.secret))
    return Created(key, sent.secret)


def fresh(kind: Kind) -> Credential:
    """New random secrets."""
    if kind == "pair":
        return Credential(f"{SECRET_MARK}{uuid.uuid4()}", f"{PUBLIC_MARK}{uuid.uuid4()}")
    return Credential(BEARER_MARK + secrets.token_urlsafe(32))


def _check(wanted: Wanted, now: datetime) -> None:
    if not 0 < len(wanted.name.strip()) <= _LONGEST_TEXT:
        msg = f"A key needs a name of 1 to {_LONGEST_TEXT} characters."
        raise errors.BadRequestError(msg)
    if wanted.environment is not None and not 0 < len(wanted.environment) <= _LONGEST_TEXT:
        msg = f"A key's environment has 1 to {_LONGEST_TEXT} characters."
        raise errors.BadRequestError(msg)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        msg = "A key must end in the future."
        raise errors.BadRequestError(msg)
