"""Priced calls in; what they come to by moment and dimensions, added up from the ledger's lines by Python alone, out."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.call import PricedCall, Status
from farthing.model.ledger import CostStatus

DIMENSIONS = ("provider", "model", "feature", "environment", "status", "team")
MONEY = ("cost_usd", "input_cost_usd", "output_cost_usd")
COUNTS = ("input_tokens", "output_tokens", "cached_input_tokens")
MEASURES = ("calls", "errors", "unpriced_calls", "unknown_usage_calls", *MONEY, *COUNTS)

Values = tuple[str, ...]
Sums = list[int | None]
"""One for each of `MEASURES`; None where nobody told."""


class Truth(msgspec.Struct):
    """Sums for every step of time and every combination of dimensions that occurs."""

    step_s: int
    cells: dict[tuple[int, Values], Sums] = msgspec.field(default_factory=dict[tuple[int, Values], Sums])
    lines: Counter[str] = msgspec.field(default_factory=Counter[str])
    """Bucket → money of its lines."""
    calls: int = 0

    def add(self, priced: Iterable[PricedCall]) -> None:
        """Take in the calls that count."""
        for one in priced:
            call = one.call
            if call.owner is not None:
                continue
            attribution = call.attribution
            values = (
                *(call.provider, call.model, attribution.feature),
                *(attribution.environment, call.status.value, attribution.team),
            )
            at = call.start_ns // 10**9 // self.step_s * self.step_s
            held = self.cells.setdefault((at, values), [0, 0, 0, 0, *[None] * 6])
            _into(held, self._sums(one))
            self.calls += 1

    def _sums(self, one: PricedCall) -> Sums:
        call, cost, usage = one.call, one.cost, one.call.usage
        spent: list[int | None] = [None] * 3
        if cost.status in (CostStatus.COMPUTED, CostStatus.ESTIMATED):
            parts = [line.amount for line in cost.lines]
            spent = [sum(part for part in parts if part is not None), cost.input_amount, cost.output_amount]
            for line in cost.lines:
                self.lines[line.bucket] += line.amount or 0
        ok = call.status is Status.OK
        return [
            1,
            int(not ok),
            int(cost.status is CostStatus.UNPRICED),
            int(ok and cost.status is CostStatus.UNKNOWN),
            *spent,
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_tokens,
        ]


class Asked(msgspec.Struct, frozen=True):
    """A question as the truth understands it: which of `DIMENSIONS` make the groups, which values pass."""

    by: tuple[str, ...]
    only: Mapping[str, str]
    """Dimension → value, or `!value` for any other."""

    def key(self, values: Values) -> Values | None:
        """The group a combination belongs to; None when it does not pass."""
        has: dict[str, str] = dict(zip(DIMENSIONS, values, strict=True))
        for name, wanted in self.only.items():
            if (has[name] == wanted.removeprefix("!")) == wanted.startswith("!"):
                return None
        return tuple(has[name] for name in self.by)


def groups(truth: Truth, asked: Asked, start_s: int, end_s: int) -> dict[tuple[int, Values], Sums]:
    """The sums of each group at each step of the truth's own."""
    keys = {values: asked.key(values) for values in {values for _, values in truth.cells}}
    found: dict[tuple[int, Values], Sums] = {}
    for (at, values), sums in truth.cells.items():
        key = keys[values]
        if key is not None and start_s <= at < end_s:
            _into(found.setdefault((at, key), [0, 0, 0, 0, *[None] * 6]), sums)
    return found


def stepped(found: Mapping[tuple[int, Values], Sums], edges: Sequence[int]) -> dict[tuple[int, Values], Sums]:
    """The same at the given steps; at none, all is one."""
    out: dict[tuple[int, Values], Sums] = {}
    for (at, key), sums in found.items():
        edge = edges[bisect_right(edges, at) - 1] if edges else 0
        _into(out.setdefault((edge, key), [0, 0, 0, 0, *[None] * 6]), sums)
    return out


def regrouped(
    found: Mapping[tuple[int, Values], Sums], name: Callable[[Values], Values]
) -> dict[tuple[int, Values], Sums]:
    """The same with other names for the groups; those of one name are one."""
    out: dict[tuple[int, Values], Sums] = {}
    for (at, key), sums in found.items():
        _into(out.setdefault((at, name(key)), [0, 0, 0, 0, *[None] * 6]), sums)
    return out


def together(found: Mapping[tuple[int, Values], Sums]) -> Sums:
    """All of it as one; of nothing it is known that nothing was spent."""
    total: Sums = [0, 0, 0, 0, *[None] * 6]
    for sums in found.values():
        _into(total, sums)
    return total if found else [0] * len(MEASURES)


def told(sums: Sums) -> dict[str, Any]:
    """Sums as the API writes them."""
    return {
        name: money.to_text(value) if name in MONEY and value is not None else value
        for name, value in zip(MEASURES, sums, strict=True)
    }


def _into(held: Sums, more: Sums) -> None:
    for at, value in enumerate(more):
        if value is not None:
            held[at] = (held[at] or 0) + value
