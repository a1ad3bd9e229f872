"""Requests about accounts with providers in; accounts without their secrets out. Scope admin."""

from typing import Any

from fastapi import Depends, Request

from farthing.api.gateway_schemas import AccountChanges, AccountList, AccountShown, AccountWanted
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.routing.accounts import Accounts
from farthing.routing.configured import AccountKept
from farthing.routing.live import Routing
from farthing.routing.plan import Account


def router(accounts: Accounts, routing: Routing, may_change: Guard) -> Routes:
    """The routes; the guard lets in keys with the scope admin."""
    routes = Routes(
        prefix="/api/v1/gateway/accounts",
        tags=["gateway"],
        dependencies=[Depends(may_change)],
        responses=documented(400, 401, 403, 422, 503),
    )

    @routes.get("", summary="List the accounts a project may use")
    def listing(request: Request) -> AccountList:
        kept = [_shown(one) for one in accounts.of(project_of(request))]
        return AccountList(data=[*kept, *(_default(one) for one in routing.defaults)])

    @routes.post("", summary="Add an account", status_code=201, responses=documented(409))
    def create(wanted: AccountWanted, request: Request) -> AccountShown:
        project = None if wanted.level == "organisation" else project_of(request)
        fields = wanted.model_dump(exclude={"level", "secret"})
        return _shown(accounts.create(actor_of(request), AccountKept("", project, **fields), wanted.secret or ""))

    @routes.get("/{account}", summary="One account", responses=documented(404))
    def one(account: str, request: Request) -> AccountShown:
        return _shown(accounts.get(project_of(request), account))

    @routes.patch("/{account}", summary="Change an account, or its secret", responses=documented(404))
    def change(account: str, wanted: AccountChanges, request: Request) -> AccountShown:
        given: dict[str, Any] = wanted.model_dump(exclude_unset=True)
        secret = given.pop("secret", None)
        return _shown(accounts.change(actor_of(request), account, given, secret))

    @routes.delete("/{account}", summary="Delete an account and its secret", status_code=204, responses=documented(404))
    def remove(account: str, request: Request) -> None:
        accounts.remove(actor_of(request), account)

    return routes


def _shown(kept: AccountKept) -> AccountShown:
    return AccountShown(
        id=kept.id,
        slug=kept.slug,
        name=kept.name,
        provider=kept.provider,
        level="project" if kept.project_id else "organisation",
        base_url=kept.base_url or None,
        options=dict(kept.options),
        enabled=kept.enabled,
        has_secret=kept.has_secret,
        secret_hint=kept.secret_hint or None,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
    )


def _default(account: Account) -> AccountShown:
    return AccountShown(
        id=account.id,
        slug=account.slug,
        name="",
        provider=account.provider,
        level="environment",
        base_url=account.base_url or None,
        options=dict(account.options),
        enabled=True,
        has_secret=bool(account.secret),
        secret_hint=None,
        created_at=None,
        updated_at=None,
    )
