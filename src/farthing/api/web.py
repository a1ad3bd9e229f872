"""The stores and the keys in; the web application that answers questions out."""

from collections.abc import Callable, Mapping

import msgspec

from farthing import __version__
from farthing.access.identity import Scope
from farthing.api import (
    export,
    health,
    keys,
    price_lists,
    price_overrides,
    price_reports,
    prices,
    problems,
    questions,
    reprice,
    session,
    sessions,
    signals,
    tags,
    unsummed,
    waste,
    why,
)
from farthing.api.identity import Access, needs
from farthing.api.routes import Application
from farthing.catalogue.lists import Lists
from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Overrides
from farthing.reprice.jobs import Repricing
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_ABOUT = """What LLM calls cost, who caused it, and when it goes wrong.

Send a key as `Authorization: Bearer fk_…` or `X-API-Key: fk_…`. Money is an exact decimal string in US dollars, `null` when
unknown or unpriced; times are RFC 3339 in UTC; durations are whole milliseconds; errors are RFC 9457 problems."""


class Prices(msgspec.Struct, frozen=True):
    """What asks about prices and changes them."""

    live: Live
    overrides: Overrides
    repricing: Repricing
    lists: Lists


def create(
    engine: Engine,
    rollup: Rollup,
    access: Access,
    pricing: Prices,
    checks: Mapping[str, Callable[[], None]],
    usage: Callable[[], str],
) -> Application:
    """The application."""
    web = Application("Farthing", __version__, _ABOUT)
    problems.install(web)
    web.include_router(health.router(checks, usage))
    web.include_router(questions.router(engine, rollup, needs(access, Scope.READ)))
    web.include_router(sessions.router(engine, rollup, needs(access, Scope.READ)))
    web.include_router(why.router(engine, rollup, needs(access, Scope.READ)))
    web.include_router(waste.router(engine, needs(access, Scope.READ)))
    web.include_router(unsummed.router(engine, needs(access, Scope.READ)))
    web.include_router(export.router(engine, rollup, needs(access, Scope.READ)))
    web.include_router(signals.router(engine, needs(access, Scope.READ)))
    web.include_router(tags.router(engine, needs(access, Scope.READ)))
    reading, changing = needs(access, Scope.READ), needs(access, Scope.ADMIN)
    web.include_router(price_overrides.router(pricing.overrides, reading, changing))
    web.include_router(price_reports.router(engine, pricing.live, reading))
    web.include_router(price_lists.router(pricing.lists, reading, changing))
    # Before what takes any provider and model.
    web.include_router(reprice.router(pricing.repricing, pricing.overrides, changing))
    web.include_router(prices.router(pricing.live, reading))
    web.include_router(keys.router(access.keys, needs(access, Scope.ADMIN)))
    web.include_router(session.router(access))
    return web
