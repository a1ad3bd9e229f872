"""What checks are made of: sums, speeds and the largest calls of groups, and whom to ask for them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from farthing.alerts.rule import Measure
from farthing.alerts.verdict import Group, Pairs, Unit
from farthing.model import money
from farthing.query.dimensions import Dimension
from farthing.query.filters import Filter

if TYPE_CHECKING:
    # numpy takes its time to be imported: only rules that need it should.
    from farthing.alerts.past import Known

RATIO = Decimal("0.000001")
"""Shares are told this exactly."""


class Where(msgspec.Struct, frozen=True):
    """Which calls of a project, and what their groups differ in."""

    project_id: str
    filters: tuple[Filter, ...] = ()
    by: tuple[Dimension, ...] = ()

    def pairs(self, group: Group) -> Pairs:
        """A group with the names of its dimensions."""
        return tuple((d.name, value or None) for d, value in zip(self.by, group, strict=True))

    def group(self, pairs: Pairs) -> Group | None:
        """The group that was told so; None when it is one of other dimensions."""
        if tuple(name for name, _ in pairs) != tuple(d.name for d in self.by):
            return None
        return tuple(value or "" for _, value in pairs)


class Sums(NamedTuple):
    """What calls of a group add up to: units of 10^-24 dollars and tokens, None where nobody knows of any of them."""

    calls: int = 0
    errors: int = 0
    unpriced_calls: int = 0
    unknown_usage_calls: int = 0
    cost: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None

    @property
    def leaves_out(self) -> tuple[int, int]:
        """The calls that are in no sum of money."""
        return self.unpriced_calls, self.unknown_usage_calls

    def plus(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(
            self.calls + other.calls,
            self.errors + other.errors,
            self.unpriced_calls + other.unpriced_calls,
            self.unknown_usage_calls + other.unknown_usage_calls,
            _both(self.cost, other.cost),
            _both(self.input_tokens, other.input_tokens),
            _both(self.output_tokens, other.output_tokens),
        )


NOTHING = Sums()


def _both(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def together(parts: list[Mapping[Group, Sums]]) -> dict[Group, Sums]:
    """The sums of several stretches of time that don't overlap."""
    found: dict[Group, Sums] = {}
    for part in parts:
        for group, sums in part.items():
            held = found.get(group)
            found[group] = sums if held is None else held.plus(sums)
    return found


class Speed(NamedTuple):
    """How long calls took, in milliseconds. `calls` are those of which it is known."""

    calls: int
    p50: int
    p95: int


class Largest(NamedTuple):
    """The largest single call of a group, and how many were beyond the limit."""

    amount: Decimal
    call_id: str
    start_ns: int
    beyond: int


class Drift(NamedTuple):
    """How far what was reckoned is from what was billed, for one provider in one period."""

    group: Pairs
    reckoned: Decimal
    billed: Decimal
    start_ns: int
    end_ns: int


class Answers(Protocol):
    """Whoever knows what calls cost and did. All times are Unix seconds, from and to just before."""

    def sums(self, where: Where, start: int, end: int) -> Mapping[Group, Sums]:
        """What the calls of each group add up to; groups without any are missing."""
        ...

    def speeds(self, where: Where, start: int, end: int, *, first_token: bool) -> Mapping[Group, Speed]:
        """How long calls took, or how long it took to their first token."""
        ...

    def largest(self, where: Where, start: int, end: int, measure: Measure, limit: Decimal) -> Mapping[Group, Largest]:
        """The largest call of each group that has any beyond the limit."""
        ...

    def past(self, where: Where, measure: Measure) -> "Known":
        """What groups used over the last weeks, and the last hours."""
        ...

    def expected(self, project_id: str, rule_id: str) -> list[tuple[Pairs, int, int]]:
        """The groups and times that people marked as expected in incidents of a rule."""
        ...

    def prices_known_at(self) -> int | None:
        """When the price data in use was brought together."""
        ...

    def drifts(self, project_id: str) -> list[Drift]:
        """What was found when bills were compared with what was reckoned."""
        ...


UNITS: Mapping[Measure, Unit] = {
    Measure.COST: "usd",
    Measure.COST_PER_CALL: "usd",
    Measure.CALLS: "calls",
    Measure.ERRORS: "calls",
    Measure.INPUT_TOKENS: "tokens",
    Measure.OUTPUT_TOKENS: "tokens",
    Measure.TOKENS: "tokens",
    Measure.ERROR_RATE: "ratio",
    Measure.LATENCY_P50: "ms",
    Measure.LATENCY_P95: "ms",
    Measure.TTFT_P50: "ms",
    Measure.TTFT_P95: "ms",
}

SPEEDS = frozenset({Measure.LATENCY_P50, Measure.LATENCY_P95, Measure.TTFT_P50, Measure.TTFT_P95})
ADDED_UP = frozenset(set(Measure) - SPEEDS - {Measure.ERROR_RATE, Measure.COST_PER_CALL})
"""What is more in a longer window."""
OF_MONEY = frozenset({Measure.COST, Measure.COST_PER_CALL})
OF_USAGE = frozenset({Measure.INPUT_TOKENS, Measure.OUTPUT_TOKENS, Measure.TOKENS})


def value(measure: Measure, sums: Sums) -> Decimal | None:
    """A measure of sums; None when nobody knows, or there is nothing to divide by."""
    return _VALUES[measure](sums)


def _counted(told: Sequence[int | None], calls: int) -> Decimal | None:
    known = [tokens for tokens in told if tokens is not None]
    return Decimal(sum(known)) if known or not calls else None


def _per_call(sums: Sums) -> Decimal | None:
    priced = sums.calls - sum(sums.leaves_out)
    return None if sums.cost is None or priced <= 0 else money.to_decimal(sums.cost // priced)


def _dollars(sums: Sums) -> Decimal | None:
    if sums.cost is None:
        return None if sums.calls else Decimal(0)
    return money.to_decimal(sums.cost)


_VALUES: Mapping[Measure, Callable[[Sums], Decimal | None]] = {
    Measure.COST: _dollars,
    Measure.COST_PER_CALL: _per_call,
    Measure.CALLS: lambda sums: Decimal(sums.calls),
    Measure.ERRORS: lambda sums: Decimal(sums.errors),
    Measure.ERROR_RATE: lambda sums: share(sums.errors, sums.calls),
    Measure.INPUT_TOKENS: lambda sums: _counted([sums.input_tokens], sums.calls),
    Measure.OUTPUT_TOKENS: lambda sums: _counted([sums.output_tokens], sums.calls),
    Measure.TOKENS: lambda sums: _counted([sums.input_tokens, sums.output_tokens], sums.calls),
}


def share(part: int, whole: int) -> Decimal | None:
    """A share from 0 to 1; None of nothing."""
    return (Decimal(part) / Decimal(whole)).quantize(RATIO) if whole else None


def uncovered(measure: Measure, sums: Sums) -> int:
    """How many calls are in no figure of this measure."""
    if measure in OF_MONEY:
        return sum(sums.leaves_out)
    return sums.unknown_usage_calls if measure in OF_USAGE else 0
