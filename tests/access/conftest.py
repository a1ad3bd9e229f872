"""A clock to be moved by hand, and keys in a database with two projects."""

from collections.abc import Generator

import pytest
from standing_clock import StandingClock

from farthing.access.keys import Keys
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as always, in less time: how dear it is has a test of its own."""
    monkeypatch.setattr("farthing.access.passwords._COST", 2**6)


@pytest.fixture
def clock() -> StandingClock:
    """A clock to be moved by hand."""
    return StandingClock()


@pytest.fixture
def database(meta_url: str) -> Generator[Database]:
    """An empty database with the schema."""
    opened = Database.open(meta_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def keys(database: Database, clock: StandingClock) -> Generator[Keys]:
    """The keys of the projects `a` and `b`, none so far."""
    with database.write() as transaction:
        projects.insert(transaction, Project("a", "A", clock.now))
        projects.insert(transaction, Project("b", "B", clock.now))
    made = Keys(database, clock)
    yield made
    made.close()
