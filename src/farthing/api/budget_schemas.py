"""The shapes of what is asked and answered about budgets; what the OpenAPI document is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from farthing.api.model import Model
from farthing.api.price_schemas import Strict
from farthing.api.schemas import Money
from farthing.budgets import budget

PeriodName = Literal["day", "week", "month", "quarter", "once", "rolling"]
EnforcementName = Literal["none", "warn", "block"]
Filters = dict[str, str | list[str]]

_PERIOD = "Days, weeks (from Monday on), months and quarters of the time zone; once; or the time up to now."
_FILTERS = "As everywhere: a dimension or tag.<key> with one value or several (any of them); !value excludes."
_RATIO = "A share of the limit."
Ratio = Annotated[Decimal, Field(gt=0)]


class BudgetChanges(Strict):
    """What is to be changed of a budget; what isn't given stays."""

    name: str = Field(default="", min_length=1, max_length=200)
    limit_usd: Decimal = Field(default=Decimal(1), gt=0, description="US dollars, a decimal string or a number.")
    period: PeriodName = Field(default="month", description=_PERIOD)
    window: str | None = Field(default=None, max_length=20, description="How long, for rolling: 90m, 24h, 30d, 4w.")
    timezone: str = Field(default="UTC", max_length=100, description="An IANA name, such as Europe/Berlin.")
    filters: Filters = Field(default={}, max_length=20, description=_FILTERS)
    thresholds: list[Ratio] = Field(default=list(budget.THRESHOLDS), max_length=20, description="Shares of the limit.")
    warning_ratio: Decimal = Field(default=budget.WARNING_RATIO, gt=0, le=1, description=_RATIO)
    enforcement: EnforcementName = Field(
        default="none", description="block: a call through the gateway that may cost more than what is left is refused."
    )
    starts_at: datetime | None = Field(
        default=None, description="For once; when it was made by default. Without an offset, in the time zone."
    )
    ends_at: datetime | None = Field(default=None, description="For once; never by default.")


class BudgetWanted(BudgetChanges):
    """A budget to be made."""

    name: str = Field(min_length=1, max_length=200)
    limit_usd: Decimal = Field(gt=0, description="US dollars, a decimal string or a number.")
    period: PeriodName = Field(description=_PERIOD)


class CorrectionWanted(Strict):
    """What a budget is to count more, or less, than the ledger says."""

    amount_usd: Decimal = Field(description="US dollars, a decimal string or a number; negative gives some back.")
    why: str = Field(min_length=1, max_length=500)
    at: datetime | None = Field(
        default=None, description="It counts in the period that holds this moment; by default in the one that is now."
    )


class CorrectionShown(Model):
    """A correction, who made it, when and why."""

    id: str
    amount_usd: str = Field(description="An exact decimal string.")
    at: datetime
    why: str
    by: str
    made_at: datetime


class ObserveOnlyWanted(Strict):
    """Why nothing is to be stopped any more."""

    why: str = Field(min_length=1, max_length=500)


class ObserveOnlyShown(Model):
    """Whether budgets of the project only observe."""

    on: bool
    since: datetime | None = None
    by: str | None = None
    why: str | None = None


class OutlookShown(Model):
    """An estimate of where the period leads, from the habits and the level of the weeks before."""

    usd: float = Field(description="At the end of the period, in the middle of what is likely.")
    low_usd: float = Field(description="Four times in five it ends between this and high_usd.")
    high_usd: float
    chance_of_exceeding: float = Field(description="From 0 to 1.")
    reaches_limit_at: datetime | None = Field(description="When the limit is reached, if it rather is than not.")
    earliest: datetime | None
    latest: datetime | None


class ContributorShown(Model):
    """One value of a dimension, and what it cost in the period so far and in the same part of the one before."""

    value: str | None
    cost_usd: str | None = Money
    before_usd: str | None = Money


class BudgetOutlook(Model):
    """Where a budget leads, and who it was spent on."""

    id: str
    limit_usd: str
    counted_usd: str | None = Money
    expected_usd: str | None = Field(description="What an even pace would have spent by now; null: there is no end.")
    outlook: OutlookShown | None = Field(description="null where nobody can tell; why_not says why.")
    why_not: str | None
    contributors: dict[str, list[ContributorShown]]


class BudgetShown(Model):
    """A budget, and how it stands in the period it is in."""

    id: str
    name: str
    limit_usd: str = Field(description="US dollars as an exact decimal string.")
    period: PeriodName = Field(description=_PERIOD)
    window: str | None
    timezone: str
    filters: Filters
    thresholds: list[float]
    warning_ratio: float
    enforcement: EnforcementName
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    period_start: datetime
    period_end: datetime | None = Field(description="The first moment that doesn't count; null: it never ends.")
    spent_usd: str | None = Money
    corrected_usd: str = Field(description="What corrections add to it in this period; negative: they give some back.")
    counted_usd: str | None = Field(description="What the limit is held against: both together, never below 0.")
    corrections: list[CorrectionShown]
    observe_only: bool = Field(description="Nothing is stopped because of any budget of the project.")
    reserved_usd: str = Field(description="For calls under way whose cost isn't known yet.")
    remaining_usd: str | None = Field(description="What is left, at most; 0 when nothing is. null when nobody knows.")
    forecast_usd: str | None = Field(
        description="Spend at the end of the period at the pace so far; null where there is no pace to tell."
    )
    status: Literal["ok", "warning", "exceeded"] = Field(
        description="warning from the warning ratio on, exceeded as soon as nothing is left."
    )
    thresholds_reached: list[float]
    calls: int = Field(description="In this period.")
    unpriced_calls: int = Field(description="Calls whose cost is not in spent_usd: no rate is known.")
    unknown_usage_calls: int = Field(description="Calls whose cost is not in spent_usd: their usage was not reported.")


class BudgetList(Model):
    """All budgets of the project, oldest first."""

    data: list[BudgetShown]
    next_cursor: str | None = None
