"""Requests about environments, rollouts and limits of keys, and who changed what of the gateway, in; they out. Scope admin."""

from typing import Any, Literal

from fastapi import Depends, Request

from farthing.api import changes
from farthing.api.gateway_schemas import (
    EnvironmentChanges,
    EnvironmentList,
    EnvironmentShown,
    EnvironmentWanted,
    LimitList,
    LimitShown,
    LimitWanted,
    RolloutChanges,
    RolloutList,
    RolloutShown,
    RolloutWanted,
)
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.routing.administration import Administration
from farthing.routing.configured import Environment, KeyLimit
from farthing.routing.plan import Spent
from farthing.routing.rollouts import Environments, Limits, Rollouts, Shown

OTHERS = "default"
"""In addresses, all keys that have no limit of their own."""

KindName = Literal["", "account", "config", "variant", "version", "environment", "rollout", "limit"]


def router(desk: Administration, may_change: Guard) -> Routes:
    """The routes; the guard lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/gateway",
        tags=["gateway"],
        dependencies=[Depends(may_change)],
        responses=documented(400, 401, 403, 422, 503),
    )
    _add_environments(routes, desk.environments)
    _add_rollouts(routes, desk.rollouts)
    _add_limits(routes, desk.limits)

    @routes.get("/history", summary="Who changed what of the gateway, when, from what to what")
    def history(request: Request, kind: KindName = "", limit: int = 100) -> ChangeList:
        return changes.shown(desk.records.history(project_of(request), kind, changes.most(limit)))

    return routes


def _add_environments(routes: Routes, environments: Environments) -> None:
    @routes.get("/environments", summary="List environments")
    def listing(request: Request) -> EnvironmentList:
        return EnvironmentList(data=[_environment(one) for one in environments.of(project_of(request))])

    @routes.post("/environments", summary="Add an environment", status_code=201, responses=documented(409))
    def create(wanted: EnvironmentWanted, request: Request) -> EnvironmentShown:
        return _environment(
            environments.create(actor_of(request), Environment("", project_of(request), **wanted.model_dump()))
        )

    @routes.get("/environments/{environment}", summary="One environment", responses=documented(404))
    def one(environment: str, request: Request) -> EnvironmentShown:
        return _environment(environments.get(project_of(request), environment))

    @routes.patch("/environments/{environment}", summary="Change an environment", responses=documented(404, 409))
    def change(environment: str, wanted: EnvironmentChanges, request: Request) -> EnvironmentShown:
        given = wanted.model_dump(exclude_unset=True)
        return _environment(environments.change(actor_of(request), environment, given))

    @routes.delete(
        "/environments/{environment}",
        summary="Delete an environment",
        status_code=204,
        responses=documented(404, 409),
    )
    def remove(environment: str, request: Request) -> None:
        environments.remove(actor_of(request), environment)


def _add_rollouts(routes: Routes, rollouts: Rollouts) -> None:
    @routes.get("/rollouts", summary="List rollouts")
    def listing(request: Request) -> RolloutList:
        return RolloutList(data=[_rollout(one) for one in rollouts.of(project_of(request))])

    @routes.post("/rollouts", summary="Roll a variant out", status_code=201, responses=documented(404, 409))
    def create(wanted: RolloutWanted, request: Request) -> RolloutShown:
        return _rollout(rollouts.create(actor_of(request), *_names_and_fields(wanted)))

    @routes.get("/rollouts/{rollout_id}", summary="One rollout", responses=documented(404))
    def one(rollout_id: str, request: Request) -> RolloutShown:
        return _rollout(rollouts.get(project_of(request), rollout_id))

    @routes.patch("/rollouts/{rollout_id}", summary="Change a rollout", responses=documented(404))
    def change(rollout_id: str, wanted: RolloutChanges, request: Request) -> RolloutShown:
        return _rollout(rollouts.change(actor_of(request), rollout_id, *_names_and_fields(wanted)))

    @routes.delete("/rollouts/{rollout_id}", summary="Delete a rollout", status_code=204, responses=documented(404))
    def remove(rollout_id: str, request: Request) -> None:
        rollouts.remove(actor_of(request), rollout_id)


def _add_limits(routes: Routes, limits: Limits) -> None:
    @routes.get("/limits", summary="List what keys may ask of the gateway")
    def listing(request: Request) -> LimitList:
        return LimitList(data=[_limit(one) for one in limits.of(project_of(request))])

    @routes.put(
        "/limits/{key_id}",
        summary="Limit a key",
        description=f"`{OTHERS}`: all keys of the project that have no limit of their own.",
        responses=documented(404),
    )
    def put(key_id: str, wanted: LimitWanted, request: Request) -> LimitShown:
        limit = KeyLimit(
            id="",
            project_id=project_of(request),
            key_id="" if key_id == OTHERS else key_id,
            models=None if wanted.models is None else tuple(wanted.models),
            requests_per_minute=wanted.requests_per_minute,
            tokens_per_minute=wanted.tokens_per_minute,
            concurrent=wanted.concurrent,
            when_spent=Spent(wanted.when_spent),
            cheaper_model=wanted.cheaper_model,
        )
        return _limit(limits.put(actor_of(request), limit))

    @routes.delete("/limits/{key_id}", summary="Limit a key no more", status_code=204, responses=documented(404))
    def remove(key_id: str, request: Request) -> None:
        limits.remove(actor_of(request), "" if key_id == OTHERS else key_id)


def _names_and_fields(wanted: RolloutChanges) -> tuple[dict[str, str], dict[str, Any]]:
    """What is said of other things by their slugs, and the rest."""
    given = wanted.model_dump(exclude_unset=True)
    names = {name: given.pop(name) or "" for name in ("config", "variant", "environment") if name in given}
    if "version" in given:
        given["version"] = given["version"] or 0
    return names, given


def _environment(environment: Environment) -> EnvironmentShown:
    return EnvironmentShown(
        id=environment.id,
        slug=environment.slug,
        name=environment.name,
        is_production=environment.is_production,
        created_at=environment.created_at,
        updated_at=environment.updated_at,
    )


def _rollout(shown: Shown) -> RolloutShown:
    rollout = shown.rollout
    return RolloutShown(
        id=rollout.id,
        name=rollout.name,
        config=shown.config,
        variant=shown.variant,
        environment=shown.environment or None,
        version=rollout.version or None,
        weight=rollout.weight,
        priority=rollout.priority,
        conditions=rollout.conditions,
        enabled=rollout.enabled,
        created_at=rollout.created_at,
        updated_at=rollout.updated_at,
    )


def _limit(limit: KeyLimit) -> LimitShown:
    return LimitShown(
        key_id=limit.key_id or None,
        models=None if limit.models is None else list(limit.models),
        requests_per_minute=limit.requests_per_minute,
        tokens_per_minute=limit.tokens_per_minute,
        concurrent=limit.concurrent,
        when_spent=limit.when_spent.value,
        cheaper_model=limit.cheaper_model,
        created_at=limit.created_at,
        updated_at=limit.updated_at,
    )
