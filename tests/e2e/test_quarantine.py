"""What a real server refuses and mends: told to the sender, counted, listed without content, and sent again after a fix."""

import math
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e import wire
from e2e.otlp_client import KINDS, OtlpClient, accepted
from e2e.waiting import metric, until, wait_until_settled
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server_process import ServerProcess

SECRET = "tell-nobody-what-the-prompt-was"
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("quarantine"))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def client(server: ServerProcess) -> Generator[OtlpClient]:
    with OtlpClient(server) as client:
        yield client


def call(start_ns: int = 0, **more: Any) -> Span:
    """A call of 21 and 17 tokens, unlike any other."""
    told = wire.chat(21, 17, **more)
    return wire.span(os.urandom(16), os.urandom(8), start_ns or time.time_ns() - 10**9, told)


def listed(server: ServerProcess, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/api/v1/quarantine", **asked)["data"]
    return found


def replay(server: ServerProcess, item: str) -> httpx.Response:
    return httpx.post(f"{server.url}/api/v1/quarantine/{item}/replay", headers=server.headers, timeout=30)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_is_listed_without_content(server: ServerProcess, client: OtlpClient, kind: str) -> None:
    name = 'farthing_spans_rejected_total{reason="too_old"}'
    odd = call(1, **{"gen_ai.input.messages": SECRET, "http.request.header.authorization": SECRET, "note": "odd"})
    answer = accepted(client.send(call(), odd, kind=kind), kind)
    assert answer.partial_success.rejected_spans == 1
    assert metric(server, name.replace("{", r"\{").replace("}", r"\}")) >= 1
    item = listed(server, reason="too_old")[0]
    assert (item["signal"], item["trace_id"], item["replayable"]) == ("traces", odd.trace_id.hex(), True)
    shown = item["sample"]["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert (shown["spanId"], shown["startTimeUnixNano"]) == (odd.span_id.hex(), "1")
    assert {"key": "note", "value": {"stringValue": "odd"}} in shown["attributes"]
    assert SECRET not in str(item)
    again = replay(server, item["id"]).json()
    assert (again["accepted"], again["detail"]) == (False, "it starts before 2010: its clock is not set")
    assert item["id"] in [one["id"] for one in listed(server)]


def test_what_was_too_early_is_accepted_when_its_day_has_come(server: ServerProcess, client: OtlpClient) -> None:
    soon = call(time.time_ns() + DAY_NS + 10**9, feature="soon")
    assert accepted(client.send(soon), wire.PROTOBUF).partial_success.rejected_spans == 1
    (item,) = listed(server, reason="in_the_future")
    until(lambda: replay(server, item["id"]).json()["accepted"], 30)
    assert listed(server, reason="in_the_future") == []
    assert replay(server, item["id"]).status_code == 404
    wait_until_settled(server)
    found = server.get(f"/api/v1/calls/{soon.trace_id.hex()}-{soon.span_id.hex()}")
    assert (found["feature"], found["cost_usd"]) == ("soon", "0.00001335")


def test_what_is_mended_says_so(server: ServerProcess, client: OtlpClient) -> None:
    odd = call(long="x" * 10_000_000, half=math.nan)
    odd.end_time_unix_nano = odd.start_time_unix_nano - 1
    answer = accepted(client.send(odd), wire.PROTOBUF).partial_success
    assert answer.rejected_spans == 0
    assert "end_before_start (1)" in answer.error_message
    wait_until_settled(server)
    found = server.get(f"/api/v1/calls/{odd.trace_id.hex()}-{odd.span_id.hex()}")
    assert (found["latency_ms"], found["cost_usd"]) == (0, "0.00001335")
    assert found["attributes"]["farthing.repaired"] == ["end_before_start", "number_not_finite", "value_cut"]
    assert found["attributes"]["half"] is None
    assert len(found["attributes"]["long"]) < 70_000
    span = server.get(f"/api/v1/spans/{odd.trace_id.hex()}/{odd.span_id.hex()}")
    assert span["attributes"] == found["attributes"]
    assert metric(server, r'farthing_spans_repaired_total\{reason="value_cut"\}') == 1


def test_contradictions_are_counted_once(server: ServerProcess, client: OtlpClient) -> None:
    odd = call(**{"gen_ai.usage.cache_read.input_tokens": 9_000})
    accepted(client.send(odd), wire.PROTOBUF)
    wait_until_settled(server)
    accepted(client.send(odd), wire.PROTOBUF)
    wait_until_settled(server)
    assert metric(server, r'farthing_usage_contradictions_total\{flag="cache_exceeds_input"\}') == 1


def test_a_flood_is_counted_and_not_listed(server: ServerProcess, client: OtlpClient) -> None:
    name = r'farthing_spans_rejected_total\{reason="bad_span_id"\}'
    for _ in range(10):
        flood = [call() for _ in range(100)]
        for span in flood:
            span.span_id = b"short"
        accepted(client.send(*flood), wire.PROTOBUF)
    assert metric(server, name) == 1_000
    assert 0 < len(listed(server, reason="bad_span_id", limit="1000")) <= 120


def test_points_and_pages(tmp_path: Path) -> None:
    running = ServerProcess(tmp_path)
    running.start()
    try:
        message = ExportMetricsServiceRequest()
        metric_ = message.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
        for number in range(5):
            metric_.sum.data_points.add(as_int=number, time_unix_nano=1 + number)
        with OtlpClient(running) as client:
            client.post(message.SerializeToString(), path="/v1/metrics")
        first = running.get("/api/v1/quarantine", limit="3")
        second = running.get("/api/v1/quarantine", limit="3", cursor=first["next_cursor"])
        shown = [
            item["sample"]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][0]["asInt"]
            for item in (*first["data"], *second["data"])
        ]
        assert (shown, second["next_cursor"]) == (["4", "3", "2", "1", "0"], None)
        running.restart()
        assert len(running.get("/api/v1/quarantine")["data"]) == 5
    finally:
        running.kill()
