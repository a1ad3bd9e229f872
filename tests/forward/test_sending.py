"""What another backend may answer: nothing is lost by it, and one bad span costs one span."""

import http.server
import threading
from collections.abc import Generator
from datetime import UTC, datetime

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from farthing.forward.sending import REQUEST_BYTES, BusyError, portions, send
from farthing.model.span import Resource, Scope, Span
from farthing.store.telemetry.settled import Position, Settled

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


class Backend(http.server.ThreadingHTTPServer):
    """Answers what it is told to; refuses requests that are too large or hold a span named `bad`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.taken: list[str] = []
        self.most_bytes = 1 << 30
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        other = self.server
        assert isinstance(other, Backend)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        names = [
            s.name for r in ExportTraceServiceRequest.FromString(body).resource_spans for s in r.scope_spans[0].spans
        ]
        if other.answers:
            status, headers, content = other.answers.pop(0)
        else:
            status, headers, content = 413 if len(body) > other.most_bytes else 400 if "bad" in names else 200, {}, b""
        if status == 200:
            other.taken += names
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Nothing."""


@pytest.fixture
def backend() -> Generator[Backend]:
    running = Backend()
    yield running
    running.shutdown()
    running.server_close()
    running.thread.join()


@pytest.fixture
def client() -> Generator[httpx.Client]:
    with httpx.Client(trust_env=False) as made:
        yield made


def span(number: int, name: str = "", size: int = 0) -> Settled:
    told = Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=b"",
        kind=3,
        status=0,
        status_message="",
        name=name or str(number),
        start_ns=number,
        end_ns=number,
        attributes={"text": "x" * size},
        resource=Resource({}),
        scope=Scope("", ""),
    )
    return Settled(told, Position(number), None, size)


def test_one_bad_span_costs_one_span(backend: Backend, client: httpx.Client) -> None:
    spans = [span(number, "bad" if number in (3, 40) else "") for number in range(50)]
    assert send(client, backend.url, spans) == 48
    assert backend.taken == [str(number) for number in range(50) if number not in (3, 40)]


def test_what_is_too_large_together_is_sent_apart(backend: Backend, client: httpx.Client) -> None:
    backend.most_bytes = 2_500
    spans = [span(number, size=900 if number != 5 else 5_000) for number in range(9)]
    assert send(client, backend.url, spans) == 8
    assert backend.taken == [str(number) for number in range(9) if number != 5]


def test_huge_spans_go_alone() -> None:
    sizes = [10, REQUEST_BYTES // 2, REQUEST_BYTES // 2, 10, 3 * REQUEST_BYTES, 10]
    parts = list(portions([span(at, size=0) for at in range(2)]))
    assert [len(part) for part in parts] == [2]
    told = [Settled(span(at).span, Position(at), None, size) for at, size in enumerate(sizes)]
    assert [[one.size for one in part] for part in portions(told)] == [sizes[:2], sizes[2:4], sizes[4:5], sizes[5:]]
    assert list(portions([])) == []


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("999999", 3600.0),
        ("Sat, 21 Nov 2026 07:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 06:00:30 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_a_busy_backend_is_given_the_time_it_asks_for(
    backend: Backend, client: httpx.Client, told: str, wait: float | None
) -> None:
    backend.answers.append((429, {"Retry-After": told} if told else {}, b""))
    with pytest.raises(BusyError) as raised:
        send(client, backend.url, [span(1)])
    assert raised.value.wait_s(NOW) == wait
    assert send(client, backend.url, [span(1)]) == 1


def test_a_partial_success_is_no_reason_to_send_again(backend: Backend, client: httpx.Client) -> None:
    partial = ExportTracePartialSuccess(rejected_spans=2, error_message="two are too old")
    backend.answers.append((200, {}, ExportTraceServiceResponse(partial_success=partial).SerializeToString()))
    assert send(client, backend.url, [span(number) for number in range(5)]) == 3
    backend.answers.append((200, {}, b'{"partialSuccess": {}}'))
    assert send(client, backend.url, [span(1)]) == 1


def test_an_answer_that_may_pass_loses_nothing(backend: Backend, client: httpx.Client) -> None:
    backend.answers += [(401, {}, b""), (404, {}, b""), (500, {}, b"")]
    for _ in range(3):
        with pytest.raises(httpx.HTTPStatusError):
            send(client, backend.url, [span(1), span(2)])
    assert send(client, backend.url, [span(1), span(2)]) == 2
