"""OTLP over gRPC as the official clients of Python and Node speak it: answers, refusals, limits, keys, and stopping."""

import base64
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
from e2e import node, wire
from e2e.conftest import APPS
from e2e.waiting import until, wait_until_settled
from environments import environment_for
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from server_process import ServerProcess, free_port, plain_environment

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
MIB = 1 << 20
GRPC_PYTHON = APPS / "grpc_python"
APPS_AHEAD = [GRPC_PYTHON]
"""Made before they are asked for."""


class Door:
    """A running server with a gRPC port."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.port = free_port()
        self.target = f"127.0.0.1:{self.port}"
        self.server = ServerProcess(folder, {"FARTHING_GRPC_PORT": str(self.port), "FARTHING_MAX_BODY_MB": "4", **more})
        self.server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.server.kill()

    @property
    def environment(self) -> dict[str, str]:
        """The lines a user pastes."""
        return {
            **plain_environment(),
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.target}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{self.server.key}",
            "TARGET": self.target,
        }


class Probe:
    """The official Python client as a process, one call at a time."""

    def __init__(self, door: Door) -> None:
        self._key = door.server.key
        self._process = subprocess.Popen(
            [environment_for(GRPC_PYTHON) / "bin" / "python", "probe.py"],
            cwd=APPS / "grpc_python",
            env=door.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def call(
        self, path: str, body: bytes = b"", metadata: list[tuple[str, str]] | None = None, **more: Any
    ) -> dict[str, Any]:
        """What the client makes of the answer."""
        assert self._process.stdin and self._process.stdout
        named = [("authorization", f"Bearer {self._key}")] if metadata is None else metadata
        asked = {"path": path, "body": base64.b64encode(body).decode(), "metadata": named, **more}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Generator[Door]:
    with Door(tmp_path_factory.mktemp("grpc")) as opened:
        yield opened


@pytest.fixture
def probe(door: Door) -> Generator[Probe]:
    with Probe(door) as probe:
        yield probe


def request(feature: str, *bad: bytes) -> bytes:
    """One call of 21 and 17 tokens, and as many spans without a trace."""
    at = time.time_ns() - 10**9
    good = wire.span(os.urandom(16), b"12345678", at, wire.chat(21, 17, feature=feature))
    worse = [wire.span(b"", span_id, at, wire.chat(1, 1)) for span_id in bad]
    return wire.request([good, *worse]).SerializeToString()


def old_log() -> bytes:
    """A log record from before there were any."""
    found = ExportLogsServiceRequest()
    found.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1)
    return found.SerializeToString()


def old_point() -> bytes:
    """A data point likewise."""
    found = ExportMetricsServiceRequest()
    metric = found.resource_metrics.add().scope_metrics.add().metrics.add(name="requests")
    metric.gauge.data_points.add(time_unix_nano=1, as_int=1)
    return found.SerializeToString()


def spent(door: Door, **filters: str) -> dict[str, Any]:
    wait_until_settled(door.server)
    return door.server.get("/api/v1/spend", **filters)["total"]


def test_the_python_exporters_three_signals(door: Door) -> None:
    done = subprocess.run(
        [environment_for(GRPC_PYTHON) / "bin" / "python", "app.py"],
        cwd=APPS / "grpc_python",
        env=door.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    total = spent(door, user="python")
    assert (total["calls"], total["cost_usd"]) == (1, "0.00001335")
    (series, other) = door.server.get("/api/v1/metrics", name="gen_ai.client.token.usage")["data"]
    assert {series["points"][0]["sum"], other["points"][0]["sum"]} == {21.0, 17.0}
    kept = httpx.get(door.server.url + "/metrics", headers=door.server.headers).text
    assert 'farthing_records_kept_total{table="logs"} 1.0' in kept


def test_the_node_exporter(door: Door) -> None:
    folder = node.folder_for("grpc_node")
    done = subprocess.run(
        ["node", "app.mjs"],
        cwd=folder,
        env=door.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    total = spent(door, user="node")
    assert (total["calls"], total["cost_usd"]) == (1, "0.00001335")


@pytest.mark.parametrize("compression", ["", "gzip", "deflate"])
def test_a_call_is_kept_before_it_is_answered(door: Door, probe: Probe, compression: str) -> None:
    feature = f"packed-{compression}"
    answer = probe.call(TRACES, request(feature), compression=compression)
    assert (answer["code"], answer["response"]) == ("OK", "")
    door.server.kill()
    door.server.start()
    assert spent(door, feature=feature)["calls"] == 1


@pytest.mark.parametrize(
    "metadata", [[("x-api-key", "{key}")], [("authorization", "Bearer%20{key}")], [("authorization", "bearer {key}")]]
)
def test_keys_in_metadata(door: Door, probe: Probe, metadata: list[tuple[str, str]]) -> None:
    sent = [(name, value.format(key=door.server.key)) for name, value in metadata]
    assert probe.call(TRACES, metadata=sent)["code"] == "OK"


def test_content_is_kept_for_a_pair_and_for_no_other_key(door: Door, probe: Probe) -> None:
    made = door.server.run_cli("keys", "create", "langfuse", "--scopes", "ingest", "--pair").split()
    pair = ":".join(next(word for word in made if word.startswith(mark)) for mark in ("pk-lf-", "sk-lf-"))
    basic = "Basic " + base64.b64encode(pair.encode()).decode()
    told = []
    for authorization in (basic, f"Bearer {door.server.key}"):
        trace_id = os.urandom(16)
        asked = wire.chat(21, 17, **{"gen_ai.prompt.0.content": "Why?"})
        sent = wire.request([wire.span(trace_id, b"12345678", time.time_ns() - 10**9, asked)]).SerializeToString()
        assert probe.call(TRACES, sent, [("authorization", authorization)])["code"] == "OK"
        told.append(door.server.get(f"/api/v1/spans/{trace_id.hex()}/{b'12345678'.hex()}"))
    assert told[0]["messages"]["input"] == [{"role": "user", "parts": [{"type": "text", "text": "Why?"}]}]
    assert told[0]["attributes"]["gen_ai.prompt.0.content"] == "Why?"
    assert told[1]["messages"] is None
    assert "Why?" not in json.dumps(told[1])


def test_refusals_say_why(door: Door, probe: Probe) -> None:
    made = door.server.run_cli("keys", "create", "reader", "--scopes", "read")
    reader = next(word for word in made.split() if word.startswith("fk_"))
    wrong = "fk_wrong000_" + "w" * 32
    for metadata, code, word in (
        ([], "UNAUTHENTICATED", "No key was sent"),
        ([("authorization", f"Bearer {wrong}")], "UNAUTHENTICATED", "not known"),
        ([("authorization", f"Bearer {reader}")], "PERMISSION_DENIED", "scope ingest"),
    ):
        answer = probe.call(TRACES, request("refused"), metadata)
        assert (answer["code"], answer["retry"]) == (code, None)
        assert word in answer["details"]
    assert spent(door, feature="refused")["calls"] == 0


@pytest.mark.parametrize("path", [TRACES, METRICS, LOGS])
def test_what_is_no_request_is_an_invalid_argument(probe: Probe, path: str) -> None:
    answer = probe.call(path, b"\xff\xff\xff")
    assert (answer["code"], answer["retry"]) == ("INVALID_ARGUMENT", None)
    assert "protobuf" in answer["details"]


def test_an_unknown_method_is_not_implemented_and_there_is_no_reflection(probe: Probe) -> None:
    for path in ("/a.B/C", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
        assert probe.call(path)["code"] == "UNIMPLEMENTED"


def test_a_message_over_the_limit_is_refused_and_the_connection_goes_on(door: Door, probe: Probe) -> None:
    for compression in ("", "gzip"):
        answer = probe.call(TRACES, bytes(MIB), times=9, compression=compression)
        assert (answer["code"], answer["retry"]) == ("RESOURCE_EXHAUSTED", None)
        assert "4 MiB" in answer["details"]
    assert probe.call(TRACES, request("after-large"))["code"] == "OK"
    assert spent(door, feature="after-large")["calls"] == 1


def test_one_bad_span_is_a_partial_success(probe: Probe) -> None:
    answer = probe.call(TRACES, request("partial", b"87654321", b"87654322"))
    response = ExportTraceServiceResponse.FromString(base64.b64decode(answer["response"]))
    assert response.partial_success.rejected_spans == 2
    assert "2 of 3 spans were refused" in response.partial_success.error_message


def test_the_other_signals_count_what_they_refuse(probe: Probe) -> None:
    logs = ExportLogsServiceResponse.FromString(base64.b64decode(probe.call(LOGS, old_log())["response"]))
    assert logs.partial_success.rejected_log_records == 1
    told = probe.call(METRICS, old_point())["response"]
    assert ExportMetricsServiceResponse.FromString(base64.b64decode(told)).partial_success.rejected_data_points == 1


def test_http_1_is_told_where_it_is(door: Door) -> None:
    answer = httpx.post(f"http://{door.target}/v1/traces", content=b"x")
    assert answer.status_code == 400
    assert "gRPC" in answer.text


@pytest.mark.parametrize("sent", [b"", b"hello", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64, bytes(4096)])
def test_a_client_that_speaks_nonsense_costs_nobody_else(door: Door, probe: Probe, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert probe.call(TRACES)["code"] == "OK"


def test_a_full_queue_asks_to_come_back(tmp_path: Path) -> None:
    answers: list[dict[str, Any]] = []

    def send(probe: Probe, number: int) -> None:
        answers.extend(probe.call(TRACES, request(f"busy-{number}-{n}")) for n in range(20))

    with (
        Door(tmp_path, FARTHING_QUEUE_SPANS="1") as door,
        Probe(door) as one,
        Probe(door) as two,
        Probe(door) as three,
    ):
        threads = [threading.Thread(target=send, args=(p, n)) for n, p in enumerate((one, two, three))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [answer for answer in answers if answer["code"] != "OK"]
        assert refused
        assert {(answer["code"], answer["retry"]) for answer in refused} == {("UNAVAILABLE", 1)}
        assert spent(door)["calls"] == len(answers) - len(refused)


def test_a_stopping_server_answers_what_it_has_begun(tmp_path: Path) -> None:
    with Door(tmp_path) as door, Probe(door) as probe:
        assert probe.call(TRACES, request("before"))["code"] == "OK"
        # The connection stays open: it must not keep the server from stopping.
        assert door.server.stop() == 0
        assert probe.call(TRACES, request("after"))["code"] == "UNAVAILABLE"


def test_a_port_in_use_is_one_sentence(door: Door, tmp_path: Path) -> None:
    other = ServerProcess(tmp_path, {"FARTHING_GRPC_PORT": str(door.port)})
    assert other.launch().wait(20) == 1
    (line,) = [line for line in other.output().splitlines() if line]
    assert f"Port {door.port}" in line
    assert "FARTHING_GRPC_PORT" in line


def test_port_0_is_off(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, {"FARTHING_GRPC_PORT": "0"})
    server.start()
    assert "gRPC" not in server.output()
    assert server.stop() == 0


def test_the_banner_and_the_doctor_name_the_port(door: Door) -> None:
    until(lambda: f"http://{door.target}" in door.server.output(), 5)
    assert f"port {door.port}" in door.server.run_cli("doctor")


def test_a_silent_connection_does_not_keep_a_server_from_stopping(tmp_path: Path) -> None:
    with Door(tmp_path) as door, socket.create_connection(("127.0.0.1", door.port), timeout=10) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        assert connection.recv(9)
        assert door.server.stop() == 0
