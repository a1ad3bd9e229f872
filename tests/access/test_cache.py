"""What is remembered is bounded, short-lived, and forgotten on change."""

from datetime import UTC, datetime, timedelta

from farthing.access.cache import FindingCache, Refused, Verified
from farthing.access.identity import Identity, Scope

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = Verified(Identity("a", "key_1", frozenset({Scope.READ})), None)
BAD = Refused("no")


def token(n: int) -> tuple[str | None, bytes]:
    return None, n.to_bytes(32)


def test_a_finding_is_remembered_for_a_while() -> None:
    cache = FindingCache(lifetime=10 * SECOND)
    cache.put(token(1), GOOD, NOW, cache.generation)
    assert cache.get(token(1), NOW + 9 * SECOND) is GOOD
    assert cache.get(token(2), NOW) is None
    assert cache.get(token(1), NOW + 10 * SECOND) is None
    assert len(cache) == 0


def test_a_clock_set_back_ends_it_too() -> None:
    cache = FindingCache(lifetime=10 * SECOND)
    cache.put(token(1), GOOD, NOW, cache.generation)
    assert cache.get(token(1), NOW - timedelta(hours=1)) is None


def test_guessing_neither_grows_memory_nor_pushes_out_good_keys() -> None:
    cache = FindingCache(size=100)
    cache.put(token(0), GOOD, NOW, cache.generation)
    for n in range(1, 1000):
        cache.put(token(n), BAD, NOW, cache.generation)
    assert len(cache) == 101
    assert cache.get(token(0), NOW) is GOOD


def test_the_least_recently_asked_for_goes_first() -> None:
    cache = FindingCache(size=2)
    for n in (1, 2):
        cache.put(token(n), GOOD, NOW, cache.generation)
    cache.get(token(1), NOW)
    cache.put(token(3), GOOD, NOW, cache.generation)
    assert [cache.get(token(n), NOW) for n in (1, 2, 3)] == [GOOD, None, GOOD]


def test_a_finding_from_before_a_change_is_not_kept() -> None:
    cache = FindingCache()
    before = cache.generation
    cache.put(token(1), GOOD, NOW, before)
    cache.forget()
    assert cache.get(token(1), NOW) is None
    cache.put(token(1), GOOD, NOW, before)
    assert cache.get(token(1), NOW) is None
