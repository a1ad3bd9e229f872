"""Transactions in, projects out."""

import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farthing import errors
from farthing.store.meta.tables import ProjectRow

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Project(msgspec.Struct, frozen=True):
    """A project; `id` is the short name that stands in addresses and rows."""

    id: str
    name: str
    created_at: datetime
    settings: dict[str, Any] = {}


def insert(session: Session, project: Project) -> None:
    """Add a project. Raises `BadRequestError` for an id that isn't a short name."""
    if not _ID.fullmatch(project.id):
        msg = f"{project.id!r} is no project id: 1 to 64 of a-z, 0-9 and -, with no - at either end."
        raise errors.BadRequestError(msg)
    session.add(ProjectRow(id=project.id, name=project.name, settings=project.settings, created_at=project.created_at))
    session.flush()


def rename(session: Session, project_id: str, name: str) -> None:
    """Give a project another name."""
    session.execute(update(ProjectRow).where(ProjectRow.id == project_id).values(name=name))


def get(session: Session, project_id: str) -> Project | None:
    """The project with this id."""
    row = session.get(ProjectRow, project_id)
    return _project(row) if row else None


def listing(session: Session) -> list[Project]:
    """All projects, oldest first."""
    return [_project(row) for row in session.scalars(select(ProjectRow).order_by(ProjectRow.created_at, ProjectRow.id))]


def _project(row: ProjectRow) -> Project:
    return Project(row.id, row.name, row.created_at, row.settings)
