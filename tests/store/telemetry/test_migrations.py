"""A database as an earlier version left it in; after migrating, the same answers as of calls that were written today, out."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from stored_calls import failed, new_project, starts, stored_call

from farthing.model.call import PricedCall
from farthing.query import run
from farthing.query.moments import rfc3339
from farthing.store.telemetry import call_rows, schema, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Density, Rollup

FIRST = 1_790_000_000 // 86_400 * 86_400
DAY_NS = 86_400 * 10**9
EARLIER = 7
"""The last version whose tags were told by a map alone."""

FAR = 10
"""As many migrations take a tenth of a second of a first start."""

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


def test_an_earlier_database_answers_as_a_new_one(store: Engine) -> None:
    known = schema.steps()
    schema.migrate(store, "here", {version: step for version, step in known.items() if version <= EARLIER})
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


def _tables(store: Engine) -> str:
    return schema.described(store, 0)


def _noted(store: Engine) -> list[tuple[object, ...]]:
    return store.query("SELECT version, name FROM schema_migrations ORDER BY version").rows


def test_an_empty_store_is_made_at_once_as_all_migrations_would_make_it(tmp_path: Path) -> None:
    known = schema.steps()
    # One after the other: the engine has one folder open.
    with closing(Engine(f"chdb://{tmp_path}/one")) as store:
        schema.migrate(store, "here", at_once=False)
        tables, noted = _tables(store), _noted(store)
    assert noted == [(version, known[version].name) for version in sorted(known)]
    with closing(Engine(f"chdb://{tmp_path}/other")) as store:
        # What a first start left that was cut off, by an earlier version even.
        store.command("CREATE TABLE spans (project_id String, name Date) ENGINE = MergeTree ORDER BY project_id")
        store.migrate()
        assert _tables(store) == tables
        assert _noted(store) == noted


def test_a_store_with_rows_is_never_made_at_once(store: Engine) -> None:
    store.command("CREATE TABLE run_items (there String) ENGINE = MergeTree ORDER BY there")
    store.command("INSERT INTO run_items VALUES ('before')")
    store.migrate()
    assert store.query("SELECT there FROM run_items").rows == [("before",)]


def test_making_at_once_is_not_far_behind() -> None:
    text = Path(schema.__file__).with_name("schema.sql").read_text(encoding="utf-8")
    assert max(schema.steps()) - int(text.splitlines()[0].rsplit(" ", 1)[1].rstrip(".")) < FAR, "run: make schema"


def test_parts_that_were_merged_wait_for_the_disk_and_go_without_a_crowd_of_threads(store: Engine) -> None:
    store.migrate()
    made = store.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
        " AND name != 'schema_migrations'"
    ).rows
    assert made
    wanted = (
        "old_parts_lifetime = 60",
        "concurrent_part_removal_threshold = 1000000",
        "max_cleanup_delay_period = 30",
    )
    assert {name: [one for one in wanted if one not in text] for name, text in made} == {name: [] for name, _ in made}
