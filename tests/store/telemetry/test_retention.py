"""Content of several days and a clock; what is dropped at the start."""

from datetime import UTC, datetime

from e2e.waiting import until

from farthing.model.content import Content
from farthing.store.telemetry import contents, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.retention import Retention

DAY_NS = 86_400 * 10**9
TODAY = datetime(2001, 1, 31, 12, tzinfo=UTC)


def days(engine: Engine) -> list[str]:
    return [str(row[0]) for row in engine.query("SELECT DISTINCT day FROM contents ORDER BY day").rows]


def test_what_is_over_age_is_dropped_from_the_start_on(telemetry_engine: Engine) -> None:
    today = int(TODAY.timestamp()) // 86_400
    held = [
        Content(b"t" * 16, bytes([age]) * 8, (today - age) * DAY_NS, {"input": "hi"}) for age in (0, 10, 11, 12, 200)
    ]
    rows = span_rows.numbered([contents.table("p", held)], "commit", 1)
    telemetry_engine.insert(contents.NAME, rows)
    assert len(days(telemetry_engine)) == 5
    retention = Retention(telemetry_engine, 10, lambda: TODAY)
    until(lambda: len(days(telemetry_engine)) == 2, within=30)
    retention.stop()
    assert days(telemetry_engine) == ["2001-01-21", "2001-01-31"]
    assert retention.drop() == 0
