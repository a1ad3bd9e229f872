"""The running parts in; all the doors of one server, before one application, out."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import Any, NamedTuple, cast

from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from farthing.access.allowances import Allowances
from farthing.access.hygiene import Hygiene
from farthing.access.identity import Scope as KeyScope
from farthing.access.workspaces import Projects
from farthing.alerts.delivering import Delivering
from farthing.alerts.service import Service
from farthing.annotation.score_configs import ScoreConfigs
from farthing.api import alerts as alert_routes
from farthing.api import allowances as allowance_routes
from farthing.api import (
    beside_traces,
    budget_corrections,
    budget_outlook,
    budgets,
    channels,
    datasets,
    evaluations,
    experiments,
    gateway_refused,
    gateway_trials,
    hygiene,
    ingest_health,
    live,
    projects,
    quarantine,
    retention,
    scores,
    workspace,
)
from farthing.api import gateway as gateway_routes
from farthing.api.gateway_trials import Trials
from farthing.api.identity import Access, needs
from farthing.budgets.live import Budgets
from farthing.budgets.reservations import Reservations
from farthing.catalogue.live import Live
from farthing.evaluations.live import Evaluations
from farthing.gateway.door import Gateway
from farthing.intake.direct import Direct
from farthing.intake.direct_keeping import Keeping, counted
from farthing.intake.otlp_http import OtlpHttp
from farthing.intake.reception import Reception
from farthing.langfuse.door import Door as Langfuse
from farthing.langfuse.parts import Parts as LangfuseParts
from farthing.media.library import Media
from farthing.pipeline import Pipeline
from farthing.routing.administration import Administration
from farthing.routing.live import Routing
from farthing.routing.refused import Refusals
from farthing.scoring import Scoring
from farthing.settings import Settings, variables
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup
from farthing.web.serving import Pages

MIB = 1 << 20
_TRUSTED = "FORWARDED_ALLOW_IPS"
"""uvicorn's own name for whose word is taken for where a request comes from."""


class Running(NamedTuple):
    """What the doors need of the rest."""

    database: Database
    engine: Engine
    rollup: Rollup
    pipeline: Pipeline
    access: Access
    prices: Live
    reception: Reception
    routing: Routing
    desk: Administration
    spending: Budgets
    reservations: Reservations
    media: Media
    now: Callable[[], datetime]


class Doors:
    """What one server can be asked, and by whom."""

    def __init__(self, settings: Settings, on: Running, listeners: live.Listeners, parts: ExitStack) -> None:
        """What a door begins itself is ended by `parts`."""
        self._settings = settings
        self._on = on
        self._listeners = listeners
        self._parts = parts
        self._reading, self._sending, self._changing = (
            needs(on.access, scope) for scope in (KeyScope.READ, KeyScope.INGEST, KeyScope.ADMIN)
        )

    def telemetry(self, web: FastAPI) -> ASGIApp:
        """`web` behind the doors for telemetry, with what is asked of it by those who send it."""
        on, reading, sending, changing = self._on, self._reading, self._sending, self._changing
        spending = on.spending
        allowances = Allowances(on.database, counted(on.engine, on.pipeline), self._on.now)
        keeping = Keeping(on.engine, on.pipeline, on.prices, allowances, spending)
        self._parts.callback(keeping.close)
        on.rollup.listen(self._listeners.heard)
        wiping = Hygiene(on.database, on.engine, on.pipeline.wait_settled, self._on.now)
        for router in (
            budget_corrections.router(spending, on.reservations.reserved, reading, changing),
            budgets.router(spending, on.reservations.reserved, reading, changing),
            budget_outlook.router(spending, on.engine, on.rollup, reading),
            quarantine.router(on.engine, reading, sending, on.reception.replay, on.pipeline.settle_again),
            workspace.router(on.access.keys, allowances, spending, on.prices, on.engine, on.rollup),
            hygiene.router(wiping, sending, keeping.forget, on.rollup.touch),
            allowance_routes.router(allowances, changing),
            live.router(self._listeners, reading),
            projects.router(Projects(on.database, self._on.now), changing),
            ingest_health.router(on.engine, self._settings.queue_spans, changing),
            retention.router(self._settings.content_days, changing),
            *gateway_routes.routers(on.desk, on.routing, changing),
            *datasets.routers(on.database, on.engine, self._settings.max_body_mb * MIB, reading, sending, changing),
            *experiments.routers(on.database, on.engine, on.pipeline, reading, sending),
            scores.router(
                on.engine,
                Scoring(on.engine, on.pipeline),
                ScoreConfigs(on.database, self._on.now).conforming,
                reading,
                sending,
            ),
            *beside_traces.routers(on.database, (on.engine, on.rollup), on.media, self._on.now, reading, changing),
        ):
            web.include_router(router)
        web.router.routes.extend(OtlpHttp(on.reception).routes())
        limits, per_minute = on.reception.limits, self._settings.ingest_per_minute
        direct = Direct(on.access.keys, keeping, allowances, limits, per_minute)
        direct.describe(web)
        return self._langfuse().before(direct.before(web))

    def _langfuse(self) -> Langfuse:
        on = self._on
        most_bytes, root_path = self._settings.max_body_mb * MIB, self._settings.root_path
        known = Projects(on.database, self._on.now)
        parts = LangfuseParts(
            on.access.keys, known, on.database, on.engine, on.rollup, on.pipeline, on.prices, on.media,
            most_bytes, root_path,
        )  # fmt: skip
        return Langfuse(parts)

    def alerts(self, web: FastAPI, made: Service) -> None:
        """Rules, what they would say, and incidents."""
        routes = alert_routes.router(made.rules, made.incidents, made.sources, self._reading, self._changing)
        web.include_router(routes)

    def channels(self, web: FastAPI, made: Delivering) -> None:
        """Who is told of incidents, and what was sent."""
        web.include_router(channels.router(made.channels, made.outbox, self._reading, self._changing))

    def evaluations(self, web: FastAPI, made: Evaluations) -> None:
        """Rules that judge calls, how they do, and what they would say."""
        web.include_router(evaluations.router(made.rules, made.standings, made.try_out, self._reading, self._changing))

    def gateway(self, web: FastAPI, gateway: Gateway, refusals: Refusals) -> None:
        """The gateway as it is documented and tried out; its own way leads before `web`."""
        gateway.describe(web)
        trials = Trials(gateway.check, gateway.acting)
        web.include_router(gateway_trials.router(trials, self._on.desk.accounts, self._on.routing, self._changing))
        web.include_router(gateway_refused.router(refusals, self._reading))


def front(web: ASGIApp, before: Callable[[ASGIApp], ASGIApp], root_path: str) -> ASGIApp:
    """What requests pass on their way to `web`; model calls (`before`) first, where no prefix is to be taken off first."""
    pages = Pages(before(web) if root_path else web, root_path)
    trusted = variables([_TRUSTED]).get(_TRUSTED) or "127.0.0.1"
    behind = cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", pages), trusted))
    return behind if root_path else before(behind)
