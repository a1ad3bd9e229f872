"""Reservations over a real ledger: what fits, what doesn't, what waits for the ledger, and what a restart remembers."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from budgets.made_budgets import make_budget
from e2e.waiting import until
from stored_calls import new_project, starts, stored_call, write

from farthing.budgets.budget import Enforcement
from farthing.budgets.fitting import Refusal
from farthing.budgets.holdings import Reservation
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.budgets.reservations import Reservations
from farthing.catalogue.overrides import Actor
from farthing.model import money
from farthing.query.moments import NS
from farthing.store.meta import budget_holds, projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

EACH = money.to_units(Decimal("0.003"))
"""What a stored call costs."""


class World:
    """A ledger, a database, and a project with one budget that blocks."""

    def __init__(self, engine: Engine, database: Database, clock: Callable[[], int] = time.time_ns) -> None:
        self.engine, self.database, self.clock = engine, database, clock
        self.project = new_project()
        with database.write() as session:
            projects.insert(session, Project(self.project, self.project, datetime.now(UTC)))
        self.budgets = Budgets(database, engine, Rollup(engine), clock)
        self.budgets.reload()
        self.reservations = self.another()

    def another(self) -> Reservations:
        """Those of a server that has just started."""
        made = Reservations(self.budgets, self.database, self.clock)
        made.start()
        return made

    def make(self, limit: str, **more: Any) -> None:
        more.setdefault("enforcement", Enforcement.BLOCK)
        self.budgets.create(
            Actor(self.project, "key_1"), make_budget(more.pop("period", Period.ROLLING), limit, **more)
        )

    def reserve(self, worst: int, **facts: str) -> Reservation | Refusal:
        return asyncio.run(self.reservations.reserve(self.project, [facts], worst))

    def take(self, worst: int, **facts: str) -> Reservation:
        found = self.reserve(worst, **facts)
        assert isinstance(found, Reservation)
        return found

    def call(self) -> None:
        """One call that the ledger finds from now on."""
        made = [stored_call(time.time_ns() - NS)]
        write(self.engine, self.project, made)
        self.budgets.touch(self.project, {at // NS // 1_800 * 1_800 for at in starts(made)})

    @property
    def reserved(self) -> int:
        (state,) = self.budgets.current(self.project).values()
        return self.reservations.reserved(self.project, state)


@pytest.fixture
def world(telemetry_engine: Engine, tmp_path: Path) -> Generator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        made = World(telemetry_engine, database)
        yield made
        made.reservations.close()


def test_what_is_reserved_is_never_more_than_what_is_left(world: World) -> None:
    world.make("0.01", window="24h")
    world.call()
    taken = [world.reserve(EACH) for _ in range(4)]
    assert [isinstance(one, Reservation) for one in taken] == [True, True, False, False]
    refusal = taken[-1]
    assert isinstance(refusal, Refusal)
    assert (refusal.state.name, refusal.needed) == ("all", EACH)
    assert money.to_decimal(refusal.left) == Decimal("0.001")


@pytest.mark.parametrize("period", [{"window": "24h"}, {"period": Period.DAY}, {"period": Period.MONTH}])
def test_a_period_that_ends_while_a_call_is_judged_is_no_way_around_it(
    telemetry_engine: Engine, tmp_path: Path, period: dict[str, Any]
) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    now = [int(midnight.timestamp()) * NS - 1]
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        world = World(telemetry_engine, database, lambda: now[0])
        world.make("0.01", **period)
        looked = world.reservations.standing(world.project, [{}])
        now[0] += 1
        taken = asyncio.run(world.reservations.reserve(world.project, [{}], EACH, looked))
        assert isinstance(taken, Reservation)
        assert taken.counts
        assert taken.at == int(midnight.timestamp())
        assert world.reserved == EACH
        world.reservations.close()


def test_a_call_that_cost_less_leaves_room_and_one_that_was_never_made_leaves_all(world: World) -> None:
    world.make("0.01", window="24h")
    first, second = world.take(EACH * 2), world.take(EACH)
    assert isinstance(world.reserve(EACH), Refusal)
    world.reservations.settle(first, 0)
    world.reservations.release(second)
    assert world.reserved == 0
    assert world.take(EACH * 3).counts


def test_a_call_on_its_way_into_the_ledger_counts_once(world: World) -> None:
    world.make("0.01", window="24h")
    one = world.take(EACH * 3)
    world.reservations.settle(one, EACH)
    handed = world.reservations.handed_on([one])
    world.call()
    # The ledger may or may not count it: a call that would fit either way goes, another asks.
    world.reservations.in_ledger(handed)
    assert isinstance(world.take(EACH * 2), Reservation)
    assert isinstance(world.reserve(EACH), Refusal)


def test_only_budgets_that_block_and_count_such_a_call_are_asked(world: World) -> None:
    world.make("0.001", window="24h", enforcement=Enforcement.WARN)
    world.make("0.001", window="24h", filters={"feature": "chat"})
    assert not world.take(EACH, feature="search").counts
    assert isinstance(world.reserve(EACH, feature="chat"), Refusal)


def test_what_nobody_will_know_stays_reserved_over_a_restart(world: World) -> None:
    world.make("0.01", window="24h")
    world.reservations.settle(world.take(EACH * 2), None)
    world.reservations.lost(world.project, [{}], EACH, int(time.time()))
    assert world.reserved == EACH * 3
    world.reservations.close()
    world.reservations = world.another()
    assert world.reserved == EACH * 3
    assert isinstance(world.reserve(EACH), Refusal)


def test_what_is_told_late_is_let_go_of_once_the_ledger_has_it(world: World) -> None:
    world.make("0.01", window="24h")
    for call in ("aa", "bb", ""):
        one = world.take(EACH)
        one.call = call
        world.reservations.settle(one, None)
    world.reservations.close()
    world.reservations = world.another()
    told = world.reservations
    world.call()
    for _ in range(2):
        told.told_late(world.project, {"aa", "cc", ""})
    assert world.reserved == EACH * 2
    assert isinstance(world.reserve(EACH), Refusal)
    told.close()
    world.reservations = world.another()
    assert world.reserved == EACH * 2


def test_the_next_period_knows_nothing_of_it(world: World) -> None:
    world.make("0.01", period=Period.DAY)
    world.reservations.lost(world.project, [{}], EACH, int(time.time()) - 86_400 * 2)
    assert world.reserved == 0
    world.reservations.lost(world.project, [{}], EACH, int(time.time()))
    assert world.reserved == EACH

    def is_written() -> bool:
        with world.database.read() as session:
            return len(budget_holds.listing(session)) == 1

    until(is_written, 10)


def test_a_sliding_period_lets_go_of_what_it_has_left_behind(world: World) -> None:
    world.make("0.01", window="5m")
    world.reservations.lost(world.project, [{}], EACH * 3, int(time.time()) - 301)
    assert world.take(EACH * 3).counts


def test_many_at_once_never_take_more_than_there_is(world: World) -> None:
    world.make("0.15", window="24h")

    async def all_at_once() -> list[Reservation | Refusal]:
        return await asyncio.gather(*(world.reservations.reserve(world.project, [{}], EACH) for _ in range(200)))

    taken = asyncio.run(all_at_once())
    assert sum(isinstance(one, Reservation) for one in taken) == 50
