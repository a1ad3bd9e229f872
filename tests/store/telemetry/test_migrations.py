"""A database as an earlier version left it in; after migrating, the same answers as of calls that were written today, out."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from stored_calls import failed, new_project, starts, stored_call

from farthing.model.call import PricedCall
from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry import call_rows, engine, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

FIRST = 1_790_000_000 // 86_400 * 86_400
DAY_NS = 86_400 * 10**9
EARLIER = 7
"""The last version whose tags were told by a map alone."""

QUESTIONS = [
    [],
    [("by", "model"), ("granularity", "day")],
    [("by", "tag.region")],
    [("tag.region", "eu")],
    [("tag.region", "!eu")],
    [("tag.region", "eu"), ("tag.run", "7"), ("by", "model"), ("granularity", "day")],
    [("tag.region", "us"), ("tag.long", "x" * 60)],
    [("tag.region", "eu"), ("tag.region", "us"), ("min_cost", "0.001")],
    [("tag.region", "us"), ("tag.region", "ap"), ("tag.region", "eu"), ("q", "gpt")],
]


def _calls() -> list[PricedCall]:
    made = [
        stored_call(
            FIRST * 10**9 + number * 3_600 * 10**9,
            1_000 + number,
            request_model=["gpt-4o", "claude"][number % 2],
            duration_ns=(number + 1) * 10**8,
            usd=[("0.000000000000000000000001", "0.002"), ("0", "0.001"), None][number % 3],
            tags={"region": ["eu", "us", "ap"][number % 3 - 1], "run": str(number % 9), "long": "x" * (40 + number)},
        )
        for number in range(30)
    ]
    return [*made[:-1], failed(made[-1], "timeout")]


def _insert(store: Engine, project_id: str, calls: list[PricedCall], revision: int) -> None:
    known = {name for (name,) in store.query("SELECT name FROM system.columns WHERE table = 'calls'").rows}
    batch = span_rows.numbered([call_rows.table(project_id, calls)], "revision", revision)
    store.insert("calls", batch.select([name for name in batch.column_names if name in known]))


@pytest.fixture
def store(tmp_path: Path) -> Generator[Engine]:
    opened = Engine(f"chdb://{tmp_path}/telemetry")
    yield opened
    opened.close()


def test_an_earlier_database_answers_as_a_new_one(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(engine._migrations())  # pyright: ignore[reportPrivateUsage]  versions can't be chosen outside

    def earlier() -> Iterator[tuple[int, tuple[str, str]]]:
        yield from ((version, told) for version, told in known.items() if version <= EARLIER)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "_migrations", earlier)
        store.migrate()
    assert store.query("SELECT max(version) FROM schema_migrations").rows == [(EARLIER,)]
    before, today = new_project(), new_project()
    calls = _calls()
    _insert(store, before, calls, 1)
    _insert(store, before, calls[:5], 2)  # re-sent: counted once
    store.migrate()
    assert store.query("SELECT max(version) FROM schema_migrations").rows == [(max(known),)]
    _insert(store, today, calls, 3)
    rollup = Rollup(store, Density(0, 0, 0))
    rollup.recover()
    asked = [
        [("from", rfc3339(FIRST * 10**9)), ("to", rfc3339(FIRST * 10**9 + 2 * DAY_NS)), *more] for more in QUESTIONS
    ]
    fresh = [run.spend(store, rollup, today, pairs, 0) for pairs in asked]
    assert [run.spend(store, rollup, before, pairs, 0) for pairs in asked] == fresh
    assert fresh[0]["total"]["calls"] == 30
    assert fresh[0]["total"]["cost_usd"] == "0.03000000000000000000001"
    assert min(answer["total"]["calls"] for answer in fresh) > 0
    rollup.touch(before, starts(calls))
    rollup.refresh(1e10, everything=True)
    assert [run.spend(store, rollup, before, pairs, 0) for pairs in asked] == fresh
