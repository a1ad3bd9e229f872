"""Posted calls on a real engine that several servers share: a call counts once, whichever of them it is posted to."""

import asyncio
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stored_calls import new_project

from farthing.access.allowances import Allowances
from farthing.intake import direct_answers
from farthing.intake.direct_calls import Incoming, incoming
from farthing.intake.direct_keeping import Keeping
from farthing.intake.direct_shapes import Answer
from farthing.pipeline import Pipeline
from farthing.prepare import Sender
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

NOW = 1_795_217_047_000_000_000
SNAPSHOT = Snapshot(Terms())


class Prices:
    """Those of the program."""

    @property
    def current(self) -> Snapshot:
        return SNAPSHOT


class NoBudgets:
    def has_any(self, project_id: str) -> bool:  # noqa: ARG002
        return False

    def states(self, project_id: str, facts: Mapping[str, str]) -> tuple[()]:  # noqa: ARG002
        return ()


class Marks:
    def read(self) -> int:
        return 0

    def save(self, commit: int) -> None:
        pass

    @contextmanager
    def writing(self, starts_ns: Mapping[str, Iterable[int]]) -> Generator[None]:  # noqa: ARG002
        yield


def none_before(_project_id: str, _since_us: int) -> int:
    return 0


class One:
    """What of a server keeps posted calls."""

    def __init__(self, engine: Engine, database: Database) -> None:
        marks = Marks()
        # The real clock: what another server has just kept is looked for by how long ago that was.
        self.pipeline = Pipeline(engine, SNAPSHOT.price, marks, marks, most_pending=10_000, clock=time.time_ns)
        allowances = Allowances(database, none_before, lambda: datetime.now(UTC))
        self.keeping = Keeping(engine, self.pipeline, Prices(), allowances, NoBudgets())

    def post(self, project: str, *calls: Incoming) -> list[Answer]:
        told = asyncio.run(self.keeping.take(Sender(project), calls))
        return [direct_answers.read(one) if isinstance(one, msgspec.Raw) else one for one in told]


@pytest.fixture
def engine(tmp_path: Path) -> Generator[Engine]:
    opened = Engine(f"chdb://{tmp_path}/telemetry")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def servers(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[list[One]]:
    monkeypatch.setattr(Engine, "is_alone", False)
    database = Database.open(f"sqlite:///{tmp_path}/meta.db")
    database.migrate()
    both = [One(engine, database) for _ in range(2)]
    yield both
    for one in both:
        one.keeping.close()
        one.pipeline.stop(10)
    database.close()


def call(project: str, now: int = NOW, **told: Any) -> Incoming:
    base = {"externalRequestId": "req-1", "provider": "openai", "model": "gpt-4o-mini", "status": "success"}
    return incoming({**base, "inputTokens": 1000, "outputTokens": 10, **told}, project, "", now)


def owners(engine: Engine, project: str) -> list[tuple[bool, int]]:
    sql = "SELECT is_owner, count() FROM calls FINAL WHERE project_id = {project:String} GROUP BY 1 ORDER BY 1"
    return [(bool(owner), count) for owner, count in engine.query(sql, {"project": project}).rows]


def test_what_another_server_has_just_kept_gets_its_first_answer(engine: Engine, servers: list[One]) -> None:
    project = new_project()
    for one in servers:
        one.pipeline.start()
    (first,) = servers[0].post(project, call(project))
    (again,) = servers[1].post(project, call(project, NOW + 5 * 10**9))
    assert first.ok and not first.duplicate
    assert (again.duplicate, again.request_id, again.cost_usd) == (True, first.request_id, first.cost_usd)
    for one in servers:
        assert one.pipeline.wait_settled(30)
    assert owners(engine, project) == [(True, 1)]


def test_posted_to_both_at_once_it_counts_once_when_settled(engine: Engine, servers: list[One]) -> None:
    project = new_project()
    posted = [call(project, NOW + number * 10**9) for number in range(2)]
    outcomes = [
        one.keeping._prepared(Sender(project), [told])  # pyright: ignore[reportPrivateUsage]
        for one, told in zip(servers, posted, strict=True)
    ]
    for one, outcome in zip(servers, outcomes, strict=True):
        one.pipeline.start()
        assert outcome.prepared is not None
        one.pipeline.keep_prepared(outcome.prepared).result(30)
    for one in servers:
        assert one.pipeline.wait_settled(30)
    assert owners(engine, project) == [(False, 1), (True, 1)]
