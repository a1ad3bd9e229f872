"""Facts are kept under their names."""

from farthing.store.meta import facts
from farthing.store.meta.database import Database


def test_a_fact_is_kept_replaced_and_forgotten(database: Database) -> None:
    with database.write() as transaction:
        assert facts.get(transaction, "a") is None
        facts.put(transaction, "a", "1")
        facts.put(transaction, "b", "")
        facts.put(transaction, "a", "ü" * 10_000)
    with database.write() as transaction:
        assert facts.get(transaction, "a") == "ü" * 10_000
        assert facts.get(transaction, "b") == ""
        facts.remove(transaction, "a")
        assert facts.get(transaction, "a") is None


def test_a_fact_is_swapped_only_for_the_one_that_was_seen(database: Database) -> None:
    with database.write() as transaction:
        assert facts.swap(transaction, "a", None, "1")
        assert not facts.swap(transaction, "a", None, "2")
        assert not facts.swap(transaction, "a", "2", "3")
        assert facts.swap(transaction, "a", "1", "3")
        assert not facts.swap(transaction, "a", "1", None)
        assert facts.get(transaction, "a") == "3"
        assert facts.swap(transaction, "a", "3", None)
        assert facts.get(transaction, "a") is None
