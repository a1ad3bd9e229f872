"""What a project may post in a month: granted until it is spent, given back, counted anew next month, changed and audited."""

from datetime import UTC, datetime

import pytest
from standing_clock import StandingClock

from farthing.access.allowances import SELF_HOSTED, Allowances, month_of
from farthing.access.keys import Keys
from farthing.access.minting import Wanted
from farthing.errors import BadRequestError, NotFoundError
from farthing.store.meta.database import Database
from farthing.store.meta.ingest_limits import IngestLimit


@pytest.fixture
def asked() -> list[tuple[str, int]]:
    """What the store was asked."""
    return []


@pytest.fixture
def allowances(database: Database, keys: Keys, clock: StandingClock, asked: list[tuple[str, int]]) -> Allowances:
    """Of a store that holds 7 calls of each project. `keys` makes the projects."""
    assert keys.of("a") == []

    def count(project_id: str, since_us: int) -> int:
        asked.append((project_id, since_us))
        return 7

    return Allowances(database, count, clock)


def test_without_a_limit_all_are_granted_and_counted_once(allowances: Allowances, asked: list[tuple[str, int]]) -> None:
    granted, standing = allowances.reserve("a", 5)
    assert (granted, standing.used, standing.remaining, standing.is_spent) == (5, 12, None, False)
    assert standing.plan == SELF_HOSTED
    allowances.reserve("a", 1)
    assert allowances.standing("a").used == 13
    assert asked == [("a", int(standing.period_start.timestamp()) * 1_000_000)]


def test_what_is_left_is_granted_and_given_back(allowances: Allowances) -> None:
    allowances.change("me", IngestLimit("a", plan="team", requests=10))
    granted, standing = allowances.reserve("a", 5)
    assert (granted, standing.plan, standing.remaining, standing.is_spent) == (3, "team", 0, True)
    assert allowances.reserve("a", 1)[0] == 0
    allowances.release("a", 2)
    assert allowances.reserve("a", 5)[0] == 2
    assert allowances.reserve("b", 5)[0] == 5


def test_next_month_is_counted_anew(allowances: Allowances, clock: StandingClock, asked: list[tuple[str, int]]) -> None:
    first = allowances.standing("a")
    clock.now = first.period_end
    assert allowances.standing("a").period_start == first.period_end
    assert len(asked) == 2


def test_a_keys_rate_comes_before_its_projects(allowances: Allowances, keys: Keys) -> None:
    key = keys.create(Wanted("a", "k", frozenset({"ingest"}))).key.id
    assert allowances.per_minute("a", key) is None
    allowances.change("me", IngestLimit("a", per_minute=60))
    allowances.change("me", IngestLimit("a", key, per_minute=6))
    assert [allowances.per_minute(*of) for of in (("a", key), ("a", "other"), ("b", key))] == [6, 60, None]
    assert len(allowances.limits_of("a")) == 2
    for project, named in (("b", key), ("a", "key_none")):
        with pytest.raises(NotFoundError, match=named):
            allowances.change("me", IngestLimit(project, named, per_minute=1))
    allowances.change("me", IngestLimit("a", key))
    assert allowances.per_minute("a", key) == 60


def test_what_was_agreed_for_a_key_holds_for_its_successor(allowances: Allowances, keys: Keys) -> None:
    first, other = (keys.create(Wanted("a", "k", frozenset({"ingest"}))).key.id for _ in range(2))
    allowances.change("me", IngestLimit("a", first, per_minute=6))
    keys.rotate("a", other)
    second = keys.rotate("a", first).key.id
    assert {(one.key_id, one.per_minute) for one in allowances.limits_of("a")} == {(first, 6), (second, 6)}


def test_what_can_not_be_agreed_on(allowances: Allowances) -> None:
    with pytest.raises(BadRequestError, match="requests"):
        allowances.change("me", IngestLimit("a", requests=-1))
    with pytest.raises(BadRequestError, match="plan"):
        allowances.change("me", IngestLimit("a", plan="x" * 101))
    with pytest.raises(NotFoundError):
        allowances.change("me", IngestLimit("nowhere", requests=1))


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
