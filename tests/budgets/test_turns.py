"""Several servers on one PostgreSQL database and one ledger: together they take what one would, whatever happens to one of them."""

import asyncio
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from budgets.made_budgets import make_budget
from e2e.waiting import until
from postgres import PostgresServer
from sqlalchemy import create_engine, text
from stored_calls import new_project, starts, stored_call, write

from farthing.budgets.budget import Enforcement
from farthing.budgets.fitting import Refusal
from farthing.budgets.holdings import Reservation
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.budgets.reservations import Reservations
from farthing.budgets.turns import Turns
from farthing.catalogue.overrides import Actor
from farthing.errors import StoreError
from farthing.model import money
from farthing.query.moments import NS
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

EACH = money.to_units(Decimal("0.003"))
"""What a stored call costs."""


class Server:
    """What a server has of budgets: an open database, a rollup and a memory of its own."""

    def __init__(self, engine: Engine, url: str, name: str, project: str) -> None:
        self.engine, self.project = engine, project
        self.database = Database.open(url)
        self.rollup = Rollup(engine)
        self.budgets = Budgets(self.database, engine, self.rollup, time.time_ns)
        self.budgets.start()
        self.turns = Turns(self.database, self.rollup, name, time.time_ns)
        self.reservations = Reservations(self.budgets, self.database, time.time_ns, self.turns)
        self.reservations.start()

    def reserve(self, worst: int = EACH) -> Reservation | Refusal:
        return asyncio.run(self.reservations.reserve(self.project, [{}], worst))

    def take(self, worst: int = EACH) -> Reservation:
        found = self.reserve(worst)
        assert isinstance(found, Reservation)
        return found

    def reserve_many(self, count: int) -> list[Reservation]:
        """As many callers at once; those that got in."""

        async def all_at_once() -> list[Reservation | Refusal]:
            return await asyncio.gather(*(self.reservations.reserve(self.project, [{}], EACH) for _ in range(count)))

        return [one for one in asyncio.run(all_at_once()) if isinstance(one, Reservation)]

    def tell(self, one: Reservation) -> None:
        """Its call is over, and gets into the ledger through this server."""
        self.reservations.settle(one, EACH)
        handed = self.reservations.handed_on([one])
        made = [stored_call(time.time_ns() - NS)]
        write(self.engine, self.project, made)
        self.rollup.touch(self.project, starts(made))
        self.reservations.in_ledger(handed)

    @property
    def reserved(self) -> int:
        (state,) = self.budgets.current(self.project).values()
        return self.reservations.reserved(self.project, state)

    @property
    def spent(self) -> Decimal | None:
        (state,) = self.budgets.states(self.project, {})
        return state.spent_usd

    def stop(self) -> None:
        self.reservations.close()
        self.die()

    def die(self) -> None:
        """Nothing of it goes on, and nobody hears of it."""
        self.turns.close()
        self.budgets.stop()
        self.database.close()


class Site:
    """A ledger, a meta database, a project with one budget, and servers."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url, self.project = engine, url, new_project()
        with self._database() as database:
            database.migrate()
            with database.write() as session:
                projects.insert(session, Project(self.project, self.project, datetime.now(UTC)))

    def make(self, limit: str, period: Period = Period.ROLLING, **more: str) -> None:
        with self._database() as database:
            wanted = make_budget(period, limit, enforcement=Enforcement.BLOCK, **more)
            Budgets(database, self.engine, Rollup(self.engine), time.time_ns).create(
                Actor(self.project, "key_1"), wanted
            )

    def start(self, name: str) -> Server:
        return Server(self.engine, self.url, name, self.project)

    @contextmanager
    def servers(self, *names: str) -> Generator[list[Server]]:
        with ExitStack() as running:
            found = [self.start(name) for name in names]
            for one in found:
                running.callback(one.stop)
            yield found

    @contextmanager
    def nobody_gets_a_turn(self) -> Generator[None]:
        """Somebody else has it, as a server that hangs in the middle of one."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(41800002)"))
            yield
        engine.dispose()

    @contextmanager
    def _database(self) -> Generator[Database]:
        database = Database.open(self.url)
        try:
            yield database
        finally:
            database.close()


@pytest.fixture
def site(telemetry_engine: Engine, postgres_server: PostgresServer) -> Generator[Site]:
    yield Site(telemetry_engine, postgres_server.new_database())


def test_two_servers_with_a_hundred_callers_each_and_a_budget_for_fifty_calls(site: Site) -> None:
    site.make("0.15", window="24h")
    with site.servers("a", "b") as (a, b), ThreadPoolExecutor(2) as both:
        taken = [both.submit(one.reserve_many, 100) for one in (a, b)]
        assert sum(len(one.result()) for one in taken) == 50
        assert isinstance(a.reserve(), Refusal)
        assert isinstance(b.reserve(), Refusal)


def test_calls_end_and_others_come_on_both_and_together_they_spend_exactly_the_budget(site: Site) -> None:
    site.make("0.06", window="24h")

    def run(server: Server) -> int:
        made = 0
        while isinstance(found := server.reserve(), Reservation):
            server.tell(found)
            made += 1
        return made

    with site.servers("a", "b") as servers, ThreadPoolExecutor(2) as both:
        made = list(both.map(run, servers))
        assert sum(made) == 20
        until(lambda: all(one.spent == Decimal("0.06") and one.reserved == 0 for one in servers), 30)


def test_what_a_call_did_not_cost_is_there_for_the_other_server(site: Site) -> None:
    site.make("0.01", window="24h")
    with site.servers("a", "b") as (a, b):
        first, second = a.take(EACH * 2), a.take(EACH)
        assert isinstance(b.reserve(), Refusal)
        a.reservations.settle(first, EACH)
        a.reservations.release(second)
        until(lambda: b.reserved == EACH, 30)
        assert isinstance(b.reserve(EACH * 2), Reservation)


def test_a_call_that_the_other_server_told_of_counts_once(site: Site) -> None:
    site.make("0.01", window="24h")
    with site.servers("a", "b") as (a, b):
        a.tell(a.take(EACH))
        assert isinstance(b.reserve(EACH * 2), Reservation)
        assert isinstance(b.reserve(), Refusal)
        until(lambda: b.spent == Decimal("0.003") and b.reserved == EACH * 2, 30)
        assert isinstance(b.reserve(), Refusal)


def test_spend_that_no_call_reserved_is_known_to_the_other_server(site: Site) -> None:
    site.make("0.01", window="24h")
    with site.servers("a", "b") as (a, b):
        assert b.reserved == 0
        made = [stored_call(time.time_ns() - NS) for _ in range(3)]
        write(a.engine, site.project, made)
        a.rollup.touch(site.project, starts(made))
        until(lambda: b.spent == Decimal("0.009"), 30)
        assert isinstance(b.reserve(), Refusal)


def test_what_nobody_will_know_stays_reserved_on_all_servers_and_after_a_restart(site: Site) -> None:
    site.make("0.01", window="24h")
    with site.servers("a", "b") as (a, b):
        a.reservations.settle(a.take(EACH * 2), None)
        until(lambda: b.reserved == EACH * 2, 30)
        assert a.reserved == EACH * 2
    with site.servers("c") as (c,):
        assert c.reserved == EACH * 2
        assert isinstance(c.reserve(EACH * 2), Refusal)
        assert isinstance(c.reserve(), Reservation)


def test_what_a_dead_server_had_under_way_stays_reserved_until_it_has_told_of_it(site: Site) -> None:
    site.make("0.01", window="24h")
    a = site.start("a")
    a.take(EACH * 2)
    a.die()
    with site.servers("b") as (b,):
        assert b.reserved == EACH * 2
        assert isinstance(b.reserve(EACH * 2), Refusal)
        with site.servers("a") as (again,):
            assert isinstance(again.reserve(EACH * 2), Refusal)
            # One of its calls was lost with it, the other had been told before.
            again.reservations.lost(site.project, [{}], EACH, int(time.time()))
            again.reservations.all_told()
            until(lambda: b.reserved == again.reserved == EACH, 30)
            assert isinstance(b.reserve(EACH * 2), Reservation)
            assert isinstance(again.reserve(), Refusal)


def test_the_next_period_knows_nothing_of_a_dead_server(site: Site) -> None:
    site.make("0.01", window="5m")
    a = site.start("a")
    a.take(EACH * 3)
    a.die()
    long_ago = int(time.time()) - 400
    engine = create_engine(site.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE budget_shares SET at = :at"), {"at": long_ago})
    engine.dispose()
    with site.servers("b") as (b,):
        assert b.reserved == 0
        assert isinstance(b.reserve(EACH * 3), Reservation)


def test_a_server_that_stops_leaves_nothing_behind(site: Site) -> None:
    site.make("0.01", window="24h")
    with site.servers("a") as (a,):
        a.tell(a.take())
        a.reservations.release(a.take())
    engine = create_engine(site.url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM budget_shares")).scalar() == 0
    engine.dispose()


def test_a_server_that_cannot_have_a_turn_admits_nothing_and_takes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("farthing.store.meta.budget_turns.PATIENCE", "300ms")
    site.make("0.01", window="24h")
    with site.servers("a") as (a,):
        with site.nobody_gets_a_turn(), pytest.raises(StoreError, match="lock timeout"):
            a.reserve(EACH * 3)
        until(lambda: a.reserved == 0, 30)
        assert isinstance(a.reserve(EACH * 3), Reservation)


def test_who_hangs_up_while_waiting_for_a_turn_leaves_nothing_reserved(site: Site) -> None:
    site.make("0.01", window="24h")

    async def hang_up(server: Server) -> None:
        asking = asyncio.create_task(server.reservations.reserve(site.project, [{}], EACH * 3))
        await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    with site.servers("a") as (a,):
        with site.nobody_gets_a_turn():
            asyncio.run(hang_up(a))
        until(lambda: a.reserved == 0, 30)
        assert isinstance(a.reserve(EACH * 3), Reservation)


def test_calls_that_no_budget_that_blocks_counts_need_no_turn(site: Site) -> None:
    with site.servers("a") as (a,), site.nobody_gets_a_turn():
        assert not a.take().counts
