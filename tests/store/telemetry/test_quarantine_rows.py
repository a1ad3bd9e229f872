"""The ring of refused items on a real engine: bounded, each listed once, its own project's only."""

import time
from collections.abc import Generator

import pytest

from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.quarantine_rows import MOST_PER_MINUTE, NAME, RING, Held, Ring, load, remove, table

MINUTE = 60_000_000
NOW = time.time_ns() // 1_000  # what is older than a month is dropped


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    opened = Engine(f"chdb://{tmp_path_factory.mktemp('ring')}/telemetry")
    opened.migrate()
    yield opened
    opened.close()


def held(number: int) -> Held:
    return Held("traces", "too_old", f'{{"n": {number}}}', 8, True, b"t" * 16, -(2**70))


def write(engine: Engine, ring: Ring, project: str, numbers: range, commit: int) -> int:
    placed = ring.placed([table(project, [held(number) for number in numbers])], commit)
    if placed is None:
        return 0
    engine.insert(NAME, placed)
    return placed.num_rows


def test_only_the_latest_are_kept_whatever_comes(engine: Engine) -> None:
    ring = Ring(engine)
    minutes = 2 * RING // MOST_PER_MINUTE
    for minute in range(minutes):
        numbers = range(minute * 100, minute * 100 + 100)
        assert write(engine, ring, "p", numbers, NOW + minute * MINUTE) == MOST_PER_MINUTE
        assert write(engine, ring, "p", numbers, NOW + minute * MINUTE) == 0
    found = load(engine, "p", most=2 * RING)
    assert len(found) == RING
    assert found[0].held.sample == f'{{"n": {(minutes - 1) * 100 + MOST_PER_MINUTE - 1}}}'
    engine.command("OPTIMIZE TABLE quarantine FINAL")
    assert engine.query("SELECT count() FROM quarantine WHERE project_id = 'p'").rows == [(RING,)]


def test_an_item_that_came_twice_is_listed_once_and_leaves_for_good(engine: Engine) -> None:
    for commit in (NOW, NOW + MINUTE):  # a ring of its own each time, as after a restart
        assert write(engine, Ring(engine), "q", range(2), commit) == 2
    first, second = load(engine, "q", most=9)
    assert (first.number, second.number) == (4, 3)
    assert load(engine, "q", of_id=first.id.hex()) == [first]
    assert load(engine, "other", of_id=first.id.hex()) == []
    remove(engine, "q", first.id)
    assert load(engine, "q", most=9) == [second]
