"""GET requests of automation in; how plan and budgets stand, and the names of models with their prices, out."""

import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from fastapi import Depends, Query, Request
from starlette.responses import Response

from farthing.access.allowances import Allowances, Standing, month_of
from farthing.access.credentials import from_headers
from farthing.access.identity import Scope as KeyScope
from farthing.access.keys import Keys
from farthing.api.identity import project_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.api.workspace_schemas import PricingModels, WorkspaceStatus
from farthing.budgets.budget import WARNING_RATIO
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.budgets.state import BudgetState
from farthing.catalogue.live import Live
from farthing.errors import BadRequestError
from farthing.model.money import decimal_text
from farthing.pricing.snapshot import Snapshot
from farthing.query import run
from farthing.query.pricing_models import models
from farthing.query.question import Question, Scope
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

Json = dict[str, Any]
Spent = Callable[[str, datetime, datetime], str | None]

DEFAULT_PAGE, MOST_PAGE = 1_000, 5_000
_NS = 10**9


def router(keys: Keys, allowances: Allowances, budgets: Budgets, live: Live, engine: Engine, rollup: Rollup) -> Routes:
    """The routes. The status is for any key that may send or read, the list of models for everybody."""
    routes = Routes(tags=["workspace"])
    catalogue = _Models(live)

    def spent(project_id: str, start: datetime, end: datetime) -> str | None:
        scope = Scope(project_id, int(start.timestamp()) * _NS, int(end.timestamp()) * _NS)
        total = run.ask(engine, rollup, Question(scope))["total"]
        return total["cost_usd"] if total["calls"] else "0"

    @routes.get(
        "/v1/diagnostics/workspace-status",
        summary="How plan and budgets stand, to branch on",
        response_model=None,
        responses={200: {"model": WorkspaceStatus}, **documented(401, 403, 503)},
        dependencies=[Depends(_either(keys))],
    )
    @routes.get(
        "/v1/settings/workspace-status",
        summary="The same",
        response_model=None,
        responses={200: {"model": WorkspaceStatus}, **documented(401, 403, 503)},
        dependencies=[Depends(_either(keys))],
    )
    def status(request: Request) -> Response:
        project_id = project_of(request)
        states = budgets.current(project_id)
        return _json(_status(project_id, allowances.standing(project_id), states, spent))

    @routes.get(
        "/v1/public/pricing-models",
        summary="The provider and model names that have a price, with their plain rates",
        description="List prices in US dollars. Rates for tiers, places and long contexts: GET /api/v1/prices.",
        response_model=None,
        responses={200: {"model": PricingModels}, **documented(400, 422)},
    )
    def listed(
        provider: str = Query(default="", max_length=100),
        limit: int = Query(default=DEFAULT_PAGE, ge=1, le=MOST_PAGE),
        cursor: str = Query(default="", max_length=20),
    ) -> Response:
        if cursor and not (cursor.isascii() and cursor.isdigit()):
            msg = "cursor: take next_cursor of the page before."
            raise BadRequestError(msg)
        return _json(catalogue.page(provider.lower(), int(cursor or 0), limit))

    return routes


def _either(keys: Keys) -> Callable[[Request], Awaitable[None]]:
    async def guard(request: Request) -> None:
        headers = request.headers
        found = await keys.identify(from_headers(headers.get("authorization"), headers.get("x-api-key")))
        if not found.may(KeyScope.READ):
            found.require(KeyScope.INGEST)
        request.state.identity = found

    return guard


class _Models:
    """The list of models, made when it is first asked for, and again when there is newer data or another day."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._making = threading.Lock()
        self._made: tuple[str, list[Json]] = ("", [])

    def page(self, provider: str, start: int, limit: int) -> Json:
        # Without what an operator agreed on: this is read without a key.
        catalog = Snapshot(msgspec.structs.replace(self._live.current.terms, overrides=())).catalog
        name = f"{catalog.version} {time.strftime('%Y-%m-%d', time.gmtime())}"
        with self._making:
            if self._made[0] != name:
                self._made = (name, list(models(catalog, time.time_ns())))
            rows = self._made[1]
        found = [row for row in rows if row["provider"] == provider] if provider else rows
        more = start + limit < len(found)
        return {
            "priceVersion": catalog.version,
            "data": found[start : start + limit],
            "next_cursor": str(start + limit) if more else None,
        }


def _status(project_id: str, plan: Standing, states: Mapping[str, BudgetState], spent: Spent) -> Json:
    # Whoever is told so makes no more calls.
    exceeded = any(state.exceeded and not state.observe_only for state in states.values())
    warning = any(state.warning or state.exceeded for state in states.values())
    critical = exceeded or plan.is_spent
    whole = [state for state in states.values() if not state.filters]
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ratios = [state.warning_ratio for state in whole if state.period in (Period.DAY, Period.MONTH)]
    return {
        "workspaceId": project_id,
        "isPlanLimitReached": plan.is_spent,
        "telemetryPaused": plan.is_spent,
        "providerCallsContinue": True,
        "isBudgetWarning": warning,
        "isBudgetExceeded": exceeded,
        "severity": "critical" if critical else "warning" if warning else "normal",
        "plan": {
            "planTier": plan.plan,
            "planName": plan.plan,
            "currentRequestCount": plan.used,
            "planRequestLimit": plan.limit,
            "remainingRequestCount": plan.remaining,
            "isPlanLimitReached": plan.is_spent,
            "telemetryPaused": plan.is_spent,
            "periodStart": _text(plan.period_start),
            "periodEnd": _text(plan.period_end),
        },
        "budget": {
            "warningThresholdRatio": float(min(ratios, default=WARNING_RATIO)),
            "daily": _of_period(project_id, whole, Period.DAY, (today, today + timedelta(days=1)), spent),
            "monthly": _of_period(project_id, whole, Period.MONTH, month_of(now), spent),
        },
    }


def _of_period(
    project_id: str, states: list[BudgetState], period: Period, stretch: tuple[datetime, datetime], spent: Spent
) -> Json:
    """The budget for all calls of a project that is nearest to its limit; without one, what was spent in UTC."""
    found = max((state for state in states if state.period is period), key=_used, default=None)
    if found is None:
        start, end = stretch
        cost: str | None = spent(project_id, start, min(end, datetime.now(UTC) + timedelta(seconds=1)))
    else:
        start, end = found.period_start, found.period_end
        cost = None if found.counted_usd is None else decimal_text(found.counted_usd)
    return {
        "limitUsd": decimal_text(found.limit_usd) if found else None,
        "currentSpendUsd": cost,
        "utilizationRatio": float(_used(found).quantize(Decimal("0.0001"), ROUND_HALF_UP)) if found else None,
        "isWarning": bool(found and (found.warning or found.exceeded)),
        "isExceeded": bool(found and found.exceeded and not found.observe_only),
        "period": "daily" if period is Period.DAY else "monthly",
        "periodStart": _text(start),
        "periodEnd": _text(end) if end else None,
    }


def _used(state: BudgetState) -> Decimal:
    return (state.counted_usd or Decimal(0)) / state.limit_usd if state.limit_usd else Decimal(0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(answer: Json) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
