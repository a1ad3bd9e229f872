"""Projects made and renamed in; projects, and a record of each change, out."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from farthing.access.identity import Identity
from farthing.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from farthing.store.meta import audit, projects
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.projects import Project

LONGEST_NAME = 200
MOST = 1_000


class Projects:
    """All projects of a server. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """`clock` answers an aware moment."""
        self._database = database
        self._clock = clock

    def seen_by(self, who: Identity) -> list[Project]:
        """Those they may look at: all, for the organisation's admins; else the one they are in."""
        with self._database.read() as session:
            found = projects.listing(session)
        return [one for one in found if who.is_of_organisation or one.id == who.project_id]

    def create(self, who: Identity, project_id: str, name: str) -> Project:
        """Add one. Raises `ForbiddenError`, `BadRequestError`, `ConflictError`."""
        _require_organisation(who)
        made = Project(project_id, _checked(name), self._clock())
        with self._database.exclusive() as session:
            found = projects.listing(session)
            if any(one.id == project_id for one in found):
                msg = f"There is a project {project_id!r} already. Choose another id."
                raise ConflictError(msg)
            if len(found) >= MOST:
                msg = f"There are {MOST} projects already."
                raise ConflictError(msg)
            projects.insert(session, made)
            self._note(session, who, "created", None, made)
        return made

    def rename(self, who: Identity, project_id: str, name: str) -> Project:
        """Give one another name. Raises `ForbiddenError`, `BadRequestError`, `NotFoundError`."""
        if project_id != who.project_id:
            _require_organisation(who)
        with self._database.write() as session:
            before = projects.get(session, project_id)
            if before is None:
                msg = f"There is no project {project_id[:64]!r}."
                raise NotFoundError(msg)
            after = msgspec.structs.replace(before, name=_checked(name))
            projects.rename(session, project_id, after.name)
            self._note(session, who, "renamed", before, after)
        return after

    def _note(self, session: Transaction, who: Identity, action: str, before: Project | None, after: Project) -> None:
        was = None if before is None else msgspec.json.encode(before).decode()
        now = msgspec.json.encode(after).decode()
        actor = who.key_id if who.key_id.startswith("user:") else f"key {who.key_id}"
        audit.record(session, Entry(self._clock(), actor, action, f"project:{after.id}", after.id, was, now))


def _checked(name: str) -> str:
    told = name.strip()
    if not 0 < len(told) <= LONGEST_NAME:
        msg = f"name: 1 to {LONGEST_NAME} characters."
        raise BadRequestError(msg)
    return told


def _require_organisation(who: Identity) -> None:
    if not who.is_of_organisation:
        msg = "Only admins of the organisation, which are those of its first project, do this to another project."
        raise ForbiddenError(msg)
