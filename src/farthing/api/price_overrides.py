"""Requests about price overrides in; overrides, live at once and audited, out.

Reading needs the scope read, changing admin; what holds for the whole organisation is changed by an admin of the organisation.
"""

from datetime import UTC, datetime, timedelta

from fastapi import Depends, Request

from farthing.access.identity import Identity
from farthing.api import changes
from farthing.api.identity import Guard, project_of
from farthing.api.price_schemas import (
    ChangeList,
    OverrideList,
    OverrideScope,
    OverrideShown,
    OverrideWanted,
    Rate,
)
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.catalogue.overrides import Actor, Kept, Overrides, scope_of
from farthing.errors import BadRequestError
from farthing.pricing.overrides import Kind, Override, OverrideRate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def router(overrides: Overrides, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    routes = Routes(
        prefix="/api/v1/prices/overrides", tags=["prices"], responses=documented(400, 401, 403, 404, 409, 422)
    )
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    @routes.get("", summary="List price overrides", dependencies=reading)
    def listing(request: Request) -> OverrideList:
        return OverrideList(data=[shown(kept) for kept in overrides.of(project_of(request))])

    @routes.post("", summary="Add a price override", status_code=201, dependencies=changing)
    def create(wanted: OverrideWanted, request: Request) -> OverrideShown:
        actor = actor_of(request)
        return shown(overrides.create(actor, override_of(wanted, actor)))

    @routes.get("/history", summary="Who changed which override, when, from what to what", dependencies=reading)
    def history(request: Request, override_id: str = "", limit: int = 100) -> ChangeList:
        return changes.shown(overrides.history(project_of(request), override_id, changes.most(limit)))

    @routes.get("/{override_id}", summary="One price override", dependencies=reading)
    def one(override_id: str, request: Request) -> OverrideShown:
        return shown(overrides.get(project_of(request), override_id))

    @routes.put("/{override_id}", summary="Replace a price override", dependencies=changing)
    def replace(override_id: str, wanted: OverrideWanted, request: Request) -> OverrideShown:
        actor = actor_of(request)
        return shown(overrides.replace(actor, override_id, override_of(wanted, actor)))

    @routes.delete("/{override_id}", summary="Take a price override back", status_code=204, dependencies=changing)
    def remove(override_id: str, request: Request) -> None:
        overrides.remove(actor_of(request), override_id)

    return routes


def actor_of(request: Request) -> Actor:
    """Who makes a request that a guard has let in."""
    identity: Identity = request.state.identity
    return Actor(identity.project_id, identity.key_id, identity.is_of_organisation)


def override_of(wanted: OverrideWanted, actor: Actor) -> Override:
    """An override as it was asked for. Raises `BadRequestError`."""
    if wanted.scope.level == "organisation" and wanted.scope.key:
        msg = "scope: a key is one of a project, not of the organisation."
        raise BadRequestError(msg)
    return Override(
        id="new",
        kind=Kind(wanted.kind),
        provider=wanted.provider.strip(),
        model=wanted.model.strip(),
        names=tuple(wanted.names),
        scope=scope_of(actor, organisation=wanted.scope.level == "organisation", key=wanted.scope.key),
        rates={
            bucket: OverrideRate(rate.usd, rate.per, tuple(sorted(rate.steps)), rate.marginal)
            for bucket, rate in wanted.rates.items()
        },
        discount_percent=wanted.discount_percent,
        of_provider=wanted.of_provider,
        of_model=wanted.of_model,
        tier=wanted.tier,
        region=wanted.region,
        valid_from=nanoseconds(wanted.valid_from),
        valid_until=nanoseconds(wanted.valid_until),
        source=wanted.source,
        note=wanted.note,
    )


def shown(kept: Kept) -> OverrideShown:
    """An override as the API shows it."""
    told = kept.override
    return OverrideShown(
        id=told.id,
        kind=told.kind.value,
        provider=told.provider,
        model=told.model,
        names=list(told.names),
        scope=OverrideScope(level="project" if told.scope.project else "organisation", key=told.scope.key),
        rates={
            bucket: Rate(usd=rate.usd, per=rate.per, steps=list(rate.steps), marginal=rate.marginal)
            for bucket, rate in told.rates.items()
        },
        discount_percent=told.discount_percent,
        of_provider=told.of_provider,
        of_model=told.of_model,
        tier=told.tier,
        region=told.region,
        valid_from=_moment(told.valid_from),
        valid_until=_moment(told.valid_until),
        source=told.source,
        note=told.note,
        batch=kept.batch or None,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
    )


def nanoseconds(moment: datetime | None) -> int | None:
    """Unix nanoseconds; a moment without a time zone is in UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1) * 1000


def _moment(ns: int | None) -> datetime | None:
    return None if ns is None else _EPOCH + timedelta(microseconds=ns // 1000)
