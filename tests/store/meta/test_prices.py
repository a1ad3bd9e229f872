"""Overrides and updates are kept, replaced and forgotten; whoever looks at the stamp knows of it."""

from datetime import UTC, datetime, timedelta

import msgspec

from farthing.store.meta import prices, projects
from farthing.store.meta.database import Database
from farthing.store.meta.prices import StoredOverride, StoredUpdate
from farthing.store.meta.projects import Project

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)


def override(name: str, project_id: str | None = None) -> StoredOverride:
    return StoredOverride(name, project_id, '{"usd":"0.1"}', NOW, NOW)


def test_an_override_is_everybodys_or_a_projects(database: Database) -> None:
    with database.write() as transaction:
        for name in ("ours", "theirs"):
            projects.insert(transaction, Project(name, name, NOW))
        for stored in (override("a"), override("b", "ours"), override("c", "theirs")):
            prices.put(transaction, stored)
    with database.read() as transaction:
        assert [o.id for o in prices.overrides(transaction)] == ["a", "b", "c"]
        assert [o.id for o in prices.overrides(transaction, "ours")] == ["a", "b"]
        assert prices.override(transaction, "c") == override("c", "theirs")
        assert prices.override(transaction, "d") is None


def test_the_stamp_tells_every_change(database: Database) -> None:
    seen: list[str] = []

    def look() -> None:
        with database.read() as transaction:
            seen.append(prices.stamp(transaction))

    look()
    later = msgspec.structs.replace(override("a"), document="{}", updated_at=NOW + timedelta(microseconds=1))
    for stored in (override("a"), later, override("b")):
        with database.write() as transaction:
            prices.put(transaction, stored)
        look()
    with database.write() as transaction:
        assert prices.override(transaction, "a") == later
        prices.remove(transaction, ["a", "unknown"])
    look()
    with database.write() as transaction:
        prices.go_live(transaction, StoredUpdate("u1", "a file", b"[]", "[]", NOW))
    look()
    assert len(set(seen)) == len(seen)


def test_one_update_is_live(database: Database) -> None:
    with database.write() as transaction:
        assert prices.live_update(transaction) is None
        prices.go_live(transaction, StoredUpdate("u1", "a file", b"[1]", "[]", NOW))
        second = StoredUpdate("u2", "another", b"[2]", '["held"]', NOW)
        prices.go_live(transaction, second)
    with database.read() as transaction:
        assert prices.live_update(transaction) == second
