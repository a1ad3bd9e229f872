"""The one composition root: settings in, a running server out. Parts start in order and stop in reverse."""

import asyncio
import logging
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from farthing import api, crashing, footprint, vitals
from farthing.access import cli_key
from farthing.access.keys import Keys
from farthing.access.people import People
from farthing.access.setup import Given, Made, set_up
from farthing.alerts.budget_watch import BudgetWatch
from farthing.alerts.delivering import Delivering, Place, delivering
from farthing.alerts.digesting import Ledger
from farthing.alerts.live import Sources
from farthing.alerts.service import Service, known_at, service
from farthing.api import live
from farthing.api.identity import Access
from farthing.api.web import Prices
from farthing.beside import Beside
from farthing.budgets.live import Budgets
from farthing.budgets.reservations import Reservations
from farthing.budgets.turns import Turns
from farthing.catalogue.lists import Lists
from farthing.catalogue.live import Live
from farthing.catalogue.overrides import Overrides
from farthing.connecting import InOneGo, Ways
from farthing.doors import Doors, Running, front
from farthing.evaluations.asking import Answer, Question
from farthing.evaluations.live import Evaluations, evaluations
from farthing.gateway import calling
from farthing.gateway.admitting import Admitting, Reach
from farthing.gateway.door import Gateway
from farthing.gateway.journal import Journal
from farthing.gateway.late_usage import LateUsage, keeping
from farthing.gateway.settlement import Settlement
from farthing.gateway.telling import Telling
from farthing.intake.body import Limits
from farthing.intake.otlp_grpc import OtlpGrpc
from farthing.intake.reception import Reception
from farthing.listening import OnlyOtlpOn, Ready, Uvicorn, in_url, listener
from farthing.media.bucket import Where
from farthing.media.library import Media, Reached
from farthing.pipeline import Pipeline
from farthing.query.usage_metrics import UsageMetrics
from farthing.reprice.jobs import Repricing
from farthing.reprice.work import Worker
from farthing.responding import Interruptible
from farthing.routing import default_accounts
from farthing.routing.administration import Administration, administration
from farthing.routing.live import Routing
from farthing.routing.makers import by_catalog
from farthing.routing.refused import Refusals
from farthing.routing.vault import Vault
from farthing.scoring import Scoring
from farthing.settings import Settings, variables
from farthing.store.folder import DataFolder
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease
from farthing.store.meta.watermark import SettledWatermark
from farthing.store.telemetry import unknown_usage
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.retention import Retention
from farthing.store.telemetry.rollup import Rollup
from farthing.store.telemetry.write_ahead import WriteAhead

log = logging.getLogger(__name__)

MIB = 1 << 20
CONNECTIONS = 1_000
BESIDE = ("farthing.intake.workshop", "farthing.gateway.accounted")
"""What is done in a process of its own while there is much of it."""
SHRINK_AFTER_SECONDS = 1.0
"""After the start, when the first answers have been given: they must not wait for it."""

SWITCH_SECONDS = 0.001
"""How long a thread that works in Python may keep the others from it. Receiving and committing ask for Python many times a
request, for a moment each: with the usual 5 ms, each time behind a decoder, they would wait longer than they work."""


class Server:
    """A Farthing server in this process. Use it once."""

    def __init__(self, settings: Settings, on_ready: Callable[[Ready], None]) -> None:
        """`on_ready` is called when requests are being answered."""
        self._settings = settings
        self._on_ready = on_ready
        self._parts = ExitStack()
        self._listeners = live.Listeners(time.time_ns)
        self._endings: list[Callable[[], Awaitable[None]]] = []
        """What is to be closed within the event loop, when nobody asks any more."""
        self._beginnings: list[Callable[[asyncio.AbstractEventLoop], None]] = []
        """What begins when there is an event loop."""
        self._short: Ways | None = None

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM. Raises `StartError` when it can't start."""
        crashing.show_when_asked()
        with self._parts:
            sockets = [self._listen(self._settings.port, "FARTHING_PORT or --port")]
            if self._settings.otlp_port:
                sockets.append(self._listen(self._settings.otlp_port, "FARTHING_OTLP_PORT"))
            ports = [s.getsockname()[1] for s in sockets]
            for_grpc = (
                self._listen(self._settings.grpc_port, "FARTHING_GRPC_PORT") if self._settings.grpc_port else None
            )
            web, reception, ready = self._compose(ports)
            grpc = OtlpGrpc(reception, for_grpc) if for_grpc else None
            vitals.keep_from_the_collector()
            sys.setswitchinterval(SWITCH_SECONDS)
            self._uvicorn(web, grpc, ready, ports[0]).run(sockets)

    def _compose(self, ports: list[int]) -> tuple[ASGIApp, Reception, Ready]:
        settings, parts = self._settings, self._parts
        folder = DataFolder(settings.data)
        parts.callback(folder.release)
        # The embedded engine takes rows in through files of a moment. Nobody else should see them, or clear up after a crash.
        tempfile.tempdir = str(folder.scratch())
        database, engine = self._stores()
        # After everything that may refuse to start: the key it makes is shown once.
        made = self._set_up(database)
        keys = Keys(database)
        parts.callback(keys.close)
        rollup = Rollup(engine)
        rollup.recover()
        prices = self._prices(database)
        pipeline = self._pipeline(engine, prices, rollup, database)
        refreshing = rollup.start()
        parts.callback(refreshing.stop)
        worker = Worker(engine, rollup, pipeline, prices.with_override, _now)
        repricing = self._repricing(database, engine, worker, Lease(database, "reprice", folder.server()))
        self._forward(database, engine, Lease(database, "forward", folder.server()))
        reception, beside = self._reception(pipeline, keys, prices)
        vault = Vault.open(settings.secret_key.get_secret_value(), settings.data)
        routing, desk = self._routing(database, prices, vault)
        keys.hand_on(desk.limits.hand_on, desk.records.changed)
        overrides = Overrides(database, prices, _now)
        access = Access(keys, People(database), settings.root_path)
        web = api.create(
            engine,
            rollup,
            access,
            Prices(prices, overrides, repricing, Lists(database, prices, overrides, _now)),
            {"telemetry": engine.ping, "meta": database.ping},
            UsageMetrics(engine, rollup, database, settings.metrics_series, time.time_ns).text,
        )
        spending = self._budgets(Budgets(database, engine, rollup, time.time_ns))
        turns = Turns(database, rollup, folder.server(), time.time_ns, is_apart=engine.is_alone)
        reservations = self._reservations(spending, database, turns)
        on = Running(
            database, engine, rollup, pipeline, access, prices, reception, routing, desk, spending, reservations,
            self._media(database, vault), _now,
        )  # fmt: skip
        doors = Doors(settings, on, self._listeners, parts)
        app = doors.telemetry(web)
        url = f"http://{in_url(settings.host)}:{ports[0]}"
        doors.alerts(web, self._alerts(on, Lease(database, "alerts", folder.server()), url))
        delivers = self._deliver(
            on, vault, Place(folder.server(), settings.reached(url), settings.alerts_allow_private)
        )
        doors.channels(web, delivers)
        gateway, refusals = self._gateway(on, beside)
        doors.gateway(web, gateway, refusals)
        doors.evaluations(web, self._evaluations(on, gateway, Lease(database, "evaluations", folder.server())))
        app = front(app, gateway.before, settings.root_path)
        otlp_url = f"http://{in_url(settings.host)}:{ports[1]}" if len(ports) > 1 else url
        folder.announce(url)
        return (
            Interruptible(OnlyOtlpOn(app, ports[1]) if len(ports) > 1 else app),
            reception,
            Ready(url, otlp_url, self._grpc_url(), made, pipeline),
        )

    def _set_up(self, database: Database) -> Made:
        made = set_up(database, _given(self._settings), datetime.now(UTC))
        for notice in made.notices:
            log.warning(notice)
        if made.cli_key:
            cli_key.write(self._settings.data, made.cli_key)
        return made

    def _stores(self) -> tuple[Database, Engine]:
        database = Database.open(self._settings.meta_url)
        self._parts.callback(database.close)
        database.migrate()
        engine = Engine(self._settings.telemetry_url)
        self._parts.callback(engine.close)
        engine.migrate()
        crashing.crash_at_once()
        return database, engine

    def _pipeline(self, engine: Engine, prices: Live, rollup: Rollup, database: Database) -> Pipeline:
        ahead = WriteAhead(engine, self._settings.data) if engine.is_alone else None
        if ahead is not None:
            self._parts.callback(ahead.close)
        pipeline = Pipeline(
            engine, prices.price, rollup, SettledWatermark(database),
            most_pending=self._settings.queue_spans, clock=time.time_ns, ahead=ahead,
        )  # fmt: skip
        pipeline.start()
        self._parts.callback(Retention(engine, self._settings.content_days, _now).stop)
        self._parts.callback(self._drain, pipeline)
        return pipeline

    def _prices(self, database: Database) -> Live:
        prices = Live(database, _now)
        prices.start()
        self._parts.callback(prices.stop)
        return prices

    def _routing(self, database: Database, prices: Live, vault: Vault) -> tuple[Routing, Administration]:
        environment = variables(default_accounts.variables())
        routing = Routing(database, vault, environment, by_catalog(lambda: prices.catalog))
        routing.start()
        self._parts.callback(routing.stop)
        return routing, administration(database, vault, routing, _now)

    def _reception(self, pipeline: Pipeline, keys: Keys, prices: Live) -> tuple[Reception, Beside]:
        beside = Beside(BESIDE)
        self._parts.callback(beside.close)
        reception = Reception(pipeline, keys, Limits(self._settings.max_body_mb * MIB), prices, beside)
        self._parts.callback(reception.close)
        return reception, beside

    def _media(self, database: Database, vault: Vault) -> Media:
        told, keys = self._settings, vault.derived("addresses of media")
        secret = told.media_s3_secret_key.get_secret_value()
        where = Where(
            told.media_s3_bucket, told.media_s3_endpoint, told.media_s3_region, told.media_s3_access_key, secret
        )
        reached = Reached(told.public_url, told.root_path)
        return Media.open(database, told.data / "media", where, keys, _now, reached)

    def _gateway(self, on: Running, beside: Beside) -> tuple[Gateway, Refusals]:
        refusals = Refusals(_now())
        settings, pipeline, routing = self._settings, on.pipeline, on.routing
        lets_unpriced = settings.gateway_unpriced == "allow"
        reach = Reach(routing.limit, routing.plan, lambda: on.prices.price, lets_unpriced, lambda: on.prices.catalog)
        settlement = Settlement(on.reservations, reach.price, pipeline.wait_settled)
        settlement.start()
        self._parts.callback(settlement.close)
        admission = Admitting(on.reservations, settlement, reach)
        journal = Journal(settings.data)
        self._parts.callback(journal.close)
        telling = Telling(journal, pipeline, on.prices, beside, settlement.left, settlement.all_left_told)
        telling.start()
        keep = keeping(pipeline, reach.price, on.reservations)
        late = LateUsage(partial(unknown_usage.find, on.engine), keep)
        self._parts.callback(late.close, settings.drain_seconds / 2)
        self._parts.callback(telling.close, settings.drain_seconds / 2)
        gateway = Gateway(
            on.access.keys, routing, admission, journal, telling, late, refusals.add,
            most_bytes=settings.max_body_mb * MIB, stops_without_store=settings.gateway_on_store_down == "stop",
            most_cached=settings.gateway_cache_mb * MIB,
        )  # fmt: skip
        self._endings.append(gateway.close)
        self._short = None if settings.root_path else gateway.short
        return gateway, refusals

    def _evaluations(self, on: Running, gateway: Gateway, lease: Lease) -> Evaluations:
        async def ask(asked: Question) -> Answer:
            wanted = calling.Wanted(asked.project_id, asked.asker, asked.path, asked.headers, asked.body)
            told = await calling.call(gateway.acting, wanted)
            return Answer(told.status, told.body, told.headers.get("x-farthing-request-id", ""))

        made = evaluations(on.database, on.engine, ask, Scoring(on.engine, on.pipeline).keep, lease, time.time_ns)
        on.rollup.listen(made.touch)
        self._beginnings.append(made.start)
        # Before the gateway, which its judges are asked through.
        self._endings.insert(0, made.stop)
        return made

    def _repricing(self, database: Database, engine: Engine, worker: Worker, lease: Lease) -> Repricing:
        repricing = Repricing(database, engine, worker, _now, lease)
        repricing.start()
        self._parts.callback(repricing.stop)
        return repricing

    def _reservations(self, spending: Budgets, database: Database, turns: Turns) -> Reservations:
        reservations = Reservations(spending, database, time.time_ns, turns if database.is_shared else None)
        reservations.start()
        self._parts.callback(reservations.close)
        return reservations

    def _budgets(self, budgets: Budgets) -> Budgets:
        budgets.start()
        self._parts.callback(budgets.stop)
        return budgets

    def _deliver(self, on: Running, vault: Vault, place: Place) -> Delivering:
        ledger = Ledger(on.engine, on.rollup, on.spending.all_standing)
        made = delivering(on.database, vault, ledger, place, time.time_ns)
        made.start()
        self._parts.callback(made.stop)
        return made

    def _alerts(self, on: Running, lease: Lease, url: str) -> Service:
        sources = Sources(on.engine, on.rollup, partial(known_at, on.prices.age_days, time.time_ns), on.database)
        watch = BudgetWatch(on.spending, on.engine, on.rollup, on.database)
        made = service(on.database, sources, lease, time.time_ns, self._settings.reached(url), [watch])
        made.alerts.start()
        self._parts.callback(made.alerts.stop)
        return made

    def _forward(self, database: Database, engine: Engine, lease: Lease) -> None:
        if url := self._settings.forward_url:
            # Most servers forward nothing, and need no client for it either.
            from farthing.forward.forwarding import Backend, Forwarding  # noqa: PLC0415

            backend = Backend(url, self._settings.forward_headers.get_secret_value())
            forwarding = Forwarding(database, engine, SettledWatermark(database), backend, time.time_ns, lease)
            forwarding.start()
            self._parts.callback(forwarding.stop)

    def _grpc_url(self) -> str:
        port = self._settings.grpc_port
        return f"http://{in_url(self._settings.host)}:{port}" if port else ""

    def _drain(self, pipeline: Pipeline) -> None:
        if not pipeline.stop(self._settings.drain_seconds / 2):
            log.warning("Stopped before everything kept was settled; the next start settles the rest.")

    def _listen(self, port: int, knob: str) -> socket.socket:
        made = listener(self._settings.host, port, knob)
        self._parts.callback(made.close)
        return made

    def _uvicorn(self, web: ASGIApp, grpc: OtlpGrpc | None, ready: Ready, port: int) -> Uvicorn:
        config = uvicorn.Config(
            web,
            log_level="warning",
            access_log=False,
            lifespan="off",
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=max(1, self._settings.drain_seconds // 2),
            server_header=False,
            proxy_headers=False,  # `front` reads what they say
            http=cast("Any", partial(InOneGo, short=self._short, port=port)),
        )

        def on_ready() -> None:
            for begin in self._beginnings:
                begin(asyncio.get_running_loop())
            self._on_ready(ready)
            shrink = threading.Timer(SHRINK_AFTER_SECONDS, footprint.shrink, [footprint.programs()])
            shrink.daemon = True
            shrink.start()

        return Uvicorn(config, grpc, on_ready, self._listeners.close, self._endings)


def _now() -> datetime:
    return datetime.now(UTC)


def _given(settings: Settings) -> Given:
    return Given(
        key=settings.init_key.get_secret_value(),
        public_key=settings.init_public_key,
        secret_key=settings.init_secret_key.get_secret_value(),
        admin_password=settings.init_admin_password.get_secret_value(),
        cli_key=cli_key.read(settings.data),
    )
