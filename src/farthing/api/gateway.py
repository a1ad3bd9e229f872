"""All that operators can change about the gateway in; the routes under /api/v1/gateway out."""

from collections.abc import Iterable

from farthing.api import gateway_accounts, gateway_configs, gateway_rollouts
from farthing.api.identity import Guard
from farthing.api.routes import Routes
from farthing.routing.administration import Administration
from farthing.routing.live import Routing


def routers(desk: Administration, routing: Routing, may_change: Guard) -> Iterable[Routes]:
    """They; the guard lets in keys with the scope admin."""
    return (
        gateway_accounts.router(desk.accounts, routing, may_change),
        gateway_configs.router(desk.configs, may_change),
        gateway_rollouts.router(desk, may_change),
    )
