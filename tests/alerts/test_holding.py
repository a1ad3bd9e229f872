"""Services that keep an alert open until they hear that it is over hear so, however it ended; and nobody else does who wants to be left in peace."""

from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from alerts.test_live import MINUTE, NOW, World

from farthing.alerts.incidents import Incidents
from farthing.alerts.round import Round
from farthing.query.moments import NS
from farthing.store.meta import channels, deliveries
from farthing.store.meta.channels import StoredChannel
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine


class Kept(World):
    """Notices are stored as a server does, for a webhook and for PagerDuty."""

    def __init__(self, engine: Engine, database: Database) -> None:
        super().__init__(engine, database)
        moment = datetime.now(UTC)
        with database.write() as session:
            made = (f"pd_{self.project}", self.project, "oncall", "pagerduty", True, "info", "{}", "", moment, moment)
            channels.put(session, StoredChannel(*made))
        self.rounds = Round(database, "http://farthing", deliveries.add)
        self.incidents = Incidents(database, self.rules, self.rounds, lambda: self.now * NS)
        self.alerts = self.another("one")
        self.rule = self.make()
        self.calls(NOW - 10 * MINUTE, 2)
        self.alerts.round(self.now)

    @property
    def heard(self) -> dict[str, list[str]]:
        """What each kind of channel was told, oldest first."""
        with self.database.read() as session:
            rows = deliveries.listing(session, self.project)
        return {kind: [one.what for one in reversed(rows) if one.kind == kind] for kind in ("webhook", "pagerduty")}

    @property
    def incident_id(self) -> str:
        return self.found[0].id


@pytest.fixture
def world(telemetry_engine: Engine, tmp_path: Path) -> Generator[Kept]:
    with closing(Database.open(f"sqlite:///{tmp_path / 'meta.db'}")) as database:
        database.migrate()
        made = Kept(telemetry_engine, database)
        assert made.heard == {"webhook": ["opened"], "pagerduty": ["opened"]}
        yield made


def test_who_is_told_of_the_end_is_told_once(world: Kept) -> None:
    world.pass_minutes(70, 10)
    assert world.heard == {"webhook": ["opened", "recovered"], "pagerduty": ["opened", "recovered"]}


def test_one_that_is_over_while_it_is_snoozed(world: Kept) -> None:
    world.incidents.snooze(world.project, world.incident_id, "ann", (NOW + 600 * MINUTE) * NS)
    world.pass_minutes(10, 5)
    assert world.heard["pagerduty"] == ["opened"]
    world.pass_minutes(70, 10)
    assert world.heard == {"webhook": ["opened"], "pagerduty": ["opened", "recovered"]}


def test_one_that_was_to_be_expected(world: Kept) -> None:
    world.incidents.expect(world.project, world.incident_id, "ann", is_expected=True)
    assert world.heard == {"webhook": ["opened"], "pagerduty": ["opened", "recovered"]}
    world.pass_minutes(70, 10)
    assert world.heard["pagerduty"] == ["opened", "recovered"]


def test_one_whose_rule_is_deleted(world: Kept) -> None:
    world.rules.remove(world.actor, world.rule.id)
    assert world.heard == {"webhook": ["opened"], "pagerduty": ["opened", "recovered"]}


def test_one_whose_rule_is_turned_off(world: Kept) -> None:
    world.rules.change(world.actor, world.rule.id, {"enabled": False})
    assert world.heard["pagerduty"] == ["opened", "recovered"]


def test_one_whose_rule_tells_others_now(world: Kept) -> None:
    world.rules.change(world.actor, world.rule.id, {"channels": ("ops",)})
    world.pass_minutes(70, 10)
    assert world.heard == {"webhook": ["opened", "recovered"], "pagerduty": ["opened", "recovered"]}


def test_one_that_was_never_told_there_is_not_closed_there(world: Kept) -> None:
    quiet = world.make(name="quiet", observe_only=True, limit=Decimal("0.5"))
    world.pass_minutes(1)
    world.rules.remove(world.actor, quiet.id)
    assert world.heard["pagerduty"] == ["opened"]
