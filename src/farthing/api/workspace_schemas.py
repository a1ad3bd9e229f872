"""Shapes of what automation asks for: how plan and budgets stand, and models with their prices."""

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from farthing.api.model import Model

_MONEY = "US dollars as an exact decimal string; null when nobody knows."


class _Camel(Model):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PlanStatus(_Camel):
    """How the request allowance stands; null: there is no limit."""

    plan_tier: str
    plan_name: str
    current_request_count: int
    plan_request_limit: int | None
    remaining_request_count: int | None
    is_plan_limit_reached: bool
    telemetry_paused: bool
    period_start: str
    period_end: str


class PeriodStatus(_Camel):
    """How the budget for all calls of a day or a month stands; limit and ratio are null where there is none."""

    limit_usd: str | None = Field(description=_MONEY)
    current_spend_usd: str | None = Field(description=_MONEY)
    utilization_ratio: float | None
    is_warning: bool
    is_exceeded: bool
    period: str
    period_start: str
    period_end: str | None


class BudgetStatus(_Camel):
    """Budgets without filters. The flags on top tell of all budgets."""

    warning_threshold_ratio: float
    daily: PeriodStatus
    monthly: PeriodStatus


class WorkspaceStatus(_Camel):
    """To branch on without parsing."""

    workspace_id: str
    is_plan_limit_reached: bool
    telemetry_paused: bool
    provider_calls_continue: bool
    is_budget_warning: bool
    is_budget_exceeded: bool
    severity: str = Field(description="normal, warning or critical.")
    plan: PlanStatus
    budget: BudgetStatus


class PricingModel(Model):
    """A model that has a price."""

    provider: str
    model: str
    effectiveFrom: str | None  # noqa: N815  the seed's spelling, as below
    inputPricePer1M: str | None = Field(description=_MONEY)  # noqa: N815
    outputPricePer1M: str | None = Field(description=_MONEY)  # noqa: N815
    cachedInputPricePer1M: str | None = Field(description=_MONEY)  # noqa: N815
    cacheWritePricePer1M: str | None = Field(description=_MONEY)  # noqa: N815
    cacheWrite1hPricePer1M: str | None = Field(description=_MONEY)  # noqa: N815


class PricingModels(Model):
    """A page of them."""

    priceVersion: str  # noqa: N815
    data: list[PricingModel]
    next_cursor: str | None
