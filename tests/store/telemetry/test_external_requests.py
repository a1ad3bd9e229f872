"""Posted calls found again by their ids, before and after they are indexed; counted once; and wiped by data mode."""

from collections.abc import Generator
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from stored_calls import new_project, stored_call, write

from farthing.intake.direct_calls import incoming
from farthing.store.telemetry import external_requests, span_rows, wiping
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.external_requests import Note

NOW = 1_795_217_047_000_000_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    opened = Engine(f"chdb://{tmp_path_factory.mktemp('posted')}/telemetry")
    opened.migrate()
    yield opened
    opened.close()


def spans(project: str, *names: str) -> tuple[pa.Table, dict[bytes, str], dict[bytes, Note]]:
    told: dict[str, Any] = {"provider": "openai", "model": "gpt-4o", "status": "success"}
    posted = [incoming({**told, "externalRequestId": name}, project, "", NOW) for name in names]
    notes = {one.span.span_id: Note(one.body, msgspec.Raw(b'{"ok":true}')) for one in posted}
    table = external_requests.noted(span_rows.table(project, [one.span for one in posted]), notes)
    return table, {one.span.span_id: one.posted.external_request_id for one in posted}, notes


def test_calls_are_found_by_id_once_indexed_and_before(engine: Engine) -> None:
    project = new_project()
    table, wanted, notes = spans(project, "one", "two")
    engine.insert("spans", span_rows.numbered([table], "commit", 50))
    assert external_requests.find(engine, project, wanted) == {}
    assert external_requests.find(engine, project, wanted, (49, 50)) == notes
    assert external_requests.count_since(engine, project, 0, (49, 50)) == 2
    waiting = external_requests.index(table)
    waiting.commit = 50
    external_requests.add(engine, [waiting])
    external_requests.add(engine, [waiting])
    assert waiting.is_written
    assert external_requests.find(engine, project, wanted) == notes
    assert external_requests.find(engine, project, dict.fromkeys(wanted, "of the same digest")) == {}
    assert external_requests.find(engine, new_project(), wanted) == {}
    assert external_requests.count_since(engine, project, 0, (49, 50)) == 2
    assert external_requests.count_since(engine, project, 51) == 0


def test_what_a_crash_left_out_is_indexed_from_the_spans(engine: Engine) -> None:
    project = new_project()
    table, wanted, notes = spans(project, "three")
    engine.insert("spans", span_rows.numbered([table], "commit", 90))
    external_requests.recover(engine, (80, 90))
    assert external_requests.find(engine, project, wanted) == notes
    assert set(wanted) <= {one for ids in external_requests.all_ids(engine) for one in ids}


def test_only_the_data_mode_and_the_key_that_are_meant_are_wiped(engine: Engine) -> None:
    project = new_project()
    calls = [stored_call(NOW + n, data_mode=mode) for n, mode in enumerate(("", "test", "test", "demo"))]
    calls[2] = msgspec.structs.replace(calls[2], key_id="k")
    write(engine, project, calls)
    assert wiping.wipe(engine, project, "test", "k") == 1
    assert wiping.wipe(engine, project, "test") == 1
    assert wiping.wipe(engine, project, "test") == 0
    left = engine.query(
        "SELECT data_mode FROM calls FINAL WHERE project_id = {project:String} ORDER BY 1", {"project": project}
    )
    assert left.rows == [("",), ("demo",)]
    with pytest.raises(ValueError, match="not deleted"):
        wiping.wipe(engine, project, "")
