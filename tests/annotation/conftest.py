"""A migrated database with two projects, and who asks in them."""

from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from farthing.access.identity import Identity, Scope
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
WHO = Identity("ours", "k1", frozenset({Scope.INGEST}))
OTHERS = Identity("theirs", "k2", frozenset({Scope.ADMIN}))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Generator[Database]:
    """Shared by a file's tests."""
    opened = Database.open(f"sqlite:///{tmp_path_factory.mktemp('annotation')}/meta.db")
    opened.migrate()
    with opened.write() as session:
        for name in ("ours", "theirs"):
            projects.insert(session, Project(name, name, NOW))
    yield opened
    opened.close()
