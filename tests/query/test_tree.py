"""Spans whose parents are told, missing, themselves or each other in; every one is drawn once, with sums that add up."""

import random

import hypothesis
from hypothesis import strategies as st

from farthing.query.tree import Node, Placed, Sums, grow


def key(number: int) -> bytes:
    return number.to_bytes(8, "big")


def node(number: int, parent: int | None, start: int = 0, end: int = 100) -> Node:
    return Node(key(number), b"" if parent is None else key(parent), start, end)


def drawn(nodes: list[Node]) -> list[tuple[int, int, bool]]:
    """Span, depth and whether it is an orphan, in drawing order."""
    placed = grow(nodes, {})
    return [(int.from_bytes(nodes[one.index].span_id, "big"), one.depth, one.orphan) for one in placed]


def test_each_span_stands_right_before_those_below_it_siblings_by_start() -> None:
    nodes = [node(4, 2, 7), node(3, 1, 5), node(1, None), node(2, 1, 5), node(5, 1, 4)]
    assert drawn(nodes) == [(1, 0, False), (5, 1, False), (2, 1, False), (4, 2, False), (3, 1, False)]


def test_a_child_that_began_before_its_parent_or_took_no_time_stays_below_it() -> None:
    assert drawn([node(1, None, 50), node(2, 1, 10, 10), node(3, 2, 5, 5)]) == [
        (1, 0, False),
        (2, 1, False),
        (3, 2, False),
    ]


def test_orphans_go_below_the_latest_root_of_their_time_with_all_below_them() -> None:
    nodes = [
        node(1, None, 0, 50),
        node(2, None, 10, 20),
        node(3, 99, 15),
        node(4, 3, 16),
        node(5, 98, 30),
        node(6, 97, 51),
    ]
    assert drawn(nodes) == [
        (1, 0, False),
        (5, 1, True),
        (2, 0, False),
        (3, 1, True),
        (4, 2, False),
        (6, 0, True),
    ]


def test_rings_are_opened_at_their_earliest_span() -> None:
    ring = [node(1, 3, 7), node(2, 1, 5), node(3, 2, 6), node(4, 1, 1), node(5, 5, 2)]
    assert drawn(ring) == [(5, 0, True), (2, 0, True), (3, 1, False), (1, 2, False), (4, 3, False)]
    assert drawn([node(9, None, 0), *ring])[1:] == [
        (5, 1, True),
        (2, 1, True),
        (3, 2, False),
        (1, 3, False),
        (4, 4, False),
    ]


def test_what_nobody_told_stays_unknown_and_what_somebody_told_is_added() -> None:
    nodes = [node(1, None), node(2, 1), node(3, 1), node(4, 1)]
    unpriced = Sums(calls=1, unpriced_calls=1, input_tokens=7)
    own = {key(2): unpriced, key(3): Sums(calls=1, cost=5, errors=1, input_tokens=3, output_tokens=2)}
    root, second, third, fourth = grow(nodes, own)
    assert (root.own, fourth.own, fourth.subtree) == (None, None, None)
    assert second.subtree
    assert second.subtree == unpriced
    assert second.subtree.shape()["cost_usd"] is None
    assert third.subtree == third.own
    assert root.subtree == Sums(2, 1, 5, 1, 0, 10, 2)
    assert unpriced == Sums(calls=1, unpriced_calls=1, input_tokens=7)


def test_a_trace_may_be_as_deep_as_it_has_spans() -> None:
    deep = [node(number, number - 1 if number > 1 else None) for number in range(1, 50_001)]
    placed = grow(deep, {key(50_000): Sums(calls=1, cost=1)})
    assert (placed[-1].depth, placed[0].descendants, placed[0].subtree) == (49_999, 49_999, Sums(calls=1, cost=1))


@st.composite
def traces(draw: st.DrawFn) -> list[Node]:
    size = draw(st.integers(1, 12))
    parents = st.one_of(st.none(), st.integers(1, size + 2))
    times = st.integers(0, 9)
    return [node(number, draw(parents), start := draw(times), start + draw(times)) for number in range(1, size + 1)]


@hypothesis.given(traces(), st.randoms(use_true_random=False))
def test_whatever_the_parents_every_span_is_drawn_once_and_sums_add_up(nodes: list[Node], luck: random.Random) -> None:
    own = {one.span_id: Sums(calls=1, cost=10**at) for at, one in enumerate(nodes)}
    placed = grow(nodes, own)
    assert sorted(one.index for one in placed) == list(range(len(nodes)))
    for at, one in enumerate(placed):
        _check_below(placed, at, one)
    assert sum((one.subtree.cost or 0) for one in placed if one.subtree and one.under is None) == sum(
        10**at for at in range(len(nodes))
    )
    mixed = luck.sample(nodes, len(nodes))
    again = grow(mixed, own)
    assert [mixed[one.index] for one in again] == [nodes[one.index] for one in placed]


def _check_below(placed: list[Placed], at: int, one: Placed) -> None:
    below = placed[at + 1 : at + 1 + one.descendants]
    assert all(other.depth > one.depth for other in below)
    after = placed[at + 1 + one.descendants : at + 2 + one.descendants]
    assert all(other.depth <= one.depth for other in after)
    assert sum(other.under == one.index for other in below) == one.children
    assert one.subtree
    assert one.own
    assert one.subtree.cost == (one.own.cost or 0) + sum((other.own.cost or 0) for other in below if other.own)
