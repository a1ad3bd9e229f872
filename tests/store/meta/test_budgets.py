"""Budgets are kept, replaced and forgotten, each in its project; whoever looks at the stamp knows of it."""

from datetime import UTC, datetime, timedelta

import msgspec

from farthing.store.meta import budgets, projects
from farthing.store.meta.budgets import StoredBudget
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_a_budget_is_kept_replaced_and_forgotten(database: Database) -> None:
    stored = [StoredBudget(name, "shop", "{}", NOW, NOW) for name in ("b", "a")]
    with database.write() as session:
        for project in ("shop", "other"):
            projects.insert(session, Project(project, project, NOW))
        for one in stored:
            budgets.put(session, one)
    with database.read() as session:
        assert [one.id for one in budgets.listing(session)] == ["a", "b"]
        assert budgets.get(session, "shop", "a") == stored[1]
        assert budgets.get(session, "other", "a") is None
        assert (budgets.count(session, "shop"), budgets.count(session, "other")) == (2, 0)
    later = msgspec.structs.replace(stored[0], document='{"x":1}', updated_at=NOW + timedelta(microseconds=1))
    with database.write() as session:
        budgets.put(session, later)
        budgets.remove(session, "a")
        budgets.remove(session, "never-was")
    with database.read() as session:
        assert budgets.listing(session) == [later]


def test_the_stamp_tells_every_change(database: Database) -> None:
    seen: list[str] = []
    with database.write() as session:
        projects.insert(session, Project("shop", "shop", NOW))
        seen.append(budgets.stamp(session))
        budgets.put(session, StoredBudget("a", "shop", "{}", NOW, NOW))
        seen.append(budgets.stamp(session))
        budgets.remove(session, "a")
        seen.append(budgets.stamp(session))
    assert len(set(seen)) == 3
