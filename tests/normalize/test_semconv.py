"""Usage that is told plainly is read the short way: the same usage as the general way makes of the same attributes."""

from hypothesis import given
from hypothesis import strategies as st

from farthing.normalize import semconv, usage

COUNTS = st.one_of(
    st.none(),
    st.sampled_from([0, 1, 5, 9, 14, 2**53, 2**53 + 1, -1, True, 5.0, 1.5, "5", "x", "14"]),
    st.integers(0, 20),
)
TOLD = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("input", "output", "cache_read", "cache_write", "reasoning", "total", "provider"), COUNTS),
)


@given(TOLD, st.sampled_from(["chat", "embeddings"]), st.booleans())
def test_plain_usage_is_the_same_either_way(told: dict[str, object], operation: str, inclusive: bool) -> None:
    counts = semconv.counts(told, operation)
    general = usage.MISSING if counts is None else usage.settle(counts, input_includes_cache=inclusive)
    read = semconv.usage_of(told, operation, input_includes_cache=inclusive)
    assert read == general
    assert list(read.buckets) == list(general.buckets)
