"""A small part's one file: whole as the engine writes it, and cut short at any byte."""

from pathlib import Path

import pyarrow as pa

from farthing.store.telemetry import packed
from farthing.store.telemetry.engine import Engine


def test_a_small_part_is_one_file_and_is_known_to_be_whole(tmp_path: Path) -> None:
    engine = Engine(f"chdb://{tmp_path}/telemetry")
    try:
        engine.migrate()
        names = {
            row[0] for row in engine.query("SELECT name FROM system.tables WHERE database = currentDatabase()").rows
        }
        assert {"spans", "calls", "external_requests"} <= names
        engine.insert(
            "external_requests", pa.table({"project_id": ["p"] * 9, "commit": pa.array(range(9), pa.uint64())})
        )
        path = Path(
            engine.query("SELECT path FROM system.parts WHERE table = 'external_requests' AND active").rows[0][0]
        )
    finally:
        engine.close()
    assert [file.name for file in path.iterdir()] == [packed.NAME]
    file = path / packed.NAME
    whole = file.read_bytes()
    assert packed.is_whole(file, len(whole))
    for size in {*range(0, len(whole), 7), len(whole) - 1}:
        file.write_bytes(whole[:size])
        assert not packed.is_whole(file, size)


def test_a_list_that_is_not_known_is_left_to_others(tmp_path: Path) -> None:
    file = tmp_path / packed.NAME
    file.write_bytes(b"\7anything")
    assert packed.is_whole(file, 9)
