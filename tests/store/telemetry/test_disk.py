"""A disk that becomes full in the middle of inserts and merges: what was acknowledged is whole, what wasn't is gone."""

import contextlib
import queue
import random
import threading
from collections.abc import Generator
from pathlib import Path

import pyarrow as pa
import pytest
from e2e.waiting import until
from small_disk import SmallDisk

from farthing.errors import StoreError, StoreFullError
from farthing.store.telemetry import disk
from farthing.store.telemetry.engine import Engine

MOST_INSERTS = 200
ROWS = 200
MENDED_WITHIN_S = 10


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[SmallDisk]:
    found = SmallDisk(tmp_path / "disk", 48)
    yield found
    found.unmount()


@pytest.fixture(params=(0, 1 << 20), ids=("files", "packed"))
def engine(small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Generator[Engine]:
    # So little that the disk is full in the middle of a write, not before it.
    monkeypatch.setattr(disk, "RESERVE", 1 << 16)
    monkeypatch.setattr(disk, "MERGE_RESERVE", 1 << 17)
    opened = Engine(f"chdb://{small_disk.folder}/telemetry")
    opened.command(
        "CREATE TABLE kept (number UInt64, filling String) ENGINE = MergeTree ORDER BY number"
        f" SETTINGS fsync_after_insert = 1, min_bytes_for_full_part_storage = {request.param}"
    )
    yield opened
    opened.close()


def rows(number: int) -> pa.Table:
    return pa.table({"number": pa.array([number] * ROWS, pa.uint64()), "filling": [f"{number} " * 50] * ROWS})


@pytest.mark.parametrize("seed", range(5))
def test_an_insert_is_kept_whole_or_refused(engine: Engine, small_disk: SmallDisk, seed: int) -> None:
    chance = random.Random(seed)
    full_at = chance.randrange(5, 40)
    filling = threading.Thread(target=small_disk.fill)
    kept: list[int] = []
    refused = 0
    for number in range(MOST_INSERTS):
        if number == full_at:
            filling.start()
        try:
            engine.insert("kept", rows(number))
        except StoreFullError:
            refused += 1
            if not filling.is_alive():
                break
        else:
            kept.append(number)
    filling.join()
    assert refused
    small_disk.free()
    until(lambda: is_kept(engine, MOST_INSERTS), MENDED_WITHIN_S)
    wanted = dict.fromkeys((*kept, MOST_INSERTS), ROWS)
    until(lambda: readable(engine) == wanted, MENDED_WITHIN_S)


def is_kept(engine: Engine, number: int) -> bool:
    """As senders do: again, while the table is being mended."""
    try:
        engine.insert("kept", rows(number))
    except StoreError:
        return False
    return True


def readable(engine: Engine) -> dict[int, int]:
    """How often each number can be read, every byte of its rows included; nothing while something can't."""
    asked = "SELECT number, countIf(startsWith(filling, toString(number))) FROM kept GROUP BY number"
    with contextlib.suppress(StoreError):
        return dict(engine.query(asked).rows)
    return {}


def test_nothing_is_written_while_too_little_is_free(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "RESERVE", 64 << 20)
    with pytest.raises(StoreFullError, match="less than 64 MiB are free"):
        engine.insert("kept", rows(1))
    assert readable(engine) == {}


def test_merges_rest_while_little_is_free(small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MERGE_RESERVE", 1 << 20)
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    watched = disk.Disk(small_disk.folder, lambda _: [], told.put)
    small_disk.fill()
    watched.watch()
    try:
        assert told.get(timeout=5) == "SYSTEM STOP MERGES"
        small_disk.free()
        assert told.get(timeout=5) == "SYSTEM START MERGES"
    finally:
        watched.close()
