"""Recorded logs and metrics replayed at the real server: kept, asked for, and never added to what spans tell."""

import json
from collections.abc import Generator, Iterable
from typing import Any

import httpx
import pytest
from corpus.recording import RECORDINGS, cases
from e2e.posting import post_all
from e2e.waiting import metric, wait_until_settled
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from server_process import ServerProcess

SINCE = {"from": "2026-11-01T00:00:00Z"}
BESIDE = ("logs", "metrics")
FOUND = [case for case in cases() if any(list((RECORDINGS / case).glob(f"*-{name}.*")) for name in BESIDE)]


def recorded(case: str, signals: Iterable[str]) -> Generator[tuple[str, str, bytes]]:
    """Signal, content type and body of each request of these signals, in the order sent."""
    for request in json.loads((RECORDINGS / case / "truth.json").read_text())["requests"]:
        if request.get("signal") in signals and request.get("file"):
            body = (RECORDINGS / case / request["file"]).read_bytes()
            yield request["signal"], request["content_type"], body


def replay(server: ServerProcess, found: Iterable[str], *signals: str) -> None:
    """Send what these cases recorded of some signals; all of it is accepted."""
    post_all(server, (recorded(case, signals) for case in found))
    wait_until_settled(server)


def owners(server: ServerProcess) -> list[dict[str, Any]]:
    """All calls that own their tokens, in an order of their own."""
    rows: list[dict[str, Any]] = []
    asked = {**SINCE, "limit": "1000"}
    while True:
        page = server.get("/api/v1/calls", **asked)
        rows += page["data"]
        if page["next_cursor"] is None:
            return sorted(rows, key=lambda row: row["id"])
        asked["cursor"] = page["next_cursor"]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[ServerProcess, ServerProcess]]:
    """Two that know the same recordings: one got the spans first, one got them last. Each got all of it twice."""
    first, last = (ServerProcess(tmp_path_factory.mktemp(name)) for name in ("first", "last"))
    try:
        first.start()
        last.start()
        yield first, last
    finally:
        first.kill()
        last.kill()


def test_logs_and_metrics_add_nothing_to_spans_in_any_order(servers: tuple[ServerProcess, ServerProcess]) -> None:
    spans_first, spans_last = servers
    replay(spans_last, FOUND, *BESIDE)
    replay(spans_first, FOUND, "traces")
    truth, total = owners(spans_first), spans_first.get("/api/v1/spend", **SINCE)["total"]
    assert len(truth) > len(FOUND)
    replay(spans_last, FOUND, "traces")
    for server in (spans_first, spans_last, spans_first):
        replay(server, FOUND, *BESIDE)
        assert owners(server) == truth
        assert server.get("/api/v1/spend", **SINCE)["total"] == total


def test_what_is_sent_again_is_there_once(servers: tuple[ServerProcess, ServerProcess]) -> None:
    def points(server: ServerProcess) -> int:
        return sum(found["points"] for found in server.get("/api/v1/metrics", **SINCE)["data"])

    first, last = servers
    assert points(first) == points(last) > 0
    assert metric(last, r'farthing_records_kept_total{table="metric_points"}') > points(last)


def test_a_metric_is_told_as_it_was_recorded(servers: tuple[ServerProcess, ServerProcess]) -> None:
    (file,) = (RECORDINGS / "openlit/chat").glob("*-metrics.pb")
    message = ExportMetricsServiceRequest.FromString(file.read_bytes())
    name = "gen_ai.client.token.usage"
    metrics = [m for r in message.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
    sent = {point.sum for found in metrics for point in found.histogram.data_points}
    instance = {
        pair.value.string_value
        for group in message.resource_metrics
        for pair in group.resource.attributes
        if pair.key == "service.instance.id"
    }
    series = servers[0].get("/api/v1/metrics", name=name, limit="10000", **SINCE)["data"]
    told = [one for one in series if one["resource"].get("service.instance.id") in instance]
    assert {point["sum"] for one in told for point in one["points"]} >= sent
    assert {(one["kind"], one["unit"], one["temporality"]) for one in told} == {("histogram", "{token}", "cumulative")}


def test_a_score_told_twice_is_there_once(server: ServerProcess) -> None:
    for signals in (("logs",), ("traces",), ("logs",)):
        replay(server, ["openlit/log_score"], *signals)
    (trace_id,) = {row["trace_id"] for row in owners(server)}
    scores = server.get(f"/api/v1/traces/{trace_id}")["scores"]
    assert [(one["name"], one["value"], one["label"], one["explanation"]) for one in scores] == [
        ("quality", 0.85, None, "good"),
        ("user_feedback", 1.0, "true", None),
        ("category", None, "accurate", None),
    ]
    assert {one["source"] for one in scores} == {"span_event"}
    (listed,) = server.get("/api/v1/traces", **SINCE)["data"]
    assert listed["score_sums"] == [
        {"name": "category", "count": 1, "average": None, "label": "accurate"},
        {"name": "quality", "count": 1, "average": 0.85, "label": None},
        {"name": "user_feedback", "count": 1, "average": 1.0, "label": "true"},
    ]


def test_what_was_acknowledged_survives_sigkill_and_gives_way_to_its_span(server: ServerProcess) -> None:
    for signal, kind, body in recorded("openlit/chat", BESIDE):
        headers = {**server.headers, "Content-Type": kind}
        assert httpx.post(f"{server.url}/v1/{signal}", content=body, headers=headers).status_code == 200
    server.kill()
    server.start()
    wait_until_settled(server)
    (of_log,) = owners(server)
    assert (of_log["input_tokens"], of_log["output_tokens"], of_log["cost_usd"]) == (21, 17, "0.00001335")
    assert server.get("/api/v1/metrics", name="gen_ai.client.token.usage", **SINCE)["data"]
    replay(server, ["openlit/chat"], "traces")
    (of_span,) = owners(server)
    assert of_span["id"] != of_log["id"]
    assert of_span["trace_id"] == of_log["trace_id"]
    restated = server.get("/api/v1/calls", include="restated", **SINCE)["data"]
    of_calls = {row["id"]: row["owner_id"] for row in restated if row["signal"] is None}
    assert of_calls == {of_log["id"]: of_span["id"], of_span["id"]: None}
    assert [(row["restated"], row["owner_id"]) for row in restated if row["signal"] == "metric"] == [(True, None)]
    assert server.get("/api/v1/spend", **SINCE)["total"]["cost_usd"] == "0.00001335"


def test_metrics_alone_are_calls_until_a_span_tells_of_them_even_after_sigkill(server: ServerProcess) -> None:
    case = "otelgenai-default/two_level"
    for _ in range(2):
        replay(server, [case], "metrics")
    alone = owners(server)
    assert {(row["signal"], row["requests"], row["input_tokens"], row["output_tokens"]) for row in alone} == {
        ("metric", 1, 21, 17)
    }
    assert {(row["cost_status"], row["cost_usd"], row["provider"], row["operation"]) for row in alone} == {
        ("estimated", "0.00001335", "openai", "chat")
    }
    detail = server.get(f"/api/v1/calls/{alone[0]['id']}")
    assert (detail["dialect"], detail["streaming"], detail["duplicates"]) == ("metrics", None, [])
    before = server.get("/api/v1/spend", **SINCE)["total"]
    assert (before["input_tokens"], before["output_tokens"], before["cost_usd"]) == (42, 34, "0.0000267")
    server.kill()
    server.start()
    wait_until_settled(server)
    assert owners(server) == alone
    replay(server, [case], "traces")
    told = owners(server)
    assert {row["signal"] for row in told} == {None}
    after = server.get("/api/v1/spend", **SINCE)["total"]
    assert (after["input_tokens"], after["output_tokens"], after["cost_usd"]) == (42, 34, "0.0000267")
