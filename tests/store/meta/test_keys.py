"""Keys come back as they went in, to their own project only."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from farthing import errors
from farthing.store.meta import keys, projects
from farthing.store.meta.database import Database
from farthing.store.meta.keys import Hashed, Key
from farthing.store.meta.projects import Project

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BEARER = Key("key_1", "a", "one", "fk_abcd", "bearer", frozenset({"read", "ingest"}), NOW)
PAIR = Key("key_2", "a", "two", "sk-lf-abcd", "pair", frozenset({"ingest"}), NOW, "pk-lf-1", "prod", NOW + MINUTE, None)


@pytest.fixture(autouse=True)
def project(database: Database) -> None:
    """Two projects and two keys of the first."""
    with database.write() as transaction:
        projects.insert(transaction, Project("a", "A", NOW))
        projects.insert(transaction, Project("b", "B", NOW))
        keys.insert(transaction, BEARER, b"1" * 32)
        keys.insert(transaction, PAIR, b"2" * 32)


def test_a_key_comes_back_as_it_went_in(database: Database) -> None:
    with database.read() as transaction:
        assert keys.by_hash(transaction, b"1" * 32) == Hashed(BEARER, b"1" * 32)
        assert keys.by_hash(transaction, b"3" * 32) is None
        assert keys.by_public_key(transaction, "pk-lf-1") == Hashed(PAIR, b"2" * 32)
        assert keys.by_public_key(transaction, "pk-lf-2") is None
        assert keys.listing(transaction, "a") == [BEARER, PAIR]


def test_another_project_finds_nothing(database: Database) -> None:
    with database.read() as transaction:
        assert keys.get(transaction, "a", "key_1") == BEARER
        assert keys.get(transaction, "b", "key_1") is None
        assert keys.listing(transaction, "b") == []


def test_a_key_of_no_project_is_refused(database: Database) -> None:
    stray = msgspec.structs.replace(BEARER, id="key_3", project_id="nowhere")
    with pytest.raises(errors.ConflictError), database.write() as transaction:
        keys.insert(transaction, stray, b"3" * 32)


@pytest.mark.parametrize(
    ("changed", "secret_hash"),
    [
        ({"id": "key_1"}, b"3" * 32),
        ({"id": "key_3"}, b"1" * 32),
        ({"id": "key_3", "kind": "pair"}, b"3" * 32),
        ({"id": "key_3", "kind": "pair", "public_key": "pk-lf-1"}, b"3" * 32),
        ({"id": "key_3", "public_key": "pk-lf-3"}, b"3" * 32),
        ({"id": "key_3", "kind": "other"}, b"3" * 32),
    ],
)
def test_the_database_itself_refuses_nonsense(database: Database, changed: dict[str, str], secret_hash: bytes) -> None:
    with pytest.raises(errors.ConflictError), database.write() as transaction:
        keys.insert(transaction, msgspec.structs.replace(BEARER, **changed), secret_hash)


def test_the_first_revocation_is_the_one_that_counts(database: Database) -> None:
    for at in (NOW, NOW + MINUTE):
        with database.write() as transaction:
            keys.set_revoked(transaction, "key_1", at)
    with database.read() as transaction:
        found = keys.get(transaction, "a", "key_1")
    assert found == msgspec.structs.replace(BEARER, revoked_at=NOW)


def test_an_expiry_can_be_moved(database: Database) -> None:
    with database.write() as transaction:
        keys.set_expiry(transaction, "key_1", NOW + MINUTE)
        found = keys.get(transaction, "a", "key_1", to_change=True)
    assert found is not None
    assert found.expires_at == NOW + MINUTE


def test_a_use_soon_after_another_is_not_written(database: Database) -> None:
    def use(after: timedelta) -> datetime | None:
        with database.write() as transaction:
            keys.set_used(transaction, {"key_1": NOW + after, "gone": NOW}, at_least_apart=MINUTE)
        with database.read() as transaction:
            found = keys.get(transaction, "a", "key_1")
        return found.last_used_at if found else None

    assert use(timedelta(0)) == NOW
    assert use(timedelta(seconds=59)) == NOW
    assert use(MINUTE) == NOW + MINUTE
    assert use(timedelta(0)) == NOW + MINUTE


def test_a_key_has_one_successor(database: Database) -> None:
    with database.write() as transaction:
        keys.insert(transaction, msgspec.structs.replace(BEARER, id="key_3", rotated_from="key_1"), b"3" * 32)
        newer = keys.successor(transaction, "key_1")
        assert newer is not None
        assert newer.id == "key_3"
        assert keys.successor(transaction, "key_3") is None
    with pytest.raises(errors.ConflictError), database.write() as transaction:
        keys.insert(transaction, msgspec.structs.replace(BEARER, id="key_4", rotated_from="key_1"), b"4" * 32)
