"""A budget and what its calls cost in; how it stands, and where that leads, out. Pure arithmetic, exact."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import msgspec

from farthing.budgets import corrections
from farthing.budgets.budget import Budget, Enforcement, told
from farthing.budgets.periods import FOREVER, Period, Stretch
from farthing.model import money
from farthing.query.moments import EPOCH

LEAST_ELAPSED = Fraction(1, 10)
"""Of a period, before a forecast says more than its first hours do."""

# Looked up once: it is asked of every call of the gateway.
_BLOCK = Enforcement.BLOCK

_CENT = money.UNITS_PER_USD // 100


class Sums(msgspec.Struct, frozen=True):
    """What calls cost: units of 10^-24 dollars, None where no price of any is known; and the calls that are not in it."""

    calls: int = 0
    cost: int | None = None
    unpriced_calls: int = 0
    unknown_usage_calls: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        known = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Sums(
            self.calls + other.calls,
            sum(known) if known else None,
            self.unpriced_calls + other.unpriced_calls,
            self.unknown_usage_calls + other.unknown_usage_calls,
        )

    @property
    def spent(self) -> int | None:
        """As `cost`, but of no call at all it is known that it cost nothing."""
        return self.cost if self.calls else 0


class BudgetState(msgspec.Struct, frozen=True):
    """How a budget stands in the period it is in.

    `spent_usd` is what the ledger says, None when nobody knows: nothing was added up yet, or no price of any call is known. It is what the
    budget has been used up by at least when some calls are unpriced or their usage is unknown.
    """

    id: str
    name: str
    period: Period
    limit_usd: Decimal
    left_units: int
    """What the limit leaves, in units of 10^-24 dollars, as far as anybody knows what was spent; negative when that was more."""
    spent_usd: Decimal | None
    warning: bool
    """Whether spend has come to the warning ratio."""
    exceeded: bool
    """Whether spend has come to the limit: nothing is left."""
    stretch: Stretch
    filters: Mapping[str, tuple[str, ...]]
    warning_ratio: Decimal
    enforcement: Enforcement
    thresholds_reached: tuple[Decimal, ...] = ()
    calls: int = 0
    unpriced_calls: int = 0
    unknown_usage_calls: int = 0
    corrected_usd: Decimal = Decimal(0)
    """What people added to what counts in this period; negative when they took some back."""
    observe_only: bool = False
    """Whether nothing is to be stopped because of any budget of the project, whatever its enforcement."""

    @property
    def blocks(self) -> bool:
        """Whether a call that doesn't fit into what is left is to be refused."""
        return self.enforcement is _BLOCK and not self.observe_only

    @property
    def counted_usd(self) -> Decimal | None:
        """What the limit is held against: spend with its corrections, never below 0; None when nobody knows."""
        if self.spent_usd is None:
            return None
        return money.to_decimal(max(money.to_units(self.spent_usd) + money.to_units(self.corrected_usd), 0))

    @property
    def period_start(self) -> datetime:
        """In UTC."""
        return EPOCH + timedelta(seconds=self.stretch.start)

    @property
    def period_end(self) -> datetime | None:
        """The first moment that doesn't count any more, in UTC; None when it is there once and for ever."""
        return None if self.stretch.end == FOREVER else EPOCH + timedelta(seconds=self.stretch.end)

    @property
    def remaining_usd(self) -> Decimal | None:
        """What is left, at most; None when nobody knows what was spent."""
        counted = self.counted_usd
        if counted is None:
            return None
        left = money.to_units(self.limit_usd) - money.to_units(counted)
        return money.to_decimal(max(left, 0))

    @property
    def status(self) -> Literal["ok", "warning", "exceeded"]:
        """How far spend has come."""
        return "exceeded" if self.exceeded else "warning" if self.warning else "ok"


def state(budget: Budget, stretch: Stretch, sums: Sums | None, *, observe_only: bool = False) -> BudgetState:
    """How a budget stands; `sums` is None when nothing was added up yet."""
    found = sums or Sums()
    spent = found.spent if sums else None
    corrected = corrections.sum_in(budget.corrections, stretch)
    counted = None if spent is None else max(spent + corrected, 0)
    limit = money.to_units(budget.limit_usd)
    return BudgetState(
        id=budget.id,
        name=budget.name,
        period=budget.period,
        limit_usd=budget.limit_usd,
        left_units=limit - (counted or 0),
        spent_usd=None if spent is None else money.to_decimal(spent),
        warning=_reaches(counted, budget.warning_ratio, limit),
        exceeded=_reaches(counted, Decimal(1), limit),
        stretch=stretch,
        filters=told(budget.filters),
        warning_ratio=budget.warning_ratio,
        enforcement=budget.enforcement,
        thresholds_reached=tuple(ratio for ratio in budget.thresholds if _reaches(counted, ratio, limit)),
        calls=found.calls,
        unpriced_calls=found.unpriced_calls,
        unknown_usage_calls=found.unknown_usage_calls,
        corrected_usd=money.to_decimal(corrected),
        observe_only=observe_only,
    )


def forecast_usd(now: BudgetState, at: int) -> Decimal | None:
    """What will have been spent when the period ends if it goes on at the pace so far, in cents.

    None where there is no pace to tell: too little of the period is over, nothing is known of what was spent, or the
    period never ends, as a rolling one's doesn't.
    """
    whole, elapsed = now.stretch.end - now.stretch.start, at - now.stretch.start
    endless = now.period is Period.ROLLING or now.stretch.end == FOREVER
    if now.spent_usd is None or endless or elapsed < LEAST_ELAPSED * whole:
        return None
    corrected = money.to_units(now.corrected_usd)
    if elapsed >= whole:
        return now.counted_usd
    units = max(money.to_units(now.spent_usd) * whole // elapsed + corrected, 0)
    return money.to_decimal(-(-units // _CENT) * _CENT)


def _reaches(spent: int | None, ratio: Decimal, limit: int) -> bool:
    # In whole numbers: a product of decimals might be rounded.
    part, whole = ratio.as_integer_ratio()
    return spent is not None and spent * whole >= limit * part
