"""The demo's traffic of two features, with its retry loop and its inflated prompt, in; that presets fire on them, live and replayed, out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import pytest
from alerts.test_live import World
from stored_calls import starts, stored_call, write

from farthing.alerts import presets
from farthing.alerts.live import Sources
from farthing.demo import anomalies, season
from farthing.demo.company import FEATURES, INFLATED_FEATURE, RETRY_LOOP_FEATURE
from farthing.demo.draws import Dice
from farthing.model.call import PricedCall
from farthing.query.moments import NS
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

CALLS, DAYS = 200_000, 30
KNOWN_DAYS = 17
"""Of the demo's days so many are enough here."""
END_NS = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * NS
USD = {RETRY_LOOP_FEATURE: "0.0031", INFLATED_FEATURE: "0.0095"}
INFLATED_USD = "0.0158"
"""What a call costs on average in the demo, before and after its prompt is inflated."""

PLANTED = anomalies.planted(END_NS)


@cache
def traffic() -> list[PricedCall]:
    """As many calls as the demo makes, when it makes them."""
    return list(_made())


def _made() -> Iterator[PricedCall]:
    dice = Dice("1")
    names = [feature.name for feature in FEATURES]
    for slot in season.schedule(CALLS, END_NS - DAYS * anomalies.DAY_NS, END_NS, PLANTED, dice):
        if slot.start_ns < END_NS - KNOWN_DAYS * anomalies.DAY_NS:
            continue
        for name, usd in USD.items():
            count = slot.counts[names.index(name)]
            is_inflated = name == INFLATED_FEATURE and slot.start_ns >= PLANTED.prompt_inflation.start_ns
            for number in range(count):
                at = slot.start_ns + number * slot.length_ns // count
                yield stored_call(at, feature=name, usd=(INFLATED_USD if is_inflated else usd, "0"))


@pytest.fixture(scope="module")
def world(telemetry_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("meta")
    database = Database.open(f"sqlite:///{folder / 'meta.db'}")
    database.migrate()
    made = World(telemetry_engine, database)
    calls = traffic()
    write(made.engine, made.project, calls)
    made.rollup.touch(made.project, starts(calls))
    made.rollup.refresh(END_NS / NS, everything=True)
    yield made
    database.close()


def test_both_anomalies_are_found_when_they_are_replayed(world: World) -> None:
    preset = presets.find("spend-anomaly")
    assert preset is not None
    rule = msgspec.structs.replace(preset.rule, project_id=world.project, least_usd=Decimal("0.1"))
    end = PLANTED.retry_loop.end_ns // NS + 3_600
    sources = Sources(world.engine, world.rollup, lambda: None, world.database)

    loop = sources.backtest(rule, PLANTED.retry_loop.start_ns // NS - 6 * 3_600, end).incidents
    inflation = sources.backtest(
        rule, PLANTED.prompt_inflation.start_ns // NS - 3_600, PLANTED.prompt_inflation.start_ns // NS + DAY
    ).incidents

    assert [one.group for one in loop] == [(("feature", RETRY_LOOP_FEATURE),)]
    since = loop[0].verdict.since_ns
    assert since is not None and abs(since - PLANTED.retry_loop.start_ns) <= 1_800 * NS
    assert loop[0].opened_ns <= PLANTED.retry_loop.end_ns
    assert INFLATED_FEATURE in [one.group[0][1] for one in inflation]


DAY = 86_400


def test_the_retry_loop_fires_while_it_goes_on_and_says_what_it_cost(world: World) -> None:
    preset = presets.find("spend-anomaly")
    assert preset is not None
    world.rules.create(world.actor, msgspec.structs.replace(preset.rule, least_usd=Decimal("0.1")))
    for at in range(PLANTED.retry_loop.start_ns // NS - 600, PLANTED.retry_loop.end_ns // NS + 1, 600):
        world.now = at
        world.alerts.round(at)

    (one,) = [one for one in world.found if one.group == (("feature", RETRY_LOOP_FEATURE),)]

    start, end = one.verdict.window
    spent = [
        row
        for row in traffic()
        if row.call.attribution.feature == RETRY_LOOP_FEATURE and start <= row.call.start_ns < end
    ]
    assert one.verdict.actual == Decimal("0.0031") * len(spent)
    assert one.verdict.expected is not None
    assert Decimal(one.verdict.actual or 0) > 2 * one.verdict.expected
    assert "opened" in world.said


def test_a_day_beyond_a_limit_fires(world: World) -> None:
    preset = presets.find("spend-24h")
    assert preset is not None
    limit, end = Decimal(14), END_NS // NS - 2 * DAY
    rule = msgspec.structs.replace(preset.rule, project_id=world.project, limit=limit, critical_limit=None)
    sources = Sources(world.engine, world.rollup, lambda: None, world.database)
    found = sources.backtest(rule, end - 6 * DAY, end)
    assert found.incidents
    for one in found.incidents:
        begin, stop = one.opened_ns - DAY * NS, one.opened_ns
        spent = sum((row.cost.known_amount for row in traffic() if begin <= row.call.start_ns < stop), 0)
        assert spent >= limit * 10**24
