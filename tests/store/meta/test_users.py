"""Users are found by name or email, and a sign-in token works once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from farthing.store.meta import users
from farthing.store.meta.database import Database
from farthing.store.meta.users import User

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = User("user_1", "ada", NOW, "ada@example.org")
BOB = User("user_2", "ada@example.org", NOW - DAY)


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    """Ada, and Bob who calls himself by her address."""
    with database.write() as transaction:
        users.insert(transaction, ADA)
        users.insert(transaction, BOB)


def test_a_user_is_found_by_email_first(database: Database) -> None:
    with database.read() as transaction:
        assert users.listing(transaction) == [BOB, ADA]
        assert users.by_login(transaction, "ada@example.org") == ADA
        assert users.by_login(transaction, "ada") == ADA
        assert users.by_login(transaction, "nobody") is None


def test_a_password_can_be_replaced(database: Database) -> None:
    with database.write() as transaction:
        users.set_password(transaction, "user_1", "hash")
    with database.read() as transaction:
        assert [user.password_hash for user in users.listing(transaction)] == [None, "hash"]


def test_a_token_works_once_and_in_time(database: Database) -> None:
    with database.write() as transaction:
        users.set_sign_in(transaction, "user_1", b"t" * 32, NOW + DAY)
        assert users.take_sign_in(transaction, b"u" * 32, NOW) is None
        assert users.take_sign_in(transaction, b"t" * 32, NOW + DAY) is None
        assert users.take_sign_in(transaction, b"t" * 32, NOW) == ADA
        assert users.take_sign_in(transaction, b"t" * 32, NOW) is None


def test_of_many_that_come_with_one_token_one_gets_in(database: Database) -> None:
    with database.write() as transaction:
        users.set_sign_in(transaction, "user_1", b"t" * 32, NOW + DAY)

    def take(_: int) -> User | None:
        with database.write() as transaction:
            return users.take_sign_in(transaction, b"t" * 32, NOW)

    with ThreadPoolExecutor(8) as threads:
        got = [user for user in threads.map(take, range(8)) if user]
    assert got == [ADA]
