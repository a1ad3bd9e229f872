"""Requests to price recorded calls again in; jobs, and what they change by day and model, out."""

import time
from typing import Any, Literal

from fastapi import Depends, Request
from msgspec.structs import replace
from pydantic import ConfigDict, Field
from starlette.responses import Response

from farthing.access.identity import Identity
from farthing.api.identity import Guard, project_of
from farthing.api.model import Model
from farthing.api.price_overrides import actor_of, override_of
from farthing.api.price_schemas import OverrideWanted
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.overrides import Overrides
from farthing.errors import BadRequestError
from farthing.reprice import shapes
from farthing.reprice.asked import Trial, wanted
from farthing.reprice.jobs import Repricing


class RepriceWanted(Model):
    """Which calls are to be priced again, by the prices of now for the time of each call."""

    model_config = ConfigDict(extra="forbid")

    from_: str = Field(alias="from", max_length=100, description="RFC 3339, Unix seconds, or relative: now-30d.")
    to: str | None = Field(default=None, max_length=100, description="Likewise; now by default. Not included.")
    tz: str | None = Field(default=None, max_length=100)
    filters: dict[str, str | list[str]] = Field(default={}, description="As questions have them: model, tag.<key> …")
    dry_run: bool = Field(default=True, description="Only find out what would change.")
    override: OverrideWanted | None = Field(
        default=None, description="With dry_run: as if this price of your own held too, without saving it."
    )
    replaces: str = Field(default="", max_length=64, description="The id of the override it would stand in place of.")


class RepriceSums(Model):
    """What calls cost before and after. Sums are of the calls whose cost is known, null when none is."""

    calls: int
    changed_calls: int
    changed_restated: int = Field(description="Rows that restate a call, and are in no sum.")
    old_cost_usd: str | None
    new_cost_usd: str | None
    old_unpriced_calls: int
    new_unpriced_calls: int


class RepriceOfModel(RepriceSums):
    """Of one model."""

    provider: str | None
    model: str | None


class RepriceOfDay(RepriceSums):
    """Of one UTC day."""

    day: str


class RepriceOfDayAndModel(RepriceOfModel):
    """Of one model on one UTC day."""

    day: str


class OverrideTried(Model):
    """A price that was not saved when the job was asked for."""

    kind: str
    provider: str
    model: str
    replaces: str


class RepriceJob(Model):
    """A job. While it runs the figures are of the calls seen so far."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "undoing", "undone"]
    dry_run: bool
    tried: OverrideTried | None = Field(description="The price that was only tried.")
    from_: str = Field(alias="from")
    to: str
    filters: dict[str, list[str]]
    created_at: str
    created_by: str = Field(description="The id of the key.")
    finished_at: str | None
    undone_at: str | None
    undone_by: str | None
    error: str | None
    price_version: str | None
    calls_total: int | None
    calls_seen: int
    touched: int = Field(description="Rows that change, restated ones included.")
    restored: int | None = Field(description="Rows that have their former cost again.")
    total: RepriceSums
    by_model: list[RepriceOfModel] | None = None
    by_day: list[RepriceOfDay] | None = None
    by_day_and_model: list[RepriceOfDayAndModel] | None = None
    truncated: bool = False


class RepriceJobs(Model):
    """The latest jobs, the newest first."""

    data: list[RepriceJob]
    next_cursor: str | None = None


def router(repricing: Repricing, overrides: Overrides, guard: Guard) -> Routes:
    """The routes; `guard` lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/prices/reprice",
        tags=["prices"],
        dependencies=[Depends(guard)],
        responses=documented(400, 401, 403, 422, 503),
    )

    @routes.post("", summary="Price recorded calls again, or see what would change", status_code=202)
    def ask(body: RepriceWanted, request: Request) -> RepriceJob:
        asked = wanted({"from": body.from_, "to": body.to, "tz": body.tz}, body.filters, time.time_ns())
        if body.override is not None:
            asked = replace(asked, trial=_trial(overrides, body, body.override, request))
        return _job(repricing.ask(project_of(request), asked, dry_run=body.dry_run, by=_who(request)))

    @routes.get("", summary="List jobs")
    def listing(request: Request) -> RepriceJobs:
        jobs = [shapes.job(job, cells=False) for job in repricing.listing(project_of(request))]
        return RepriceJobs(data=[RepriceJob(**job) for job in jobs])

    @routes.get("/{job_id}", summary="One job: how far it is, what changes", responses=documented(404))
    def one(job_id: str, request: Request) -> RepriceJob:
        return _job(repricing.get(project_of(request), job_id))

    @routes.post("/{job_id}/cancel", summary="Stop a job", status_code=202, responses=documented(404, 409))
    def cancel(job_id: str, request: Request) -> RepriceJob:
        return _job(repricing.cancel(project_of(request), job_id))

    @routes.post("/{job_id}/undo", summary="Restore the former costs", status_code=202, responses=documented(404, 409))
    def undo(job_id: str, request: Request) -> RepriceJob:
        return _job(repricing.undo(project_of(request), job_id, by=_who(request)))

    @routes.delete(
        "/{job_id}", summary="Forget a job; it can't be undone then", status_code=204, responses=documented(404, 409)
    )
    def forget(job_id: str, request: Request) -> Response:
        repricing.forget(project_of(request), job_id)
        return Response(status_code=204)

    return routes


def _trial(overrides: Overrides, body: RepriceWanted, override: OverrideWanted, request: Request) -> Trial:
    if not body.dry_run:
        msg = "override: a price that isn't saved can only be tried, with dry_run. Save it, then price the past again."
        raise BadRequestError(msg)
    actor = actor_of(request)
    return Trial(overrides.tried(actor, override_of(override, actor), body.replaces), body.replaces)


def _job(job: Any) -> RepriceJob:
    return RepriceJob(**shapes.job(job))


def _who(request: Request) -> str:
    identity: Identity = request.state.identity
    return identity.key_id
