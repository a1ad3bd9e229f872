"""The chart of a mail shows an incident's own calls, and is left out where there is nothing to draw."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stored_calls import new_project, stored_call, write

from farthing.alerts import records
from farthing.alerts.channels import chart
from farthing.alerts.channels.chart import Bar
from farthing.alerts.course import Step
from farthing.alerts.incident import Incident, Severity
from farthing.alerts.pictures import Pictures
from farthing.alerts.rule import Kind, Measure, Rule
from farthing.alerts.verdict import Verdict
from farthing.store.meta import alert_rules, projects
from farthing.store.meta.alert_rules import StoredRule
from farthing.store.meta.database import Database
from farthing.store.meta.projects import Project
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NS = 10**9
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
HOUR = 3_600


def test_it_shows_the_incident_s_own_hours_and_what_they_usually_were(
    tmp_path: Path, telemetry_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project()

    def call(hours_ago: float, feature: str = "chat", **more: Any) -> Any:
        return stored_call((AT - int(hours_ago * HOUR)) * NS, feature=feature, **more)

    calls = [call(0.25, usd=("9", "0")), call(0.25, "search", usd=("100", "0")), call(1, usd=None)]
    calls += [call(0.25 + 24 * day, usd=(str(day), "0")) for day in (1, 2, 7, 8)]
    write(telemetry_engine, project, calls)
    drawn: list[list[Bar]] = []

    def draw(bars: Sequence[Bar]) -> bytes:
        drawn.append([_rounded(bar) for bar in bars])
        return b"png"

    monkeypatch.setattr(chart, "draw", draw)
    rule = Rule("ru_1", project, "spend", Kind.THRESHOLD, by=("feature",), limit=Decimal(5))
    slow = Rule("ru_2", project, "slow", Kind.LATENCY, Measure.LATENCY_P95, limit=Decimal(5))
    verdict = Verdict(firing=True, unit="usd", window=(0, 1), why="too much")
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        with database.write() as session:
            projects.insert(session, Project(project, project, NOW))
            for one in (rule, slow):
                text = msgspec.json.encode(one).decode()
                alert_rules.put(session, StoredRule(one.id, project, text, NOW, NOW))
                incident = Incident(
                    id=f"in_{one.id}", project_id=project, rule_id=one.id, rule_name=one.name, kind=one.kind,
                    severity=Severity.WARNING, group=(("feature", "chat"),), opened_ns=AT * NS, updated_ns=AT * NS, verdict=verdict,
                )  # fmt: skip
                records.keep(session, Step(incident, []))
        pictures = Pictures(database, telemetry_engine, Rollup(telemetry_engine))
        assert pictures.of(project, "in_ru_1", AT) == b"png"
        assert pictures.of(project, "in_ru_2", AT) is None
        assert pictures.of(project, "in_gone", AT) is None
    (bars,) = drawn
    assert len(bars) == 24
    assert bars[-1] == Bar(9.0, 0.0, 7.0)
    assert bars[-2] == Bar(None, 0.0, 0.0)
    assert bars[0] == Bar(0.0, 0.0, 0.0)


def _rounded(bar: Bar) -> Bar:
    """Pixels are floats."""
    return Bar(*(None if value is None else round(value, 9) for value in (bar.actual, bar.lower, bar.upper)))
