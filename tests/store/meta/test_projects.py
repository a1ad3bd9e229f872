"""Projects come back as they went in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from farthing import errors
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

NOW = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_project_comes_back_as_it_went_in(database: Database) -> None:
    acme = Project("acme", "Acme & Söhne", NOW, {"retention_days": 90})
    with database.write() as transaction:
        projects.insert(transaction, acme)
        projects.insert(transaction, Project("b", "B", NOW - timedelta(days=1)))
    with database.read() as transaction:
        assert projects.get(transaction, "acme") == acme
        assert projects.get(transaction, "nobody") is None
        assert [project.id for project in projects.listing(transaction)] == ["b", "acme"]


def test_a_moment_is_kept_in_utc_whatever_its_zone(database: Database) -> None:
    here = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.write() as transaction:
        projects.insert(transaction, Project("a", "A", here))
    with database.read() as transaction:
        project = projects.get(transaction, "a")
    assert project is not None
    assert project.created_at == NOW
    assert project.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("wrong", ["", "A", "a b", "-a", "a-", "a/b", "ä", "a" * 65, "a\n"])
def test_an_id_that_is_no_short_name_is_refused(database: Database, wrong: str) -> None:
    with pytest.raises(errors.BadRequestError, match="is no project id"), database.write() as transaction:
        projects.insert(transaction, Project(wrong, "A", NOW))


def test_the_same_id_twice_is_a_conflict(database: Database) -> None:
    with database.write() as transaction:
        projects.insert(transaction, Project("a", "A", NOW))
    with pytest.raises(errors.ConflictError), database.write() as transaction:
        projects.insert(transaction, Project("a", "B", NOW))
