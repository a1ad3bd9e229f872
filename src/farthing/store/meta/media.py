"""Transactions in; what is known of media, out."""

from datetime import datetime

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from farthing.store.meta.annotation_tables import MediaRow


class StoredMedia(msgspec.Struct, frozen=True):
    """A file that was announced; there only once it was uploaded. `sha256` is hexadecimal."""

    project_id: str
    id: str
    sha256: str
    content_type: str
    content_length: int
    created_at: datetime
    uploaded_at: datetime | None = None


def get(session: Session, project_id: str, media_id: str) -> StoredMedia | None:
    """The file of this project with that id."""
    row = session.get(MediaRow, (project_id, media_id))
    return StoredMedia(**{name: getattr(row, name) for name in StoredMedia.__struct_fields__}) if row else None


def put(session: Session, stored: StoredMedia) -> None:
    """Keep what is known of a file, in place of what was."""
    session.merge(MediaRow(**{name: getattr(stored, name) for name in StoredMedia.__struct_fields__}))
    session.flush()


def remove(session: Session, project_id: str, media_id: str = "") -> int:
    """Forget a file, or all of a project; how many there were."""
    mine = [MediaRow.project_id == project_id] + ([MediaRow.id == media_id] if media_id else [])
    known = session.scalar(select(func.count()).select_from(MediaRow).where(*mine)) or 0
    session.execute(delete(MediaRow).where(*mine))
    return known
