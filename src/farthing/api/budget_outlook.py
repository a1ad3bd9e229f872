"""Requests for where a budget leads in; an estimate with its range, and who the period was spent on, out. Scope read."""

import time
from datetime import UTC, datetime

from fastapi import Depends, Request

from farthing.api.budget_schemas import BudgetOutlook, ContributorShown, OutlookShown
from farthing.api.identity import Guard, project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.budgets import looking_ahead
from farthing.budgets.live import Budgets
from farthing.budgets.outlook import LEAST_STEPS, Outlook
from farthing.budgets.state import BudgetState
from farthing.model.money import decimal_text
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_CENTS = 2


def router(budgets: Budgets, engine: Engine, rollup: Rollup, may_read: Guard) -> Routes:
    """The route; `may_read` lets in keys with the scope read."""
    routes = Routes(
        prefix="/api/v1/budgets",
        tags=["budgets"],
        dependencies=[Depends(may_read)],
        responses=documented(401, 403, 404, 503),
    )

    @routes.get("/{budget_id}/outlook", summary="Where a budget leads, and who it was spent on")
    def outlook(budget_id: str, request: Request) -> BudgetOutlook:
        found = budgets.get(project_of(request), budget_id)
        state = budgets.standing(found)
        now = int(time.time())
        ahead = looking_ahead.outlook(engine, rollup, found, state, now)
        expected = looking_ahead.expected_by_now(state, now)
        by = looking_ahead.contributors(engine, rollup, found, state, now)
        return BudgetOutlook(
            id=found.id,
            limit_usd=decimal_text(found.limit_usd),
            counted_usd=None if state.counted_usd is None else decimal_text(state.counted_usd),
            expected_usd=None if expected is None else decimal_text(expected),
            outlook=None if ahead is None else _shown(ahead),
            why_not=None if ahead else _why_not(state, now),
            contributors={
                name: [
                    ContributorShown(
                        value=one.value,
                        cost_usd=None if one.cost_usd is None else decimal_text(one.cost_usd),
                        before_usd=None if one.before_usd is None else decimal_text(one.before_usd),
                    )
                    for one in rows
                ]
                for name, rows in by.items()
            },
        )

    return routes


def _shown(found: Outlook) -> OutlookShown:
    return OutlookShown(
        usd=round(found.usd, _CENTS),
        low_usd=round(found.low, _CENTS),
        high_usd=round(found.high, _CENTS),
        chance_of_exceeding=found.chance,
        reaches_limit_at=_moment(found.reaches),
        earliest=_moment(found.earliest),
        latest=_moment(found.latest),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _why_not(state: BudgetState, now: int) -> str:
    if state.counted_usd is None:
        return "Nobody knows what was spent: no price of any call in this period is known."
    if state.period_end is None or looking_ahead.expected_by_now(state, now) is None:
        return "This period has no end."
    if now >= state.stretch.end:
        return "This period is over."
    return f"There is too little of a past: at least {LEAST_STEPS} whole hours or days with known cost are needed."
