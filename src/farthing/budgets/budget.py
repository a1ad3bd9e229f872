"""What an operator wants to spend at most in; a budget that is sound, or an error that names the field, out. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import msgspec

from farthing.budgets import amounts, corrections, periods
from farthing.budgets.corrections import Correction
from farthing.budgets.periods import CALENDAR, FOREVER, Period, Stretch
from farthing.errors import BadRequestError
from farthing.model import money
from farthing.query import filters, moments
from farthing.query.errors import ParameterError
from farthing.query.filters import Filter

THRESHOLDS = (Decimal("0.5"), Decimal("0.8"), Decimal(1))
WARNING_RATIO = Decimal("0.8")

_LONGEST_NAME = 200
_MOST_THRESHOLDS = 20
_HIGHEST_THRESHOLD = 10
_RATIO_DECIMALS = 6
_MOST_FILTERS = 20

Values = str | list[str]


class Enforcement(StrEnum):
    """What is to happen when it is exceeded."""

    NONE = "none"
    WARN = "warn"
    BLOCK = "block"


class Budget(msgspec.Struct, frozen=True):
    """So many dollars for the calls of a project that pass the filters, in each period.

    `window` is the length of a rolling period; `starts_at` and `ends_at` bound one that is there once.
    """

    id: str
    project_id: str
    name: str
    limit_usd: Decimal
    period: Period
    window: str = ""
    timezone: str = "UTC"
    filters: dict[str, Values] = {}
    thresholds: tuple[Decimal, ...] = THRESHOLDS
    warning_ratio: Decimal = WARNING_RATIO
    enforcement: Enforcement = Enforcement.NONE
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    """Oldest first."""
    created_at: datetime = moments.EPOCH
    updated_at: datetime = moments.EPOCH

    def stretch(self, at: int) -> Stretch:
        """The time whose spend counts at a Unix second."""
        if self.period in CALENDAR:
            return periods.calendar(self.period, at, moments.zone(self.timezone))
        if self.period is Period.ROLLING:
            return periods.rolling(periods.length(self.window), at)
        start = self.starts_at or self.created_at
        return Stretch(int(start.timestamp()), int(self.ends_at.timestamp()) if self.ends_at else FOREVER)

    def before(self, at: int) -> Stretch | None:
        """The last period that is over at a Unix second; None where there is none, or it slides."""
        if self.period in CALENDAR:
            return self.stretch(self.stretch(at).start - 1)
        only = self.stretch(at)
        return only if self.period is Period.ONCE and only.end <= at else None


def told(given: Mapping[str, Values]) -> dict[str, tuple[str, ...]]:
    """Filters with all their values as tuples."""
    return {name: (values,) if isinstance(values, str) else tuple(values) for name, values in given.items()}


def scope(given: Mapping[str, Values]) -> tuple[Filter, ...]:
    """The filters of a budget. Raises `ParameterError`."""
    found = told(given)
    if len(found) > _MOST_FILTERS:
        raise ParameterError("filters", f"at most {_MOST_FILTERS} at once, not {len(found)}.")
    for name, values in found.items():
        if not filters.is_filter(name):
            known = ", ".join(filters.names())
            raise ParameterError(f"filters.{name[:60]}", f"there is no such filter. There are {known} and tag.<key>.")
        if not values:
            raise ParameterError(f"filters.{name}", "give at least one value.")
        if any("\0" in value for value in values):
            raise ParameterError(f"filters.{name}", "no value has a zero byte.")
    try:
        return filters.parse({name: list(values) for name, values in found.items()})
    except ParameterError as error:
        msg = f"filters.{error}"
        raise BadRequestError(msg) from error


def check(budget: Budget) -> None:
    """Raises `ParameterError`, or another `BadRequestError`, for what can't be a budget."""
    if not budget.name.strip() or len(budget.name) > _LONGEST_NAME or "\0" in budget.name:
        raise ParameterError("name", f"1 to {_LONGEST_NAME} characters, not all of them spaces.")
    _check_limit(budget.limit_usd)
    moments.zone(budget.timezone, "timezone")
    scope(budget.filters)
    _check_period(budget)
    if len(budget.thresholds) > _MOST_THRESHOLDS:
        raise ParameterError("thresholds", f"at most {_MOST_THRESHOLDS}.")
    for ratio in budget.thresholds:
        _check_ratio("thresholds", ratio, _HIGHEST_THRESHOLD)
    _check_ratio("warning_ratio", budget.warning_ratio, 1)
    if len(budget.corrections) > corrections.MOST:
        raise ParameterError("corrections", f"at most {corrections.MOST}; take back some that are over.")
    for correction in budget.corrections:
        corrections.check(correction)


def _check_limit(limit: Decimal) -> None:
    if not (amounts.can_be_kept(limit) and limit > 0):
        msg = f"dollars above 0, up to {amounts.MOST_USD:,f} and with at most {money.SCALE} decimals, such as 500."
        raise ParameterError("limit_usd", msg)


def _check_ratio(field: str, ratio: Decimal, most: int) -> None:
    fits = ratio.is_finite() and 0 < ratio <= most and ratio.adjusted() >= -_RATIO_DECIMALS
    if not fits or (Fraction(ratio) * 10**_RATIO_DECIMALS).denominator != 1:
        msg = f"a share of the limit above 0, up to {most} and with at most {_RATIO_DECIMALS} decimals, such as 0.8."
        raise ParameterError(field, msg)


def _check_period(budget: Budget) -> None:
    if budget.period is Period.ROLLING:
        periods.length(budget.window)
    elif budget.window:
        raise ParameterError("window", f"only for the period rolling, not for {budget.period}.")
    if budget.period is not Period.ONCE:
        for field in ("starts_at", "ends_at"):
            if getattr(budget, field) is not None:
                raise ParameterError(field, f"only for the period once, not for {budget.period}.")
        return
    stretch = budget.stretch(0)
    if not 0 <= stretch.start < FOREVER or stretch.end > FOREVER:
        raise ParameterError("starts_at", "from 1970 to 2100.")
    if stretch.start >= stretch.end:
        raise ParameterError("ends_at", "it must be at least a second after starts_at.")
