"""Transactions in; what operators configured for the gateway, as the documents they are kept as, out."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.store.meta import facts
from farthing.store.meta.tables import (
    AccountRow,
    ConfigRow,
    EnvironmentRow,
    KeyLimitRow,
    RolloutRow,
    VariantRow,
    VersionRow,
)

_STAMP = "gateway.stamp"

_Row = AccountRow | ConfigRow | VariantRow | VersionRow | EnvironmentRow | RolloutRow | KeyLimitRow


class Kind(StrEnum):
    """What can be configured."""

    ACCOUNT = "account"
    CONFIG = "config"
    VARIANT = "variant"
    VERSION = "version"
    ENVIRONMENT = "environment"
    ROLLOUT = "rollout"
    LIMIT = "limit"


_ROWS: Mapping[Kind, type[_Row]] = {
    Kind.ACCOUNT: AccountRow,
    Kind.CONFIG: ConfigRow,
    Kind.VARIANT: VariantRow,
    Kind.VERSION: VersionRow,
    Kind.ENVIRONMENT: EnvironmentRow,
    Kind.ROLLOUT: RolloutRow,
    Kind.LIMIT: KeyLimitRow,
}
COLUMNS: Mapping[Kind, Sequence[str]] = {
    Kind.ACCOUNT: ("slug",),
    Kind.CONFIG: ("slug",),
    Kind.VARIANT: ("config_id", "slug"),
    Kind.VERSION: ("variant_id", "number"),
    Kind.ENVIRONMENT: ("slug",),
    Kind.ROLLOUT: ("config_id", "variant_id", "environment_id"),
    Kind.LIMIT: ("key_id",),
}
"""What stands in columns besides the document, so that the database holds to it."""


class Stored(msgspec.Struct, frozen=True):
    """One of them: `document` is its JSON, `secret` an account's, encrypted. No project: everybody's."""

    kind: Kind
    id: str
    project_id: str | None
    document: str
    created_at: datetime
    updated_at: datetime
    secret: str = ""

    def __repr__(self) -> str:
        """Without the secret, though it is encrypted."""
        return f"Stored({self.kind}, {self.id!r})"


def listing(session: Session, kind: Kind) -> list[Stored]:
    """All of a kind, of all projects, oldest first."""
    row = _ROWS[kind]
    found: list[_Row] = list(session.scalars(select(row).order_by(row.created_at, row.id)))
    return [_stored(kind, one) for one in found]


def put(session: Session, stored: Stored, columns: Mapping[str, Any]) -> None:
    """Keep one, in place of the one with its id."""
    more = {"secret": stored.secret} if stored.kind is Kind.ACCOUNT else {}
    session.merge(
        _ROWS[stored.kind](
            id=stored.id,
            project_id=stored.project_id,
            document=stored.document,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
            **columns,
            **more,
        )
    )
    session.flush()
    facts.put(session, _STAMP, secrets.token_hex(8))


def remove(session: Session, kind: Kind, identity: str) -> None:
    """Forget one; what belongs to it must be gone before."""
    row = session.get(_ROWS[kind], identity)
    if row is not None:
        session.delete(row)
        session.flush()
        facts.put(session, _STAMP, secrets.token_hex(8))


def stamp(session: Session) -> str:
    """Another one after every change, on whatever server it was made."""
    return facts.get(session, _STAMP) or ""


def _stored(kind: Kind, row: _Row) -> Stored:
    secret = row.secret if isinstance(row, AccountRow) else ""
    return Stored(kind, row.id, row.project_id, row.document, row.created_at, row.updated_at, secret)
