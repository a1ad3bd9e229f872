"""Budgets in rounds of alerts, over a real ledger: each threshold told once, each period an incident of its own, unknown never over."""

from collections.abc import Collection, Generator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from budgets.made_budgets import make_budget
from stored_calls import new_project, starts, stored_call, write

from farthing.alerts.budget_watch import BudgetWatch
from farthing.alerts.incident import Incident
from farthing.alerts.notice import Notice
from farthing.alerts.round import Round
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.catalogue.overrides import Actor
from farthing.query.moments import NS
from farthing.store.meta import projects
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class World:
    """A ledger, a project with budgets, and rounds whose notices are collected."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.engine, self.database = engine, database
        self.project = new_project()
        with database.write() as session:
            projects.insert(session, Project(self.project, "Shop", datetime.now(UTC)))
        self.now = second("2026-11-21T12:00:00")
        rollup = Rollup(engine)
        self.budgets = Budgets(database, engine, rollup, lambda: self.now * NS)
        self.budgets.reload()
        self.actor = Actor(self.project, "key_1")
        self.watch = BudgetWatch(self.budgets, engine, rollup, database)
        self.rounds = Round(database, "http://farthing", self._tell)
        self.told: list[Notice] = []

    def _tell(self, session: Transaction, notice: Notice, channel_ids: Collection[str], not_before_ns: int) -> None:
        del session, channel_ids, not_before_ns
        self.told.append(notice)

    def call(self, count: int, at: str, **facts: Any) -> None:
        facts.setdefault("usd", ("1", "2"))
        made = [stored_call(second(at) * NS + number, **facts) for number in range(count)]
        write(self.engine, self.project, made)
        self.budgets.touch(self.project, {start // NS // 1_800 * 1_800 for start in starts(made)})

    def round(self, at: str) -> list[tuple[str, str, str]]:
        """What is told in a round then: what, how urgent, and the sentence."""
        self.now = second(at)
        self.told.clear()
        found = self.watch(self.now, self.rounds.open_incidents(self.now))
        self.rounds.settle(found, self.now)
        return [(notice.what, notice.severity, notice.summary) for notice in self.told]

    def open(self) -> list[Incident]:
        return [one for found in self.rounds.open_incidents(self.now).values() for one in found]


@pytest.fixture
def world(telemetry_engine: Engine, tmp_path: Path) -> Generator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        yield World(telemetry_engine, database)


def test_each_threshold_is_told_once_and_the_next_month_is_another_incident(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.MONTH, "30"))
    assert world.round("2026-11-21T12:00:00") == []
    world.call(5, "2026-11-20T10:00:00", feature="chat")
    assert world.round("2026-11-21T12:01:00") == [("opened", "info", "$15.00 of $30.00 is spent (50 %).")]
    (notice,) = world.told
    assert (notice.group, notice.project_name) == ((("period", "2026-11-01"),), "Shop")
    assert "feature=chat" in {text for text, _, _ in notice.drivers}
    assert world.round("2026-11-21T12:02:00") == []
    world.call(3, "2026-11-21T10:00:00")
    assert world.round("2026-11-21T12:03:00") == [("escalated", "warning", "$24.00 of $30.00 is spent (80 %).")]
    world.call(2, "2026-11-21T11:00:00")
    assert world.round("2026-11-21T12:04:00") == [("escalated", "critical", "$30.00 of $30.00 is spent (100 %).")]
    assert world.round("2026-11-30T23:59:59") == []
    world.call(6, "2026-12-01T00:00:00")
    # Both months at once: the one is over, the other has begun.
    told = world.round("2026-12-01T00:05:00")
    assert [(what, severity) for what, severity, _ in told] == [("recovered", "critical"), ("opened", "info")]
    assert told[0][2] == "The period is over; it ended at $30.00 of $30.00."
    assert [one.group for one in world.open()] == [(("period", "2026-12-01"),)]


def test_what_is_corrected_ends_it_and_what_nobody_knows_does_not(world: World) -> None:
    made = world.budgets.create(world.actor, make_budget(Period.DAY, "6"))
    world.call(2, "2026-11-21T10:00:00")
    assert [what for what, _, _ in world.round("2026-11-21T12:00:00")] == ["opened"]
    world.budgets.correct(world.actor, made.id, Decimal(-6), "a wrong price")
    assert [what for what, _, _ in world.round("2026-11-21T12:01:00")] == ["recovered"]
    assert world.open() == []


def test_a_budget_that_is_there_once_is_over_when_its_time_is(world: World) -> None:
    once = {"starts_at": datetime(2026, 11, 20, tzinfo=UTC), "ends_at": datetime(2026, 11, 22, tzinfo=UTC)}
    world.budgets.create(world.actor, make_budget(Period.ONCE, "6", **once))
    world.call(2, "2026-11-21T10:00:00")
    assert [what for what, _, _ in world.round("2026-11-21T23:59:59")] == ["opened"]
    assert world.round("2026-11-22T00:00:00") == [
        ("recovered", "critical", "The period is over; it ended at $6.00 of $6.00.")
    ]
    # One that is made when its time is over already is nothing to be told of.
    world.budgets.create(world.actor, make_budget(Period.ONCE, "6", name="late", **once))
    assert world.round("2026-11-22T00:01:00") == []
    assert world.open() == []


def test_a_budget_that_is_deleted_leaves_no_incident_open(world: World) -> None:
    made = world.budgets.create(world.actor, make_budget(Period.DAY, "6"))
    world.call(2, "2026-11-21T10:00:00")
    world.round("2026-11-21T12:00:00")
    world.budgets.remove(world.actor, made.id)
    assert world.round("2026-11-21T12:01:00") == [
        ("recovered", "critical", "The budget was deleted; it stood at $6.00 of $6.00.")
    ]
    assert world.open() == []


def test_calls_without_a_price_are_said(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.DAY, "6"))
    world.call(1, "2026-11-21T10:00:00", usd=None)
    assert world.round("2026-11-21T12:00:00") == []
    world.call(1, "2026-11-21T10:00:01")
    assert world.round("2026-11-21T12:01:00") == [
        ("opened", "info", "$3.00 of $6.00 is spent (50 %); 1 call is in no sum, so it is more.")
    ]


def test_where_it_leads_is_told_when_it_can_be(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.MONTH, "120"))
    for day in range(1, 21):
        world.call(1, f"2026-11-{day:02}T10:00:00")
    world.call(0, "2026-11-21T00:00:00")
    ((what, severity, why),) = world.round("2026-11-21T00:00:00")
    assert (what, severity) == ("opened", "info")
    assert why == "$60.00 of $120.00 is spent (50 %), and it leads to $90.00 ($90.00 to $90.00)."


def test_a_threshold_that_a_rolling_window_crosses_again_and_again_is_told_once(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.ROLLING, "300", window="24h"))
    world.call(78, "2026-11-20T15:00:00")
    told = world.round("2026-11-21T12:00:00")
    assert [what for what, _, _ in told] == ["opened"]
    world.call(1, "2026-11-20T12:02:30")
    world.call(1, "2026-11-20T12:04:30")
    assert [what for what, _, _ in world.round("2026-11-21T12:01:00")] == ["escalated"]
    # Calls leave the window, and others come.
    assert world.round("2026-11-21T12:03:00") == []
    world.call(1, "2026-11-21T12:03:30")
    assert world.round("2026-11-21T12:04:00") == []
    # What has fallen well below a threshold is news when it is back.
    assert world.round("2026-11-21T15:02:00")[0][0] == "recovered"


def test_what_comes_in_after_the_end_of_a_period_is_told_once_and_its_end_is_exact(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.DAY, "30"))
    world.call(5, "2026-11-21T20:00:00")
    assert [what for what, _, _ in world.round("2026-11-21T23:59:50")] == ["opened"]
    world.call(5, "2026-11-21T23:59:55")
    told = world.round("2026-11-22T00:00:05")
    assert told == [
        ("escalated", "critical", "The period is over, and $30.00 of $30.00 was spent: the last of it came in late.")
    ]
    assert world.round("2026-11-22T00:00:20") == [
        ("recovered", "critical", "The period is over; it ended at $30.00 of $30.00.")
    ]
    # More of it changes nothing that could be told, after a restart either.
    world.call(1, "2026-11-21T23:59:56")
    world.watch = BudgetWatch(world.budgets, world.engine, Rollup(world.engine), world.database)
    assert world.round("2026-11-22T00:05:00") == []
    assert world.open() == []


def test_calls_that_are_hours_late_open_an_incident_of_the_period_they_belong_to(world: World) -> None:
    world.budgets.create(world.actor, make_budget(Period.DAY, "6"))
    assert world.round("2026-11-22T00:01:00") == []
    world.call(2, "2026-11-21T13:00:00")
    told = world.round("2026-11-22T09:00:00")
    assert [(what, severity) for what, severity, _ in told] == [("opened", "critical")]
    assert [one.group for one in world.open()] == [(("period", "2026-11-21"),)]
    assert [what for what, _, _ in world.round("2026-11-22T09:00:15")] == ["recovered"]
    assert world.round("2026-11-22T09:05:00") == []
    # What is more than a day late is in the figures, and told to nobody.
    world.round("2026-11-24T00:05:00")
    world.call(2, "2026-11-22T13:00:00")
    assert world.round("2026-11-24T00:10:00") == []


def test_a_limit_that_is_changed_after_the_end_says_nothing_of_the_period_before(world: World) -> None:
    made = world.budgets.create(world.actor, make_budget(Period.DAY, "600"))
    world.call(2, "2026-11-21T13:00:00")
    assert world.round("2026-11-22T00:01:00") == []
    world.budgets.change(world.actor, made.id, {"limit_usd": Decimal(6)})
    assert world.round("2026-11-22T00:05:00") == []


def test_a_limit_that_was_raised_a_little_is_told_of_when_it_is_reached(world: World) -> None:
    made = world.budgets.create(world.actor, make_budget(Period.DAY, "30"))
    world.call(10, "2026-11-21T10:00:00")
    assert [severity for _, severity, _ in world.round("2026-11-21T12:00:00")] == ["critical"]
    world.budgets.change(world.actor, made.id, {"limit_usd": Decimal("31.5")})
    assert world.round("2026-11-21T12:01:00") == []
    world.call(1, "2026-11-21T11:00:00")
    assert world.round("2026-11-21T12:02:00") == [("escalated", "critical", "$33.00 of $31.50 is spent (104 %).")]
    assert world.round("2026-11-21T12:03:00") == []
