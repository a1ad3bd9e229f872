"""Requests about budgets in; budgets, audited, and how each stands right now, out. Reading needs the scope read, changing admin."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import Depends, Request

from farthing.api import changes
from farthing.api.budget_schemas import (
    BudgetChanges,
    BudgetList,
    BudgetShown,
    BudgetWanted,
    CorrectionShown,
)
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.budgets.budget import Budget, Enforcement
from farthing.budgets.corrections import Correction
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.budgets.state import BudgetState, forecast_usd
from farthing.model import money
from farthing.model.money import decimal_text
from farthing.query import moments
from farthing.query.errors import ParameterError

_EARLIEST, _LATEST = 1970, 2100


Reserved = Callable[[str, BudgetState], int]
"""What a project's calls under way hold of a budget, in units of 10^-24 dollars."""


def router(budgets: Budgets, reserved: Reserved, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    routes = Routes(prefix="/api/v1/budgets", tags=["budgets"], responses=documented(400, 401, 403, 404, 409, 422, 503))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    def shown(found: Budget, state: BudgetState) -> BudgetShown:
        return shown_with(found, state, reserved(found.project_id, state))

    def standing(found: Budget) -> BudgetShown:
        return shown(found, budgets.standing(found))

    @routes.get("", summary="List budgets and how they stand", dependencies=reading)
    def listing(request: Request) -> BudgetList:
        return BudgetList(data=[shown(one, state) for one, state in budgets.all_standing(project_of(request))])

    @routes.post("", summary="Make a budget", status_code=201, dependencies=changing)
    def create(wanted: BudgetWanted, request: Request) -> BudgetShown:
        fields = _fields(wanted.model_dump(), wanted.timezone)
        return standing(budgets.create(actor_of(request), Budget(id="", project_id="", **fields)))

    @routes.get("/history", summary="Who changed which budget, when, from what to what", dependencies=reading)
    def history(request: Request, budget_id: str = "", limit: int = 100) -> ChangeList:
        return changes.shown(budgets.history(project_of(request), budget_id, changes.most(limit)))

    @routes.get("/{budget_id}", summary="One budget and how it stands", dependencies=reading)
    def one(budget_id: str, request: Request) -> BudgetShown:
        return standing(budgets.get(project_of(request), budget_id))

    @routes.patch("/{budget_id}", summary="Change a budget", dependencies=changing)
    def change(budget_id: str, wanted: BudgetChanges, request: Request) -> BudgetShown:
        given = wanted.model_dump(exclude_unset=True)
        zone = given.get("timezone") or budgets.get(project_of(request), budget_id).timezone
        return standing(budgets.change(actor_of(request), budget_id, _fields(given, zone)))

    @routes.delete("/{budget_id}", summary="Delete a budget", status_code=204, dependencies=changing)
    def remove(budget_id: str, request: Request) -> None:
        budgets.remove(actor_of(request), budget_id)

    return routes


def _fields(given: dict[str, Any], timezone: str) -> dict[str, Any]:
    """Fields as a budget keeps them."""
    kept = dict(given)
    for name, kind in (("period", Period), ("enforcement", Enforcement)):
        if name in kept:
            kept[name] = kind(kept[name])
    if "window" in kept:
        kept["window"] = kept["window"] or ""
    if "thresholds" in kept:
        kept["thresholds"] = tuple(sorted(set(kept["thresholds"])))
    for name in ("starts_at", "ends_at"):
        if kept.get(name) is not None:
            kept[name] = moment(name, kept[name], timezone)
    return kept


def moment(field: str, at: datetime, timezone: str) -> datetime:
    """A moment that a request names; without an offset, in the time zone. Raises `ParameterError`."""
    if not _EARLIEST < at.year < _LATEST:
        raise ParameterError(field, f"a year after {_EARLIEST} and before {_LATEST}, not {at.year}.")
    aware = at if at.tzinfo else at.replace(tzinfo=moments.zone(timezone, "timezone"))
    return aware.astimezone(UTC).replace(microsecond=0)


def _correction(one: Correction) -> CorrectionShown:
    return CorrectionShown(
        id=one.id, amount_usd=decimal_text(one.amount_usd), at=one.at, why=one.why, by=one.by, made_at=one.made_at
    )


def shown_with(found: Budget, state: BudgetState, held: int) -> BudgetShown:
    """A budget, how it stands, and what is reserved of it, in units of 10^-24 dollars."""
    spent, now = state.spent_usd, datetime.now(UTC)
    forecast = forecast_usd(state, int(now.timestamp()))
    return BudgetShown(
        id=found.id,
        name=found.name,
        limit_usd=decimal_text(found.limit_usd),
        period=found.period.value,
        window=found.window or None,
        timezone=found.timezone,
        filters=found.filters,
        thresholds=[float(ratio) for ratio in found.thresholds],
        warning_ratio=float(found.warning_ratio),
        enforcement=found.enforcement.value,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        created_at=found.created_at,
        updated_at=found.updated_at,
        period_start=state.period_start,
        period_end=state.period_end,
        spent_usd=None if spent is None else decimal_text(spent),
        corrected_usd=decimal_text(state.corrected_usd),
        counted_usd=None if state.counted_usd is None else decimal_text(state.counted_usd),
        corrections=[_correction(one) for one in found.corrections],
        observe_only=state.observe_only,
        reserved_usd=money.to_text(held),
        remaining_usd=None if state.remaining_usd is None else decimal_text(state.remaining_usd),
        forecast_usd=None if forecast is None else decimal_text(forecast),
        status=state.status,
        thresholds_reached=[float(ratio) for ratio in state.thresholds_reached],
        calls=state.calls,
        unpriced_calls=state.unpriced_calls,
        unknown_usage_calls=state.unknown_usage_calls,
    )
