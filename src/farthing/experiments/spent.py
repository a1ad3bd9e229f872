"""Cases in; what they cost, used and took, with what isn't known told apart, out. Money is added exactly."""

from collections.abc import Iterable, Sequence

import msgspec

from farthing.experiments.case import Case


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


def spent(cases: Sequence[Case]) -> Spent:
    """What the cases took."""
    took = sorted(case.latency_ms for case in cases if case.latency_ms is not None)
    p50, p95 = (None, None) if not took else (_quantile(took, share) for share in (0.5, 0.95))
    costs = [case.cost for case in cases if case.cost is not None]
    return Spent(
        cases=len(cases),
        errors=sum(1 for case in cases if case.error),
        cost=sum(costs) if costs else None,
        unknown_costs=len(cases) - len(costs),
        input_tokens=_sum(case.input_tokens for case in cases),
        output_tokens=_sum(case.output_tokens for case in cases),
        unknown_tokens=sum(1 for case in cases if case.input_tokens is None or case.output_tokens is None),
        latency_p50_ms=p50,
        latency_p95_ms=p95,
    )


def cost_change(base: Sequence[Case | None], other: Sequence[Case | None]) -> CostChange:
    """What the same items cost in both: cases are given item by item."""
    pairs = [
        (one.cost, two.cost)
        for one, two in zip(base, other, strict=True)
        if one is not None and two is not None and one.cost is not None and two.cost is not None
    ]
    if not pairs:
        return CostChange(0, None, None)
    return CostChange(len(pairs), sum(one for one, _ in pairs), sum(two for _, two in pairs))


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _quantile(took: Sequence[int], share: float) -> int:
    """Between the two nearest in rank, as NumPy's."""
    at = (len(took) - 1) * share
    low = int(at)
    high = min(low + 1, len(took) - 1)
    return round(took[low] + (took[high] - took[low]) * (at - low))
