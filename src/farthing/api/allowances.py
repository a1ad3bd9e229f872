"""Requests about how many calls a project may post in; what was agreed, audited, out. Scope admin."""

from fastapi import Depends, Request
from pydantic import ConfigDict, Field

from farthing.access.allowances import LONGEST_PLAN, MOST, Allowances
from farthing.access.identity import Identity
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.store.meta.ingest_limits import IngestLimit


class AllowanceWanted(Model):
    """What a project, or one of its keys, may post. What is null is not limited, or not here."""

    model_config = ConfigDict(extra="forbid")

    plan: str = Field(default="", max_length=LONGEST_PLAN, description="What you call it; shown as planTier.")
    requests: int | None = Field(
        default=None, ge=0, le=MOST, description="Calls in a calendar month in UTC; not for a single key."
    )
    per_minute: int | None = Field(default=None, ge=0, le=MOST, description="Calls in a minute of one key; 0: any.")


class AllowanceShown(AllowanceWanted):
    """What was agreed."""

    key_id: str | None = Field(description="null: the project and all of its keys.")


class AllowanceStanding(Model):
    """What was agreed with a project, and what of it is used."""

    plan: str
    requests: int | None
    used: int
    remaining: int | None
    period_start: str
    period_end: str
    data: list[AllowanceShown]


def router(allowances: Allowances, changing: Guard) -> Routes:
    """The routes; `changing` lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/allowance",
        tags=["allowance"],
        dependencies=[Depends(changing)],
        responses=documented(400, 401, 403, 422, 503),
    )

    @routes.get("", summary="How many calls may be posted, and how many were")
    def standing(request: Request) -> AllowanceStanding:
        return _standing(allowances, project_of(request))

    @routes.put("", summary="Agree on how many calls the project may post")
    def change(wanted: AllowanceWanted, request: Request) -> AllowanceStanding:
        return _changed(allowances, request, wanted, "")

    @routes.put(
        "/keys/{key_id}", summary="Agree on how many calls a key may post in a minute", responses=documented(404)
    )
    def change_key(key_id: str, wanted: AllowanceWanted, request: Request) -> AllowanceStanding:
        return _changed(allowances, request, wanted, key_id)

    return routes


def _changed(allowances: Allowances, request: Request, wanted: AllowanceWanted, key_id: str) -> AllowanceStanding:
    identity: Identity = request.state.identity
    limit = IngestLimit(identity.project_id, key_id, wanted.plan, wanted.requests, wanted.per_minute)
    allowances.change(f"key {identity.key_id}", limit)
    return _standing(allowances, identity.project_id)


def _standing(allowances: Allowances, project_id: str) -> AllowanceStanding:
    agreed = allowances.limits_of(project_id)
    now = allowances.standing(project_id)
    return AllowanceStanding(
        plan=now.plan,
        requests=now.limit,
        used=now.used,
        remaining=now.remaining,
        period_start=now.period_start.isoformat(),
        period_end=now.period_end.isoformat(),
        data=[
            AllowanceShown(key_id=one.key_id or None, plan=one.plan, requests=one.requests, per_minute=one.per_minute)
            for one in agreed
        ],
    )
