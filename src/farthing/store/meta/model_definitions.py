"""Transactions in; models' prices by name, as the documents they are kept as, out."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from farthing.store.meta.annotation_tables import ModelDefinitionRow


class StoredDefinition(msgspec.Struct, frozen=True):
    """A definition: `document` is its JSON."""

    id: str
    project_id: str
    document: str
    created_at: datetime
    updated_at: datetime


def listing(session: Session, project_id: str) -> list[StoredDefinition]:
    """All of a project, the newest first."""
    mine = select(ModelDefinitionRow).where(ModelDefinitionRow.project_id == project_id)
    return [_stored(row) for row in session.scalars(mine.order_by(ModelDefinitionRow.created_at.desc()))]


def get(session: Session, project_id: str, definition_id: str) -> StoredDefinition | None:
    """This project's with that id."""
    row = session.get(ModelDefinitionRow, definition_id)
    return _stored(row) if row and row.project_id == project_id else None


def put(session: Session, stored: StoredDefinition) -> None:
    """Keep one, in place of the one with its id."""
    session.merge(ModelDefinitionRow(**{name: getattr(stored, name) for name in StoredDefinition.__struct_fields__}))
    session.flush()


def remove(session: Session, definition_id: str) -> None:
    """Forget one."""
    row = session.get(ModelDefinitionRow, definition_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _stored(row: ModelDefinitionRow) -> StoredDefinition:
    return StoredDefinition(**{name: getattr(row, name) for name in StoredDefinition.__struct_fields__})
