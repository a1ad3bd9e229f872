"""Rounds over real stores and a clock that is set by hand: what fires, who is told once, what is over, and what nobody doubles."""

import random
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stored_calls import new_project, starts, stored_call, write

from farthing.alerts.asking import Asking, Kept
from farthing.alerts.incident import Incident, Status
from farthing.alerts.incidents import Incidents
from farthing.alerts.live import Alerts, Sources
from farthing.alerts.notice import Notice
from farthing.alerts.round import Round
from farthing.alerts.rule import Kind, Measure, QuietHours, Rule
from farthing.alerts.rules import Rules
from farthing.alerts.sums import Where
from farthing.catalogue.overrides import Actor
from farthing.errors import BadRequestError, ConflictError, NotFoundError, StoreError
from farthing.query import dimensions
from farthing.query.groups import Groups
from farthing.query.moments import NS
from farthing.query.question import Scope
from farthing.store.meta import channels, projects
from farthing.store.meta.channels import StoredChannel
from farthing.store.meta.database import Database, Transaction
from farthing.store.meta.leases import Lease
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NOW = 1_790_000_400 - 1_790_000_400 % 1_800 + 600
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class World:
    """A store, a clock, a project with a channel, and a server that judges when it is told to."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.now = NOW
        self.engine, self.database = engine, database
        self.project = new_project()
        self.rollup = Rollup(engine)
        self.told: list[tuple[Notice, int]] = []
        self.fails = False
        with database.write() as session:
            projects.insert(session, Project(self.project, "Shop", datetime.now(UTC)))
            moment = datetime.now(UTC)
            channels.put(
                session,
                StoredChannel(
                    f"ch_{self.project}", self.project, "ops", "webhook", True, "info", "{}", "", moment, moment
                ),
            )
        self.rules = Rules(database, lambda: self.now * NS)
        self.actor = Actor(self.project, "key_1")
        self.rounds = Round(database, "https://costs.example.com", self.tell)
        self.incidents = Incidents(database, self.rules, self.rounds, lambda: self.now * NS)
        self.alerts = self.another("one")

    def tell(self, session: Transaction, notice: Notice, channel_ids: Any, not_before_ns: int) -> None:
        assert session.is_active
        if self.fails:
            msg = "no"
            raise StoreError(msg)
        assert list(channel_ids) == [f"ch_{self.project}"]
        self.told.append((notice, not_before_ns // NS - self.now))

    def another(self, server: str, longest_s: float = 60.0) -> Alerts:
        sources = Sources(self.engine, self.rollup, lambda: self.now - 90 * DAY, self.database)
        lease = Lease(self.database, f"alerts {self.project}", server)
        alerts = Alerts(self.database, self.rules, sources, self.rounds, lease, lambda: self.now * NS, (), longest_s)
        self.rollup.listen(alerts.touch)
        return alerts

    def make(self, kind: Kind = Kind.THRESHOLD, **fields: Any) -> Rule:
        told: dict[str, Any] = {"limit": Decimal(1), "window": "1h", "by": ("feature",), **fields}
        name = told.pop("name", "spend")
        return self.rules.create(self.actor, Rule("", "", name, kind, **told))

    def calls(self, at: int, number: int = 1, **facts: Any) -> None:
        told: dict[str, Any] = {"usd": ("0.5", "0"), "feature": "chat", **facts}
        made = [stored_call(at * NS, **told) for _ in range(number)]
        write(self.engine, self.project, made)
        self.rollup.touch(self.project, starts(made))

    def pass_minutes(self, minutes: int, every: int = 1) -> None:
        for _ in range(0, minutes, every):
            self.now += every * MINUTE
            self.alerts.round(self.now)

    @property
    def found(self) -> list[Incident]:
        return list(self.incidents.page(self.project).incidents)

    @property
    def said(self) -> list[str]:
        return [notice.what for notice, _ in self.told]


@pytest.fixture
def world(telemetry_engine: Engine, tmp_path: Path) -> Generator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path / 'meta.db'}")) as database:
        database.migrate()
        yield World(telemetry_engine, database)


def test_an_incident_is_opened_told_of_once_and_over_when_its_window_is(world: World) -> None:
    world.make()
    world.calls(NOW - 10 * MINUTE, 2, user_id="ann", request_model="gpt-4o")
    world.calls(NOW - 10 * MINUTE, 1, feature="search")

    world.alerts.round(world.now)
    world.another("two").round(world.now)
    world.pass_minutes(3)

    (one,) = world.found
    assert (one.group, one.verdict.actual, one.status) == ((("feature", "chat"),), Decimal(1), Status.OPEN)
    assert world.said == ["opened"]
    notice, wait = world.told[0]
    assert (notice.title, notice.project_name, notice.actual, notice.limit) == (
        "spend (feature=chat)", "Shop", "$1.00", "$1.00",
    )  # fmt: skip
    assert notice.link == f"https://costs.example.com/alerts/incidents/{one.id}"
    assert notice.drivers[0][0] == "model=gpt-4o, user=ann"
    assert wait == 0

    world.pass_minutes(60, 6)
    (over,) = world.found
    assert (over.status, over.id, over.peak) == (Status.RECOVERED, one.id, Decimal(1))
    assert world.said == ["opened", "recovered"]
    _, events = world.incidents.one(world.project, one.id)
    assert [event.what.value for event in events if event.what != "updated"] == ["opened", "told", "recovered", "told"]


def test_a_late_call_is_counted_in_the_round_after_it_came(world: World) -> None:
    world.make(by=(), window="24h", limit=Decimal(2))
    world.calls(NOW - 20 * HOUR, 3)
    world.alerts.round(world.now)
    assert world.found == []
    world.calls(NOW - 12 * HOUR)
    world.pass_minutes(1)
    assert [one.verdict.actual for one in world.found] == [Decimal(2)]


def test_what_is_kept_is_what_the_store_says_whatever_is_written_meanwhile(world: World) -> None:
    chance = random.Random(8)
    kept, groups = Kept(), Groups(world.engine, world.rollup)
    world.rollup.listen(kept.touch)
    where = Where(world.project, (), dimensions.parse(["feature"]))
    at = NOW
    for _ in range(4):
        for _ in range(chance.randrange(3)):
            moment = at - chance.choice((0, 1, 700, 1_800, 4_000, 30_000, 86_399, 86_400, 86_401, 90_000))
            world.calls(moment, feature=chance.choice(("chat", "search")), usd=chance.choice((("0.1", "0"), None)))
        if chance.randrange(2):
            world.rollup.refresh(at, everything=True)
        kept.begin(at)
        for window in (HOUR, DAY, 7 * DAY):
            quick = Asking(groups, at, kept).sums(where, at - window, at)
            plain = {cell.group: (cell.calls, cell.cost) for cell in _plainly(world, where, at - window, at)}
            assert {group: (sums.calls, sums.cost) for group, sums in quick.items()} == plain
        at += chance.choice((60, 60, 1_000, 1_800))


def _plainly(world: World, where: Where, start: int, end: int) -> Any:
    return Groups(world.engine, Rollup(world.engine)).sums(Scope(where.project_id, start * NS, end * NS), where.by)


def test_nothing_is_kept_that_could_not_be_told(world: World) -> None:
    world.make()
    world.calls(NOW - 10 * MINUTE, 2)
    world.fails = True
    with pytest.raises(StoreError):
        world.alerts.round(world.now)
    assert world.found == []
    world.fails = False
    world.pass_minutes(1)
    assert (len(world.found), world.said) == (1, ["opened"])


def test_quiet_hours_hold_back_what_isnt_critical(world: World) -> None:
    begin = datetime.fromtimestamp(NOW, UTC).strftime("%H:%M")
    end = datetime.fromtimestamp(NOW + 2 * HOUR, UTC).strftime("%H:%M")
    world.make(quiet_hours=QuietHours(begin, end), critical_limit=Decimal(2))
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    assert 2 * HOUR - MINUTE <= world.told[0][1] <= 2 * HOUR
    world.calls(NOW, 2)
    world.pass_minutes(1)
    assert (world.said, world.told[1][1]) == (["opened", "escalated"], 0)


def test_who_only_observes_tells_nobody(world: World) -> None:
    world.make(observe_only=True)
    world.calls(NOW - 10 * MINUTE, 2)
    world.pass_minutes(1)
    assert (len(world.found), world.told) == (1, [])


def test_people_acknowledge_snooze_and_expect(world: World) -> None:
    world.make(remind="2m", window="2h")
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    (one,) = world.found
    world.incidents.snooze(world.project, one.id, "ann", (NOW + 30 * MINUTE) * NS)
    world.pass_minutes(10, 5)
    assert world.said == ["opened"]
    world.incidents.snooze(world.project, one.id, "ann", None)
    world.pass_minutes(1)
    assert world.said == ["opened", "reminder"]
    world.incidents.acknowledge(world.project, one.id, "ann")
    world.pass_minutes(10, 5)
    assert world.said == ["opened", "reminder", "acknowledged"]
    world.incidents.expect(world.project, one.id, "ann", is_expected=True)
    world.pass_minutes(120, 20)
    (over,) = world.found
    assert (over.status, over.acknowledged_by, over.expected_by) == (Status.RECOVERED, "ann", "ann")
    assert world.said == ["opened", "reminder", "acknowledged"]
    with pytest.raises(BadRequestError):
        world.incidents.acknowledge(world.project, one.id, "ann")
    with pytest.raises(NotFoundError):
        world.incidents.one("other", one.id)


def test_a_rule_that_is_gone_leaves_its_incidents_ended(world: World) -> None:
    made = world.make()
    with pytest.raises(ConflictError):
        world.make()
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    world.rules.remove(world.actor, made.name)
    (one,) = world.found
    assert one.status is Status.RECOVERED
    world.pass_minutes(2)
    assert world.said == ["opened"]
    assert {entry.action for entry in world.rules.history(world.project)} == {"removed", "created"}


def test_a_rule_that_looks_at_other_groups_leaves_none_of_the_old_open(world: World) -> None:
    made = world.make(window="24h")
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    world.rules.change(world.actor, made.id, {"by": ("model",)})
    world.pass_minutes(1)
    assert {one.group[0][0]: one.status for one in world.found} == {
        "feature": Status.RECOVERED, "model": Status.OPEN,
    }  # fmt: skip


def test_reminders_of_a_night_are_one_in_the_morning(world: World) -> None:
    begin = datetime.fromtimestamp(NOW, UTC).strftime("%H:%M")
    end = datetime.fromtimestamp(NOW + 6 * HOUR, UTC).strftime("%H:%M")
    world.make(quiet_hours=QuietHours(begin, end), remind="15m", window="24h")
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    world.pass_minutes(5 * 60, 20)
    assert world.said == ["opened"]
    world.pass_minutes(70, 10)
    assert world.said == ["opened", "reminder"]


def test_a_long_cooldown_lasts_as_long_as_it_says(world: World) -> None:
    world.make(cooldown="60d")
    world.calls(NOW - 10 * MINUTE, 2)
    world.alerts.round(world.now)
    world.pass_minutes(100, 10)
    world.now += 40 * DAY
    world.calls(world.now - MINUTE, 2)
    world.alerts.round(world.now)
    assert ([one.status for one in world.found], world.said) == ([Status.OPEN], ["opened", "recovered"])


def test_a_rule_is_judged_as_often_as_it_says_and_at_once_when_it_changes(world: World) -> None:
    made = world.make(every="5m")
    start = NOW - NOW % 300
    assert [world.alerts.round(start + second) for second in (0, 60, 240, 300, 301)] == [1, 0, 0, 1, 0]
    world.rules.change(world.actor, made.id, {"limit": Decimal(9)})
    assert world.alerts.round(start + 310) == 1
    world.rules.change(world.actor, made.id, {"enabled": False})
    assert world.alerts.round(start + 900) == 0


def test_a_round_that_is_cut_short_goes_on_in_the_next_with_who_waits_for_longest(world: World) -> None:
    world.calls(NOW - 10 * MINUTE, 2)
    alerts = world.another("slow", longest_s=0)
    for name in ("first", "second", "third"):
        world.make(name=name)
    # Each in its turn, though every one of them is due in every minute.
    for number, second in enumerate((0, 60, 120), start=1):
        assert alerts.round(NOW + second) == 1
        assert len(world.found) == number
    assert {one.rule_name for one in world.found} == {"first", "second", "third"}
    # And when there is time, the rest of them before the minute is over.
    assert [alerts.round(NOW + second) for second in (125, 130, 135, 140)] == [1, 1, 0, 0]


def test_an_outage_of_prices_and_of_calls_is_found_by_any_kind(world: World) -> None:
    world.make(Kind.STALE_PRICES, name="prices", window="60d", by=())
    world.make(Kind.SILENT, name="silent", limit=None, by=())
    world.make(Kind.UNPRICED, name="unpriced", limit=None, by=("model",))
    world.make(Kind.RUNAWAY, name="runaway", measure=Measure.OUTPUT_TOKENS, limit=Decimal(30))
    world.make(Kind.RATE_LIMIT, name="refused", limit=Decimal(2), by=())
    world.make(Kind.LATENCY, name="slow", limit=Decimal(1_400), by=("model",), least_calls=1)
    world.make(
        Kind.LATENCY, name="first token", measure=Measure.TTFT_P95, limit=Decimal(700), by=("model",), least_calls=1
    )
    world.calls(NOW - 10 * MINUTE, usd=None, request_model="quill-9", ttft_ns=800_000_000)
    world.calls(NOW - 10 * MINUTE, 2, usd=None, tokens=None, status="error", error_type="openai.RateLimitError")
    world.alerts.round(world.now)
    found = {one.rule_name: one.verdict.actual for one in world.found}
    assert found == {
        "prices": Decimal(90 * DAY), "unpriced": 1, "runaway": 30, "refused": 2, "slow": pytest.approx(1_500, rel=0.01),
        "first token": pytest.approx(800, rel=0.01),
    }  # fmt: skip
    world.now += 2 * HOUR
    world.alerts.round(world.now)
    assert "silent" in {one.rule_name for one in world.found}
