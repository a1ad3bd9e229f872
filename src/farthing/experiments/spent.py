"""Cases in; what they cost, used and took, with what isn't known told apart, out. Money is added exactly."""

from collections.abc import Sequence

import msgspec
import numpy as np

from farthing.experiments.table import UNKNOWN, Ints, Table


class Spent(msgspec.Struct, frozen=True):
    """What the cases of a run took."""

    cases: int
    errors: int
    cost: int | None
    """Of the cases whose cost is known; None: of none it is. Units of 10^-24 dollars."""
    unknown_costs: int
    input_tokens: int | None
    output_tokens: int | None
    unknown_tokens: int
    latency_p50_ms: int | None
    latency_p95_ms: int | None

    @property
    def known_costs(self) -> int:
        """How many cases `cost` is of."""
        return self.cases - self.unknown_costs

    @property
    def cost_per_case(self) -> int | None:
        """Cut off at 10^-24 dollars; None where nothing is known."""
        return None if self.cost is None else self.cost // self.known_costs


class CostChange(msgspec.Struct, frozen=True):
    """What the same cases cost in two runs: of those alone whose cost is known in both."""

    pairs: int
    base: int | None
    other: int | None

    @property
    def difference(self) -> int | None:
        """None where no case is known in both."""
        return None if self.base is None or self.other is None else self.other - self.base


def spent(table: Table, cases: Ints) -> Spent:
    """What these cases took."""
    took = table.latency_ms[cases]
    took = took[took != UNKNOWN]
    quantiles = [round(float(one)) for one in np.quantile(took, (0.5, 0.95))] if took.size else (None, None)
    numbers: list[int] = cases.tolist()
    costs = [cost for at in numbers if (cost := table.costs[at]) is not None]
    read, written = table.input_tokens[cases], table.output_tokens[cases]
    return Spent(
        cases=cases.size,
        errors=sum(1 for at in numbers if table.errors[at]),
        cost=sum(costs) if costs else None,
        unknown_costs=cases.size - len(costs),
        input_tokens=_sum(read),
        output_tokens=_sum(written),
        unknown_tokens=int(((read == UNKNOWN) | (written == UNKNOWN)).sum()),
        latency_p50_ms=quantiles[0],
        latency_p95_ms=quantiles[1],
    )


def cost_change(base: Sequence[int | None], other: Sequence[int | None]) -> CostChange:
    """What the same items cost in both: costs are given item by item."""
    pairs = [(one, two) for one, two in zip(base, other, strict=True) if one is not None and two is not None]
    if not pairs:
        return CostChange(0, None, None)
    return CostChange(len(pairs), sum(one for one, _ in pairs), sum(two for _, two in pairs))


def _sum(counts: Ints) -> int | None:
    known = counts[counts != UNKNOWN]
    return int(known.sum()) if known.size else None
