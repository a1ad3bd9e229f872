"""Requests that correct what budgets count, or let them only observe, in; budgets as they stand then out. Changing needs admin."""

from fastapi import Depends, Request

from farthing.api import budgets as budgets_api
from farthing.api.budget_schemas import BudgetShown, CorrectionWanted, ObserveOnlyShown, ObserveOnlyWanted
from farthing.api.budgets import Reserved
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.budgets.budget import Budget
from farthing.budgets.live import Budgets
from farthing.store.meta.budget_switch import ObserveOnly


def router(budgets: Budgets, reserved: Reserved, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; to be included before those of single budgets. The guards let in keys with the scopes read and admin."""
    routes = Routes(prefix="/api/v1/budgets", tags=["budgets"], responses=documented(400, 401, 403, 404, 409, 422, 503))
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    def shown(found: Budget) -> BudgetShown:
        state = budgets.standing(found)
        return budgets_api.shown_with(found, state, reserved(found.project_id, state))

    @routes.get("/observe-only", summary="Whether budgets only observe", dependencies=reading)
    def observing(request: Request) -> ObserveOnlyShown:
        return _switched(budgets.observing(project_of(request)))

    @routes.put("/observe-only", summary="Stop nothing any more because of a budget", dependencies=changing)
    def observe_only(wanted: ObserveOnlyWanted, request: Request) -> ObserveOnlyShown:
        return _switched(budgets.observe_only(actor_of(request), wanted.why))

    @routes.delete("/observe-only", summary="Enforce budgets again", status_code=204, dependencies=changing)
    def enforce(request: Request) -> None:
        budgets.enforce(actor_of(request))

    @routes.post(
        "/{budget_id}/corrections", summary="Correct what a budget counts", status_code=201, dependencies=changing
    )
    def correct(budget_id: str, wanted: CorrectionWanted, request: Request) -> BudgetShown:
        zone = budgets.get(project_of(request), budget_id).timezone
        at = None if wanted.at is None else budgets_api.moment("at", wanted.at, zone)
        return shown(budgets.correct(actor_of(request), budget_id, wanted.amount_usd, wanted.why, at))

    @routes.delete("/{budget_id}/corrections/{correction_id}", summary="Take a correction back", dependencies=changing)
    def retract(budget_id: str, correction_id: str, request: Request) -> BudgetShown:
        return shown(budgets.retract(actor_of(request), budget_id, correction_id))

    return routes


def _switched(found: ObserveOnly | None) -> ObserveOnlyShown:
    if found is None:
        return ObserveOnlyShown(on=False)
    return ObserveOnlyShown(on=True, since=found.since, by=found.by, why=found.why)
