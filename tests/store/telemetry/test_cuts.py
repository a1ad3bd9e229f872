"""Calls of a day or five in; the same rows of long buckets out, whether they are made from calls or from shorter ones."""

from typing import Any

import pytest
from stored_calls import failed, new_project, stored_call, write

from farthing.store.telemetry import cuts
from farthing.store.telemetry.cuts import DAY, FIVE_DAYS, HALF_HOUR, QUARTER, Aggregate, Grain, named, of_tags
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES, QUANTILES

FIRST = 1_790_000_000 // FIVE_DAYS.seconds * FIVE_DAYS.seconds


def _rows(engine: Engine, project: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(["cut", "bucket", "tags", *cuts.KEYS, *(m.name for m in MEASURES)])
    text = f"""
SELECT {columns}, {QUANTILES} FROM rollup FINAL
WHERE project_id = {{project:String}} AND calls > 0 GROUP BY {columns} ORDER BY {columns}
"""
    return engine.query(text, {"project": project}).rows


def _recompute(
    engine: Engine, project: str, grain: Grain, revision: int, aggregates: list[Aggregate], held: list[Aggregate]
) -> None:
    made = cuts.recompute(aggregates, held)
    end = FIRST + FIVE_DAYS.seconds
    places = {"blocks": list(range(FIRST, end, grain.seconds)), "from": FIRST, "to": end}
    told = {"project": project, "revision": revision, "seconds": grain.seconds}
    engine.command(made.text, made.values | places | told)


@pytest.mark.parametrize(
    ("grain", "shorter"), [(DAY, HALF_HOUR), (QUARTER, HALF_HOUR), (FIVE_DAYS, DAY)], ids=["1d", "4h", "5d"]
)
def test_long_buckets_of_short_ones_are_those_of_calls(telemetry_engine: Engine, grain: Grain, shorter: Grain) -> None:
    made = [
        stored_call(
            (FIRST + number * 6_171) * 10**9,
            request_model=["gpt-4o", "claude"][number % 2],
            feature=["", "search", "chat"][number % 3],
            environment=["", "production"][number % 2],
            duration_ns=number * 10**8,
            tokens=[(100, 20, 30), None][number % 7 == 0],
            usd=[("0.000000000000000000000001", "12.5"), None][number % 5 == 0],
            tags={"region": ["eu", "us"][number % 2]},
        )
        for number in range(70)
    ]
    made[3] = failed(made[3], "timeout")
    by_tag = of_tags(["environment", "tag.region"])
    made_of, wanted = (
        [*cuts.at(some), *(Aggregate(by_tag, some) for kept in by_tag.grains if kept == some)]
        for some in (shorter, grain)
    )
    found: list[list[tuple[Any, ...]]] = []
    for held in ([], made_of):
        project = new_project()
        write(telemetry_engine, project, made)
        _recompute(telemetry_engine, project, shorter, 2, made_of, [])
        # Twice: what was there before must not stay beside what takes its place.
        _recompute(telemetry_engine, project, grain, 4, wanted, held)
        _recompute(telemetry_engine, project, grain, 6, wanted, held)
        found.append(_rows(telemetry_engine, project))
    assert found[0] == found[1]
    assert {row[0] for row in found[0]} == {a.name for a in [*made_of, *wanted]}
    assert [named(a.name) for a in wanted] == wanted
