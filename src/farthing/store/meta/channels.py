"""Transactions in; the channels through which people are told, their secrets encrypted, out."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.store.meta.notice_tables import ChannelRow


class StoredChannel(msgspec.Struct, frozen=True):
    """A channel: `document` is its JSON, `secrets` what is kept encrypted of it."""

    id: str
    project_id: str
    name: str
    kind: str
    enabled: bool
    least_severity: str
    document: str
    secrets: str
    created_at: datetime
    updated_at: datetime

    def __repr__(self) -> str:
        """Without the secrets, though they are encrypted."""
        return f"StoredChannel({self.id!r}, {self.name!r})"


def listing(session: Session, project_id: str | None = None) -> list[StoredChannel]:
    """A project's channels, or all projects', oldest first."""
    question = select(ChannelRow).order_by(ChannelRow.created_at, ChannelRow.id)
    if project_id is not None:
        question = question.where(ChannelRow.project_id == project_id)
    return [_stored(row) for row in session.scalars(question)]


def get(session: Session, channel_id: str) -> StoredChannel | None:
    """The channel with that id, of whatever project."""
    row = session.get(ChannelRow, channel_id)
    return _stored(row) if row else None


def chosen(session: Session, project_id: str, wanted: Sequence[str] = ()) -> list[str]:
    """The ids of a project's channels that are turned on: those of these ids or names, or all."""
    return [
        one.id
        for one in listing(session, project_id)
        if one.enabled and (not wanted or one.id in wanted or one.name in wanted)
    ]


def put(session: Session, stored: StoredChannel) -> None:
    """Keep a channel, in place of the one with its id."""
    session.merge(ChannelRow(**{name: getattr(stored, name) for name in StoredChannel.__struct_fields__}))
    session.flush()


def remove(session: Session, channel_id: str) -> None:
    """Forget a channel and its secrets."""
    row = session.get(ChannelRow, channel_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _stored(row: ChannelRow) -> StoredChannel:
    return StoredChannel(**{name: getattr(row, name) for name in StoredChannel.__struct_fields__})
