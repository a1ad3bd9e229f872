"""Answers kept and asked for at told times; what is still there, out."""

from farthing.gateway.cache import LARGEST, Cache, Kept


def kept(size: int, at: float = 0.0) -> Kept:
    return Kept([], (b"x" * size,), "p", "a", "m", "m", ["stop"], "", at)


def test_an_answer_is_there_until_its_time_is_over() -> None:
    cache = Cache(1 << 20)
    cache.put(b"k", kept(10, at=100.0), 60)
    assert cache.get(b"k", 159.9) is not None
    assert cache.get(b"other", 100) is None
    assert cache.get(b"k", 160.0) is None
    assert cache.size == 0


def test_what_was_not_asked_for_longest_goes_first() -> None:
    cache = Cache(100_000)
    for number in range(4):
        cache.put(b"%d" % number, kept(24_000), 60)
    assert cache.get(b"1", 0) is not None
    assert cache.get(b"0", 0) is not None
    cache.put(b"4", kept(24_000), 60)
    assert [cache.get(b"%d" % number, 0) is not None for number in range(5)] == [True, True, False, True, True]
    cache.put(b"4", kept(10), 60)
    assert cache.size == 3 * 25_000 + 1_010


def test_what_is_too_large_is_not_kept() -> None:
    cache = Cache(10 * LARGEST)
    cache.put(b"k", kept(LARGEST), 60)
    assert cache.get(b"k", 0) is None
    none = Cache(0)
    none.put(b"k", kept(1), 60)
    assert (none.get(b"k", 0), none.size) == (None, 0)
