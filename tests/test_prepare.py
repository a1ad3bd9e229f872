"""Log records and data points made ready to be kept: their rows, the calls among them, and what is refused alone."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from farthing.intake import otlp_logs, otlp_metrics
from farthing.model.call import Call
from farthing.model.flaw import DropReason, Flaws
from farthing.model.ledger import Cost
from farthing.model.log import LogRecord
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Resource, Scope
from farthing.normalize.logs import DETAILS
from farthing.prepare import Sender, prepare_logs, prepare_points
from farthing.pricing import base
from farthing.pricing.cost import price

RECORDINGS = Path(__file__).parent / "corpus" / "recordings"
LONG_AFTER_NS = 2_000_000_000 * 10**9
NOW = 1_795_217_047_000_000_000


def priced(call: Call, _: object) -> Cost:
    return price(call, base.load())


def log(name: str = "", **attributes: Any) -> LogRecord:
    return LogRecord(NOW, b"t" * 16, b"s" * 8, 9, "INFO", name, None, Scope("lib"), Resource(), attributes)


def point(value: Any, name: str = "m", **attributes: Any) -> Point:
    metric = Metric(name, "1", Kind.SUM, Temporality.DELTA, True, Scope("lib"), Resource())
    return Point(metric, NOW - 1, NOW, attributes, value)


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows without their times, which Python can't hold exactly."""
    times = {"time", "start_time"}
    return table.select([name for name in table.column_names if name not in times]).to_pylist()


def recorded(case: str) -> list[LogRecord]:
    (file,) = (RECORDINGS / case).glob("*-logs.pb")
    return otlp_logs.decode_protobuf(file.read_bytes(), LONG_AFTER_NS).records


@pytest.mark.parametrize(
    "case", ["openlit/chat", "openlit-1.34/anthropic_chat", "otelv2-default/tools", "openlit/tools"]
)
def test_no_recorded_content_is_in_any_row(case: str) -> None:
    prepared = prepare_logs(Sender("p"), recorded(case), priced)
    written = repr([rows(table) for table in (prepared.spans, *prepared.others.values())])
    assert "scope_name" in written
    for mark in ("terse FinOps", "What is LLM", "Observability tells you", "Paris", "Berlin"):
        assert mark not in written


def test_a_record_that_describes_a_call_is_a_row_a_span_and_a_call() -> None:
    prepared = prepare_logs(Sender("p"), recorded("openlit/chat"), priced)
    (row,) = rows(prepared.others["logs"])
    (span,) = rows(prepared.spans)
    assert prepared.calls is not None
    (call,) = rows(prepared.calls)
    assert span["span_id"] == call["span_id"] == row["id"][:8]
    assert span["parent_span_id"] == row["span_id"]
    assert (call["trace_id"], call["input_tokens"], call["output_tokens"]) == (row["trace_id"], 21, 17)
    assert (prepared.told, prepared.size) == (1, 2)


def test_the_same_record_has_the_same_rows() -> None:
    records = recorded("openlit/tools")
    one, again = prepare_logs(Sender("p"), records, priced), prepare_logs(Sender("p"), records[::-1], priced)
    assert {row["id"] for row in rows(one.others["logs"])} == {row["id"] for row in rows(again.others["logs"])}


def test_another_record_has_another_id() -> None:
    records = [log("x", n=1), log("x", n=2), log("y", n=1), msgspec.structs.replace(log("x", n=1), time_ns=NOW + 1)]
    ids = prepare_logs(Sender("p"), records, priced).others["logs"].column("id").to_pylist()
    assert len(set(ids)) == 4


def test_a_score_is_a_row_of_its_own() -> None:
    told = {"gen_ai.evaluation.name": "quality", "gen_ai.evaluation.score.value": 0.5}
    prepared = prepare_logs(Sender("p"), [log("gen_ai.evaluation.result", **told)], priced)
    assert [row["name"] for row in rows(prepared.others["scores"])] == ["quality"]
    assert prepared.spans.num_rows == 0


def test_half_a_surrogate_pair_costs_a_letter() -> None:
    prepared = prepare_logs(Sender("p"), [log(DETAILS, **{"gen_ai.request.model": "m\ud83d", "k\ud83d": "v"})], priced)
    assert (prepared.told, prepared.refused) == (1, Counter())


def test_points_of_one_series_have_one_id_whatever_the_order_of_attributes() -> None:
    points = [point(1, a="1", b="2"), point(2, b="2", a="1"), point(1, a="2", b="1"), point(1, "n", a="1", b="2")]
    series = prepare_points("p", points, Flaws()).others["metric_points"].column("series").to_pylist()
    assert series[0] == series[1]
    assert len(set(series)) == 3


def test_numbers_are_kept_as_they_were_sent() -> None:
    found = rows(prepare_points("p", [point(2**60 + 1), point(0.1), point(None)], Flaws()).others["metric_points"])
    assert [row["int_value"] for row in found] == [2**60 + 1, None, None]
    assert [row["value"] for row in found] == [float(2**60 + 1), 0.1, None]


def test_a_point_that_has_no_row_is_refused_alone() -> None:
    bad = msgspec.structs.replace(point(1), count=-1)
    prepared = prepare_points("p", [point(1), bad], Flaws(Counter({DropReason.TOO_OLD: 1})))
    assert prepared.told == 1
    assert prepared.refused == {DropReason.TOO_OLD: 1, DropReason.NOT_WRITABLE: 1}


@pytest.mark.parametrize("file", sorted(RECORDINGS.glob("*/*/*-metrics.pb")), ids=lambda file: file.parent.name)
def test_every_recorded_point_has_a_row(file: Path) -> None:
    found = otlp_metrics.decode_protobuf(file.read_bytes(), LONG_AFTER_NS)
    prepared = prepare_points("p", found.points, found.flaws)
    assert (prepared.told, prepared.refused) == (len(found.points), Counter())
    assert prepared.calls is None
