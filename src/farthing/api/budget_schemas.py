"""The shapes of what is asked and answered about budgets; what the OpenAPI document is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

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
    enforcement: EnforcementName = Field(default="none", description="Kept; nothing is blocked yet.")
    starts_at: datetime | None = Field(
        default=None, description="For once; when it was made by default. Without an offset, in the time zone."
    )
    ends_at: datetime | None = Field(default=None, description="For once; never by default.")


class BudgetWanted(BudgetChanges):
    """A budget to be made."""

    name: str = Field(min_length=1, max_length=200)
    limit_usd: Decimal = Field(gt=0, description="US dollars, a decimal string or a number.")
    period: PeriodName = Field(description=_PERIOD)


class BudgetShown(BaseModel):
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


class BudgetList(BaseModel):
    """All budgets of the project, oldest first."""

    data: list[BudgetShown]
    next_cursor: str | None = None
