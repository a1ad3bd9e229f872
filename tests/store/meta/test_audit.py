"""The audit tells a project of its own changes and everybody's, the latest first."""

from datetime import UTC, datetime

from farthing.store.meta import audit
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_the_latest_change_comes_first_and_others_stay_theirs(database: Database) -> None:
    with database.write() as transaction:
        for number, project in enumerate(("p", "q", None, "p")):
            subject = "price_override:50%" if number == 3 else f"price_override:{number}"
            audit.record(
                transaction, Entry(NOW.replace(minute=number), "key k", "created", subject, project, None, "{}")
            )
    with database.read() as transaction:
        found = audit.listing(transaction, "p")
        assert [entry.at.minute for entry in found] == [3, 2, 0]
        assert [entry.at.minute for entry in audit.listing(transaction, "p", "price_override:50%")] == [3]
        assert len(audit.listing(transaction, "p", limit=1)) == 1
    assert (found[0].actor, found[0].before, found[0].after) == ("key k", None, "{}")
