"""The demo as `farthing demo` makes it, what is dear in it, in; that the presets fire on what is planted there and on nothing else out."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from alerts.test_live import DAY, World
from stored_calls import starts, write

from farthing.alerts import presets
from farthing.alerts.incident import Incident
from farthing.alerts.live import Sources
from farthing.demo import anomalies
from farthing.demo.company import INFLATED_FEATURE, RETRY_LOOP_FEATURE
from farthing.demo.traffic import batches
from farthing.model.call import PricedCall
from farthing.model.span import Span
from farthing.prepare import Sender, derive
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.query.moments import NS
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

CALLS, DAYS, SEED = 120_000, 18, 1
"""As many a day as `farthing demo` makes, which is 200,000 a month."""
END_NS = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * NS
SINCE_NS = END_NS - 10 * anomalies.DAY_NS
"""What is before is the past of what is judged."""
CHEAP = ("storefront-api", "search-api", "support-triage")
"""What these call makes half of all calls and a hundredth of the cost."""

pytestmark = pytest.mark.timeout(600)

MADE: list[PricedCall] = []
"""Those of the world."""
PLANTED = anomalies.planted(END_NS)
LOOP, INFLATION = PLANTED.retry_loop, PLANTED.prompt_inflation


def _dear(spans: list[Span]) -> Iterator[list[Span]]:
    found: dict[bytes, list[Span]] = {}
    for span in spans:
        if span.resource.attributes["service.name"] not in CHEAP:
            found.setdefault(span.trace_id, []).append(span)
    return iter(found.values())


def _made(project: str) -> Iterator[PricedCall]:
    sender, snapshot = Sender(project), Snapshot(Terms())
    for spans in batches(SEED, CALLS, END_NS, DAYS):
        for trace in _dear(spans):
            yield from derive(trace, snapshot.price, sender)


@pytest.fixture(scope="module")
def world(telemetry_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path_factory.mktemp('meta') / 'meta.db'}")) as database:
        database.migrate()
        made = World(telemetry_engine, database)
        MADE.extend(_made(made.project))
        write(made.engine, made.project, MADE)
        made.rollup.touch(made.project, starts(MADE))
        yield made
        MADE.clear()


def fired(world: World, name: str) -> list[Incident]:
    preset = presets.find(name)
    assert preset is not None
    rule = msgspec.structs.replace(preset.rule, project_id=world.project)
    sources = Sources(world.engine, world.rollup, lambda: None, world.database)
    return sources.backtest(rule, SINCE_NS // NS, END_NS // NS).incidents


def test_only_the_retry_loop_lifts_a_day_over_its_limit(world: World) -> None:
    (one,) = fired(world, "spend-24h")
    assert LOOP.start_ns < one.opened_ns < LOOP.end_ns
    assert one.recovered_ns is not None
    assert one.recovered_ns - LOOP.end_ns < DAY * NS + 600 * NS
    assert one.peak is not None
    assert Decimal(500) < one.peak < Decimal(1000)


def test_only_the_retry_loop_is_refused_by_a_provider(world: World) -> None:
    (one,) = fired(world, "rate-limits")
    assert LOOP.start_ns < one.opened_ns <= LOOP.start_ns + 1_800 * NS
    assert one.recovered_ns is not None
    # The last documents are still being sent when no more come in.
    assert 0 < one.recovered_ns - LOOP.end_ns < 1_800 * NS


def test_both_anomalies_are_found_and_nothing_else_is(world: World) -> None:
    found = fired(world, "spend-anomaly")

    (loop,) = [one for one in found if one.group == (("feature", RETRY_LOOP_FEATURE),)]
    assert LOOP.start_ns < loop.opened_ns <= LOOP.start_ns + 900 * NS
    assert loop.verdict.since_ns is not None
    assert abs(loop.verdict.since_ns - LOOP.start_ns) <= 600 * NS

    others = [one for one in found if one is not loop]
    assert {one.group for one in others} == {(("feature", INFLATED_FEATURE),)}
    assert INFLATION.start_ns < others[0].opened_ns <= INFLATION.start_ns + 3 * 3_600 * NS


def test_the_retry_loop_fires_while_it_goes_on_and_says_what_it_cost(world: World) -> None:
    preset = presets.find("spend-anomaly")
    assert preset is not None
    world.rules.create(world.actor, preset.rule)
    for at in range(LOOP.start_ns // NS - 600, LOOP.start_ns // NS + 1_801, 300):
        world.now = at
        world.alerts.round(at)

    (one,) = [one for one in world.found if one.group == (("feature", RETRY_LOOP_FEATURE),)]

    assert one.opened_ns <= LOOP.start_ns + 900 * NS
    start, end = one.verdict.window
    spent = [
        call.cost.known_amount
        for call in MADE
        if call.call.attribution.feature == RETRY_LOOP_FEATURE and start <= call.call.start_ns < end
    ]
    assert one.verdict.actual == Decimal(sum(spent)).scaleb(-24)
    assert one.verdict.expected is not None
    assert Decimal(one.verdict.actual or 0) > 3 * one.verdict.expected
    assert "opened" in world.said
