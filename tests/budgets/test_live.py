"""Budgets over a real store and a clock that is set by hand: days of odd length, month ends, late spans, other servers."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from budgets.made_budgets import make_budget
from e2e.waiting import until
from stored_calls import new_project, starts, stored_call, write

from farthing.budgets import looking_ahead
from farthing.budgets.budget import Enforcement
from farthing.budgets.live import Budgets
from farthing.budgets.outlook import Ahead, Outlook, look_ahead
from farthing.budgets.periods import Period
from farthing.catalogue.overrides import Actor
from farthing.errors import BadRequestError, ConflictError, NotFoundError
from farthing.query.moments import NS
from farthing.store.meta import projects
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

EACH = Decimal("0.003")
"""What a stored call costs."""


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


class World:
    """A store, a clock, and a project with budgets."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.now = ns("2026-11-21T12:00:00")
        self.database = database
        self.engine = engine
        self.project = new_project()
        self.rollup = Rollup(engine)
        with database.write() as session:
            projects.insert(session, Project(self.project, self.project, datetime.now(UTC)))
        self.budgets = self.another()
        self.actor = Actor(self.project, "key_1")

    def another(self) -> Budgets:
        """A server on the same stores."""
        budgets = Budgets(self.database, self.engine, self.rollup, lambda: self.now)
        budgets.reload()
        return budgets

    def make(self, period: Period, limit: str = "1", **more: Any) -> str:
        return self.budgets.create(self.actor, make_budget(period, limit, **more)).id

    def call(self, *moments: str, **facts: Any) -> None:
        made = [stored_call(ns(moment), **facts) for moment in moments]
        write(self.engine, self.project, made)
        self.budgets.touch(self.project, {at // NS // 1_800 * 1_800 for at in starts(made)})

    def calls(self, budget_id: str, at: str) -> int:
        """How many calls count for a budget at a moment; all of them cost the same."""
        self.now = ns(at)
        state = self.budgets.current(self.project)[budget_id]
        assert state.spent_usd == state.calls * EACH
        return state.calls


@pytest.fixture
def world(telemetry_engine: Engine, tmp_path: Path) -> Generator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        yield World(telemetry_engine, database)


def test_the_day_on_which_clocks_go_back_has_twenty_five_hours(world: World) -> None:
    day = world.make(Period.DAY, timezone="Europe/Berlin")
    world.call("2026-10-24T21:59:59", "2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00")
    assert world.calls(day, "2026-10-24T21:59:59") == 1
    assert world.calls(day, "2026-10-24T22:00:00") == 2
    assert world.calls(day, "2026-10-25T22:59:59") == 2
    assert world.calls(day, "2026-10-25T23:00:00") == 1


def test_the_day_on_which_clocks_go_forward_has_twenty_three(world: World) -> None:
    day = world.make(Period.DAY, timezone="America/New_York")
    world.call("2026-03-08T04:59:59", "2026-03-08T05:00:00", "2026-03-09T03:59:59", "2026-03-09T04:00:00")
    assert [world.calls(day, at) for at in ("2026-03-08T05:00:00", "2026-03-09T03:59:59")] == [2, 2]
    assert world.calls(day, "2026-03-09T04:00:00") == 1


def test_half_an_hour_on_lord_howe_and_a_day_samoa_never_had(world: World) -> None:
    howe = world.make(Period.DAY, timezone="Australia/Lord_Howe")
    samoa = world.make(Period.DAY, timezone="Pacific/Apia")
    world.call("2026-10-03T13:30:00", "2026-10-04T12:59:59", "2026-10-04T13:00:00")
    assert world.calls(howe, "2026-10-04T00:00:00") == 2
    assert world.calls(howe, "2026-10-04T13:00:00") == 1
    world.call("2011-12-30T09:59:59", "2011-12-30T10:00:00", "2011-12-31T09:59:59", "2011-12-31T10:00:00")
    assert world.calls(samoa, "2011-12-30T00:00:00") == 1
    assert world.calls(samoa, "2011-12-30T12:00:00") == 2


def test_month_ends_and_leap_days(world: World) -> None:
    month, quarter = world.make(Period.MONTH), world.make(Period.QUARTER)
    world.call("2028-01-31T23:59:59", "2028-02-01T00:00:00", "2028-02-29T23:59:59", "2028-03-01T00:00:00")
    assert [world.calls(month, f"2028-{day}T12:00:00") for day in ("01-31", "02-29", "03-31")] == [1, 2, 1]
    assert world.calls(quarter, "2028-03-31T23:59:59") == 4
    assert world.calls(quarter, "2028-04-01T00:00:00") == 0


def test_another_time_zone_takes_other_calls_at_once(world: World) -> None:
    month = world.make(Period.MONTH)
    world.call("2026-10-31T23:30:00", "2026-11-01T00:30:00")
    assert world.calls(month, "2026-11-21T12:00:00") == 1
    world.budgets.change(world.actor, month, {"timezone": "Europe/Berlin"})
    assert world.calls(month, "2026-11-21T12:00:00") == 2
    world.budgets.change(world.actor, month, {"timezone": "America/New_York"})
    assert world.calls(month, "2026-11-21T12:00:00") == 0


def test_late_spans_count_where_they_belong(world: World) -> None:
    day, rolling = world.make(Period.DAY), world.make(Period.ROLLING, window="24h")
    world.call("2026-11-21T11:00:00")
    assert [world.calls(one, "2026-11-21T12:00:00") for one in (day, rolling)] == [1, 1]
    world.call("2026-11-20T23:59:59", "2026-11-21T00:00:00", "2026-11-20T11:59:59")
    assert [world.calls(one, "2026-11-21T12:00:00") for one in (day, rolling)] == [2, 3]
    # Without any call, time alone lets them go.
    assert [world.calls(one, "2026-11-22T11:00:30") for one in (day, rolling)] == [0, 0]


def test_a_correction_replaces_what_was_there(world: World) -> None:
    month = world.make(Period.MONTH)
    call = stored_call(ns("2026-11-03T12:00:00"), 7)
    dearer = stored_call(ns("2026-11-03T12:00:00"), 7, usd=("5", "0"))
    for version, spent in ((call, EACH), (dearer, Decimal(5)), (call, EACH)):
        write(world.engine, world.project, [version])
        world.budgets.touch(world.project, {ns("2026-11-03T12:00:00") // NS})
        assert world.budgets.current(world.project)[month].spent_usd == spent


def test_what_people_correct_counts_in_its_own_period_whatever_the_ledger_does(world: World) -> None:
    # The day that lasts 25 hours in Berlin ends at 23:00 UTC.
    day = world.make(Period.DAY, "0.006", timezone="Europe/Berlin")
    call = stored_call(ns("2026-10-25T22:59:59"), 11)
    write(world.engine, world.project, [call])
    for at, amount in (
        ("2026-10-25T22:59:59", "-0.001"),
        ("2026-10-25T23:00:00", "0.005"),
        ("2026-10-24T21:59:59", "9"),
    ):
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        world.budgets.correct(world.actor, day, Decimal(amount), "a wrong price", moment)
    world.now = ns("2026-10-25T22:30:00")
    long = world.budgets.current(world.project)[day]
    assert (long.spent_usd, long.corrected_usd, long.counted_usd) == (EACH, Decimal("-0.001"), Decimal("0.002"))
    # History is priced again: what was corrected stays corrected.
    write(world.engine, world.project, [stored_call(ns("2026-10-25T22:59:59"), 11, usd=("0.007", "0"))])
    world.budgets.touch(world.project, {ns("2026-10-25T22:30:00") // NS})
    again = world.budgets.current(world.project)[day]
    assert (again.spent_usd, again.counted_usd, again.status) == (Decimal("0.007"), Decimal("0.006"), "exceeded")
    world.now = ns("2026-10-25T23:00:01")
    next_day = world.budgets.current(world.project)[day]
    assert (next_day.spent_usd, next_day.counted_usd, next_day.status) == (Decimal(0), Decimal("0.005"), "warning")


def test_given_back_is_never_more_than_was_spent_and_unknown_stays_unknown(world: World) -> None:
    month = world.make(Period.MONTH, "1")
    world.budgets.correct(world.actor, month, Decimal(-3), "generous")
    world.call("2026-11-03T12:00:00")
    found = world.budgets.current(world.project)[month]
    assert (found.counted_usd, found.remaining_usd) == (Decimal(0), Decimal(1))
    other = World(world.engine, world.database)
    unpriced = other.make(Period.MONTH, "1")
    other.budgets.correct(other.actor, unpriced, Decimal(3), "seen on the bill")
    other.call("2026-11-03T12:00:00", usd=None)
    found = other.budgets.current(other.project)[unpriced]
    assert (found.spent_usd, found.counted_usd, found.unpriced_calls, found.status) == (None, None, 1, "ok")


def test_the_switch_holds_on_every_server_and_lets_go_again(world: World) -> None:
    world.make(Period.MONTH, "0.001", enforcement=Enforcement.BLOCK)
    world.call("2026-11-03T12:00:00")
    another = world.another()
    assert another.blocks(world.project)
    world.budgets.observe_only(world.actor, "the launch")
    another.reload()
    for server in (world.budgets, another):
        server.current(world.project)
        (found,) = server.states(world.project, {})
        assert (found.exceeded, found.blocks, server.blocks(world.project)) == (True, False, False)
    world.budgets.enforce(world.actor)
    assert world.budgets.blocks(world.project)
    assert world.budgets.states(world.project, {})[0].blocks


def test_a_steady_past_leads_on(world: World) -> None:
    month = world.make(Period.MONTH, "0.0755", timezone="Europe/Berlin")
    world.call(
        *(f"2026-10-{day:02}T10:00:00" for day in range(1, 32)), *(f"2026-11-{day:02}T10:00:00" for day in range(1, 21))
    )
    world.now = ns("2026-11-20T23:00:00")
    state = world.budgets.current(world.project)[month]
    of = world.budgets.get(world.project, month)
    found = looking_ahead.outlook(world.engine, world.rollup, of, state, world.now // NS)
    assert found is not None
    assert (state.spent_usd, round(found.usd, 6), round(found.low, 6), round(found.high, 6)) == (
        20 * EACH, 0.09, 0.09, 0.09,
    )  # fmt: skip
    # Twenty days were 0.06; with the sixth day from then on it is past 0.0755, the 26th in Berlin.
    assert found.reaches == ns("2026-11-26T23:00:00") // NS
    assert looking_ahead.expected_by_now(state, world.now // NS) == Decimal("0.06")
    by = looking_ahead.contributors(world.engine, world.rollup, of, state, world.now // NS)
    (model,) = by["model"]
    assert (model.cost_usd, model.before_usd) == (20 * EACH, 20 * EACH)


def test_one_that_begins_later_leads_only_from_then_on(world: World) -> None:
    once = world.make(
        Period.ONCE, "0.06", starts_at=datetime(2026, 12, 1, tzinfo=UTC), ends_at=datetime(2026, 12, 11, tzinfo=UTC)
    )
    world.call(*(f"2026-11-{day:02}T10:00:00" for day in range(1, 21)))
    world.now = ns("2026-11-21T00:00:00")
    state = world.budgets.current(world.project)[once]
    of = world.budgets.get(world.project, once)
    found = looking_ahead.outlook(world.engine, world.rollup, of, state, world.now // NS)
    assert found is not None
    assert (round(found.low, 6), round(found.high, 6), found.reaches) == (0.03, 0.03, None)
    assert looking_ahead.expected_by_now(state, world.now // NS) == 0


def test_one_that_lasts_for_decades_is_looked_at_by_the_month(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def counted(past: Any, ahead: Sequence[Ahead], counted: float, limit: float) -> Outlook | None:
        steps.append(len(ahead))
        return look_ahead(past, ahead, counted, limit)

    monkeypatch.setattr(looking_ahead, "look_ahead", counted)
    once = world.make(
        Period.ONCE, "3", starts_at=datetime(2026, 11, 1, tzinfo=UTC), ends_at=datetime(2099, 1, 1, tzinfo=UTC)
    )
    world.call(*(f"2026-11-{day:02}T10:00:00" for day in range(1, 21)))
    world.now = ns("2026-11-21T00:00:00")
    state = world.budgets.current(world.project)[once]
    found = looking_ahead.outlook(
        world.engine, world.rollup, world.budgets.get(world.project, once), state, world.now // NS
    )
    assert found is not None
    assert steps[0] < 366 + 12 * 73
    # 0.003 a day for 72 years; 2.94 are left, which lasts for 980 days.
    assert found.usd == pytest.approx(0.003 * 26_359, rel=0.01)
    assert found.reaches == ns("2029-08-01T00:00:00") // NS


def test_states_follow_by_themselves(world: World) -> None:
    month = world.make(Period.MONTH, "0.006", filters={"feature": "chat"})
    world.budgets.start()
    try:
        made = [stored_call(world.now, feature="chat"), stored_call(world.now, feature="chat")]
        write(world.engine, world.project, made)
        world.rollup.touch(world.project, starts(made))
        until(lambda: world.budgets.states(world.project, {"feature": "chat"})[0].exceeded, within=2)
        (found,) = world.budgets.states(world.project, {"feature": "chat"})
        assert (found.id, found.spent_usd) == (month, Decimal("0.006"))
        assert world.budgets.states(world.project, {"feature": "search"}) == []
        assert world.budgets.states("nobody's", {}) == ()
    finally:
        world.budgets.stop()


def test_a_project_never_sees_another_s(world: World) -> None:
    other = World(world.engine, world.database)
    mine = world.make(Period.MONTH)
    world.call("2026-11-03T12:00:00")
    assert other.budgets.current(other.project) == {}
    for forbidden in (
        lambda: other.budgets.get(other.project, mine),
        lambda: other.budgets.change(other.actor, mine, {"name": "x"}),
        lambda: other.budgets.remove(other.actor, mine),
    ):
        with pytest.raises(NotFoundError):
            forbidden()
    assert other.budgets.history(other.project) == []
    assert world.calls(mine, "2026-11-21T12:00:00") == 1


def test_every_change_is_audited(world: World) -> None:
    made = world.make(Period.MONTH)
    world.now += 1_000
    world.budgets.change(world.actor, made, {"limit_usd": Decimal(2)})
    with pytest.raises(BadRequestError, match="limit_usd"):
        world.budgets.change(world.actor, made, {"limit_usd": Decimal(0)})
    world.now += 1_000
    world.budgets.remove(world.actor, made)
    told = world.budgets.history(world.project, made)
    assert [(entry.action, entry.actor) for entry in told] == [
        ("removed", "key key_1"), ("changed", "key key_1"), ("created", "key key_1")
    ]  # fmt: skip
    documents = [msgspec.json.decode(text) if text else None for text in (told[1].before, told[1].after, told[0].after)]
    assert [document and document["limit_usd"] for document in documents] == ["1", "2", None]


def test_a_budget_of_another_server_is_found(world: World) -> None:
    other = world.another()
    made = world.budgets.create(world.actor, make_budget())
    assert other.get(world.project, made.id) == made
    assert other.standing(made).spent_usd == 0
    world.budgets.remove(world.actor, made.id)
    with pytest.raises(NotFoundError):
        other.get(world.project, made.id)


def test_there_is_a_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farthing.budgets.live.MOST", 2)
    for _ in range(2):
        world.make(Period.DAY)
    with pytest.raises(ConflictError, match="There are 2 budgets"):
        world.make(Period.DAY)
