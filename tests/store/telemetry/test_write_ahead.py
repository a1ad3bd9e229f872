"""Rows that are durable before the engine has them: taken in once, after a crash too, whatever was noted of it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from stored_calls import new_project

from farthing.errors import StartError, StoreError, StoreFullError
from farthing.intake.direct_calls import incoming
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.write_ahead import FOLDER, WriteAhead

NOW = 1_795_217_047_000_000_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    opened = Engine(f"chdb://{tmp_path_factory.mktemp('ahead')}/telemetry")
    opened.migrate()
    yield opened
    opened.close()


def rows(project: str, commit: int, *names: str) -> pa.Table:
    told: dict[str, Any] = {"provider": "openai", "model": "gpt-4o", "status": "success"}
    spans = [incoming({**told, "externalRequestId": name}, project, "", NOW).span for name in names]
    return span_rows.numbered([span_rows.table(project, spans)], "commit", commit)


def kept(engine: Engine, project: str) -> list[tuple[int, int]]:
    sql = "SELECT commit, count() FROM spans WHERE project_id = {project:String} GROUP BY commit ORDER BY commit"
    return [(int(commit), int(count)) for commit, count in engine.query(sql, {"project": project}).rows]


def test_the_engine_takes_in_what_is_settled_next(engine: Engine, tmp_path: Path) -> None:
    project = new_project()
    ahead = WriteAhead(engine, tmp_path)
    ahead.recover()
    for commit in (101, 102, 103):
        ahead.keep(commit, rows(project, commit, f"a{commit}", f"b{commit}"))
    assert kept(engine, project) == []
    ahead.take_in(102)
    assert kept(engine, project) == [(101, 2), (102, 2)]
    ahead.take_in(102)
    ahead.take_in(200)
    assert kept(engine, project) == [(101, 2), (102, 2), (103, 2)]
    ahead.close()
    assert not list((tmp_path / FOLDER).iterdir())


def test_after_a_crash_all_of_it_is_taken_in_once(engine: Engine, tmp_path: Path) -> None:
    project = new_project()
    crashed = WriteAhead(engine, tmp_path)
    for commit in (201, 202, 203):
        crashed.keep(commit, rows(project, commit, f"a{commit}"))
    crashed.take_in(201)
    # Between taking in and noting it.
    engine.insert("spans", rows(project, 202, "a202"))
    again = WriteAhead(engine, tmp_path)
    again.recover()
    assert kept(engine, project) == [(201, 1), (202, 1), (203, 1)]
    again.recover()
    assert kept(engine, project) == [(201, 1), (202, 1), (203, 1)]
    again.close()


def test_rows_of_an_earlier_schema_are_taken_in(engine: Engine, tmp_path: Path) -> None:
    project = new_project()
    earlier = WriteAhead(engine, tmp_path)
    earlier.keep(301, rows(project, 301, "old").drop_columns(["key_id"]))
    earlier.keep(302, rows(project, 302, "new"))
    WriteAhead(engine, tmp_path).recover()
    assert kept(engine, project) == [(301, 1), (302, 1)]


def test_a_failing_engine_is_asked_again(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = new_project()
    ahead = WriteAhead(engine, tmp_path)
    ahead.keep(401, rows(project, 401, "one"))

    def fails(*_: object) -> None:
        msg = "no"
        raise StoreError(msg)

    with monkeypatch.context() as broken:
        broken.setattr(Engine, "insert", fails)
        with pytest.raises(StoreError):
            ahead.take_in(401)
    ahead.take_in(401)
    assert kept(engine, project) == [(401, 1)]
    ahead.close()


def test_a_full_disk_is_told_before_anything_is_acknowledged(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = WriteAhead(engine, tmp_path)

    def is_full(_: Engine) -> None:
        msg = "full"
        raise StoreFullError(msg)

    monkeypatch.setattr(Engine, "require_space", is_full)
    with pytest.raises(StoreFullError):
        ahead.keep(501, rows("p", 501, "one"))
    ahead.close()


def test_a_folder_that_cannot_be_made_is_told_at_the_start(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(StartError, match="write-ahead"):
        WriteAhead(engine, tmp_path)
