"""Rules of several kinds over most of an hour with a burst in it; a back-test says what rounds at the same moments would have said."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from alerts.test_live import MINUTE, NOW, World
from stored_calls import starts, stored_call, write

from farthing.alerts.live import Sources
from farthing.alerts.replay import Replay
from farthing.alerts.rule import Compare, Kind, Measure, Rule
from farthing.model.call import Status
from farthing.query.moments import NS
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

SINCE = NOW - 50 * MINUTE


@pytest.fixture(scope="module")
def world(telemetry_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with closing(Database.open(f"sqlite:///{tmp_path_factory.mktemp('meta') / 'meta.db'}")) as database:
        database.migrate()
        made = World(telemetry_engine, database)
        calls = [
            stored_call((SINCE + minute * MINUTE + 7) * NS, feature=feature, usd=("0.01", "0"))
            for minute in range(-30, 50)
            for feature in ("chat", "search")
        ]
        # Six minutes across the edge between two windows of a quarter of an hour that lie side by side.
        calls += [
            stored_call(
                (SINCE + minute * MINUTE + 20 + second) * NS,
                feature="chat", usd=("0.05", "0"), duration_ns=9 * NS, status=Status.ERROR, error_type="rate_limit_exceeded",
            )
            for minute in range(22, 28)
            for second in range(4)
        ]  # fmt: skip
        write(telemetry_engine, made.project, calls)
        made.rollup.touch(made.project, starts(calls))
        yield made


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        (60, {"window": "7m", "compare": Compare(Decimal(2), past="20m"), "measure": Measure.CALLS}),
        (60, {"kind": Kind.ERROR_RATE, "window": "10m", "limit": Decimal("0.4"), "by": ("feature",)}),
        (300, {"window": "15m", "measure": Measure.LATENCY_P50, "limit": Decimal(5_000), "by": ("feature",)}),
    ],
)
def test_a_back_test_says_what_rounds_would_have_said(world: World, step: int, fields: dict[str, Any]) -> None:
    told: dict[str, Any] = {"kind": Kind.THRESHOLD, "every": "60s", **fields}
    rule = Rule("", world.project, "r", **told)
    sources = Sources(world.engine, world.rollup, lambda: NOW, world.database)
    outcome = sources.backtest(rule, SINCE, NOW)
    assert outcome.step_s == step
    rounds = Replay(rule)
    for at in range(-(-SINCE // step) * step, NOW + 1, step):
        rounds.judge(sources.asking(at), at)  # pyright: ignore[reportArgumentType]  asked for anew, each time
    assert outcome.incidents == rounds.incidents
    (one,) = outcome.incidents
    assert SINCE + 22 * MINUTE < one.opened_ns // NS <= SINCE + 33 * MINUTE
    assert one.status == "recovered"
