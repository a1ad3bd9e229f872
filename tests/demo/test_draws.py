"""Chance that is the same everywhere: tables, shares, ids."""

from hypothesis import given
from hypothesis import strategies as st

from farthing.demo.draws import FINE, TABLE, Dice, lognormal, shares, weighted


def test_the_same_seed_throws_the_same() -> None:
    one, other = Dice("seed"), Dice("seed")
    assert [one.bits(60), one.below(7), one.trace_id(), one.span_id(), one.names(22)()] == [
        other.bits(60),
        other.below(7),
        other.trace_id(),
        other.span_id(),
        other.names(22)(),
    ]


def test_ids_and_names_never_run_out_or_repeat() -> None:
    dice = Dice("ids")
    name = dice.names(29)
    assert len({dice.trace_id() for _ in range(5000)}) == 5000
    assert len({dice.span_id() for _ in range(5000)}) == 5000
    names = {name() for _ in range(5000)}
    assert len(names) == 5000
    assert all(len(one) == 29 and one.isalnum() for one in names)


def test_a_lognormal_table_has_its_median() -> None:
    table = lognormal(800, 0.5)
    assert len(table) == FINE
    assert 799 <= table[FINE // 2] <= 801
    assert list(table) == sorted(table)
    assert min(lognormal(1, 2.0)) == 1


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=50), st.integers(0, 10**9))
def test_shares_add_up_and_are_fair(weights: list[int], whole: int) -> None:
    parts = shares(weights, whole)
    assert sum(parts) == whole
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - whole * weight / sum(weights)) <= 1


def test_a_weighted_table_is_full() -> None:
    table = weighted({"a": 3, "b": 1})
    assert len(table) == TABLE
    assert table.count("a") == 768
