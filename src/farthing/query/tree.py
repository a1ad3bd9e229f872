"""A trace's spans in any state in, a tree that a page can draw at once out: in drawing order, each with depth and sums.

Nothing here recurses or looks a list through for each span: a trace may be 50,000 spans deep, or wide.
"""

from collections.abc import Mapping, Sequence

import msgspec

from farthing.model import money
from farthing.model.call import CUT_OFF
from farthing.query.shapes import Json, Row

_TOKENS = ("input_tokens", "output_tokens", "cached_input_tokens")


class Node(msgspec.Struct, frozen=True, gc=False):
    """What the tree is made of. `parent` is b"" where the span says that it is a root."""

    span_id: bytes
    parent: bytes
    start_ns: int
    end_ns: int


class Sums(msgspec.Struct, gc=False):
    """Sums over calls that own their tokens; None where nobody told. Money in units of 10^-24 dollars."""

    calls: int = 0
    errors: int = 0
    cost: int | None = None
    unpriced_calls: int = 0
    unknown_usage_calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None

    def add(self, other: "Sums") -> None:
        """Take another's calls in."""
        self.calls += other.calls
        self.errors += other.errors
        self.unpriced_calls += other.unpriced_calls
        self.unknown_usage_calls += other.unknown_usage_calls
        self.cost = _plus(self.cost, other.cost)
        self.input_tokens = _plus(self.input_tokens, other.input_tokens)
        self.output_tokens = _plus(self.output_tokens, other.output_tokens)
        self.cached_input_tokens = _plus(self.cached_input_tokens, other.cached_input_tokens)

    def shape(self) -> Json:
        """As the API tells them."""
        return {
            "cost_usd": None if self.cost is None else money.to_text(self.cost),
            "calls": self.calls,
            "errors": self.errors,
            "unpriced_calls": self.unpriced_calls,
            "unknown_usage_calls": self.unknown_usage_calls,
            **{name: getattr(self, name) for name in _TOKENS},
        }


class Placed(msgspec.Struct, frozen=True, gc=False):
    """Where a span is drawn: `index` is its place among the nodes given, `under` that of the span above it.

    `orphan`: its parent never arrived, or would be its own descendant. `own` is None where the span owns no call,
    `subtree` where neither it nor any span below it does.
    """

    index: int
    under: int | None
    depth: int
    orphan: bool
    children: int
    descendants: int
    own: Sums | None
    subtree: Sums | None


def sums_of(row: Row) -> Sums:
    """The sums over one row of `calls`."""
    cost = row["cost"]
    return Sums(
        calls=1,
        errors=int(row["status"] == "error"),
        cost=None if cost is None else money.to_units(cost),
        unpriced_calls=int(row["cost_status"] == "unpriced"),
        unknown_usage_calls=int(
            row["cost_status"] == "unknown" and (row["status"] == "ok" or row["error_type"] in CUT_OFF)
        ),
        **{name: row[name] for name in _TOKENS},
    )


def grow(nodes: Sequence[Node], own: Mapping[bytes, Sums]) -> list[Placed]:
    """All nodes, each right before those below it, siblings by their start. `own` is by span id; ids are unique."""
    under, orphans = _parents(nodes)
    below: list[list[int]] = [[] for _ in nodes]
    roots: list[int] = []
    starts = [(node.start_ns, node.span_id) for node in nodes]
    for index in sorted(range(len(nodes)), key=starts.__getitem__):
        parent = under[index]
        (roots if parent is None else below[parent]).append(index)
    order, depth = _in_order(roots, below)
    descendants = [0] * len(nodes)
    subtree: dict[int, Sums] = {}
    for index in reversed(order):
        mine = own.get(nodes[index].span_id)
        if mine is not None:
            subtree.setdefault(index, Sums()).add(mine)
        parent = under[index]
        if parent is not None:
            descendants[parent] += descendants[index] + 1
            if index in subtree:
                subtree.setdefault(parent, Sums()).add(subtree[index])
    return [
        Placed(
            index,
            under[index],
            depth[index],
            index in orphans,
            len(below[index]),
            descendants[index],
            own.get(nodes[index].span_id),
            subtree.get(index),
        )
        for index in order
    ]


def _in_order(roots: Sequence[int], below: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    order: list[int] = []
    depth = [0] * len(below)
    waiting = list(reversed(roots))
    while waiting:
        index = waiting.pop()
        order.append(index)
        if below[index]:
            for child in below[index]:
                depth[child] = depth[index] + 1
            waiting.extend(reversed(below[index]))
    return order, depth


def _parents(nodes: Sequence[Node]) -> tuple[list[int | None], set[int]]:
    """Whom each node is drawn under, and which nodes are orphans."""
    at = {node.span_id: index for index, node in enumerate(nodes)}
    under = [at.get(node.parent) if node.parent else None for node in nodes]
    orphans = {index for index, node in enumerate(nodes) if node.parent and under[index] is None}
    for index in _cuts(nodes, under):
        under[index] = None
        orphans.add(index)
    roots = [index for index, node in enumerate(nodes) if not node.parent]
    for index, root in _adopted(nodes, roots, orphans):
        under[index] = root
    return under, orphans


def _cuts(nodes: Sequence[Node], under: Sequence[int | None]) -> list[int]:
    """Of every ring of spans that are each other's parents the earliest one: there the ring is opened."""
    unseen, on_way, done = 0, 1, 2
    state = [unseen] * len(nodes)
    cuts: list[int] = []
    for index in range(len(nodes)):
        way: list[int] = []
        at: int | None = index
        while at is not None and state[at] == unseen:
            state[at] = on_way
            way.append(at)
            at = under[at]
        if at is not None and state[at] == on_way:
            ring = way[way.index(at) :]
            cuts.append(min(ring, key=lambda i: (nodes[i].start_ns, nodes[i].span_id)))
        for passed in way:
            state[passed] = done
    return cuts


def _adopted(nodes: Sequence[Node], roots: Sequence[int], orphans: set[int]) -> list[tuple[int, int]]:
    """Orphans that began while a root lasted, each with that root, the latest if there are several."""

    def start(index: int) -> tuple[int, bytes]:
        return nodes[index].start_ns, nodes[index].span_id

    found: list[tuple[int, int]] = []
    coming = sorted(roots, key=start, reverse=True)
    lasting: list[int] = []
    for index in sorted(orphans, key=start):
        now = nodes[index].start_ns
        while coming and nodes[coming[-1]].start_ns <= now:
            lasting.append(coming.pop())
        # What has ended before now has ended before all that follow, too.
        while lasting and nodes[lasting[-1]].end_ns < now:
            lasting.pop()
        if lasting:
            found.append((index, lasting[-1]))
    return found


def _plus(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
