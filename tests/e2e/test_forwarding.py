"""Every span goes on to another backend, with its cost; a backend that is down at first gets all of them later."""

import http.server
import threading
from pathlib import Path

from e2e import wire
from e2e.otlp_client import OtlpClient, accepted
from e2e.waiting import metric, until, wait_until_settled
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server_process import ServerProcess, free_port

START = 1_790_000_000 * 10**9


class Receiver(http.server.ThreadingHTTPServer):
    """Another backend: keeps what it is sent."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Taking)
        self.spans: list[Span] = []
        self.keys: set[str] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def seen(self) -> int:
        """How many different spans; one may be sent twice, when an answer got lost."""
        return len({span.trace_id for span in list(self.spans)})


class Taking(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.keys.add(f"{self.path} {self.headers['X-Other-Key']}")
        self.server.spans += [s for r in request.resource_spans for scoped in r.scope_spans for s in scoped.spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Nothing."""


def send(server: ServerProcess, numbers: range) -> None:
    secret = {"gen_ai.input.messages": "tell nobody"}
    spans = [
        wire.span(n.to_bytes(16, "big"), n.to_bytes(8, "big"), START + n, wire.chat(1000 * n, n, **secret))
        for n in numbers
    ]
    with OtlpClient(server) as client:
        accepted(client.send(*spans), wire.PROTOBUF)
    wait_until_settled(server)


def test_a_backend_that_is_down_at_first_gets_everything_with_its_cost(tmp_path: Path) -> None:
    port = free_port()
    environment = {"FARTHING_FORWARD_URL": f"http://127.0.0.1:{port}", "FARTHING_FORWARD_HEADERS": "X-Other-Key=k1"}
    server = ServerProcess(tmp_path, environment)
    server.start()
    try:
        send(server, range(1, 700))
        until(lambda: metric(server, "farthing_forward_failures_total") > 0, 30)
        assert server.stop() == 0
        other = Receiver(port)
        server.start()
        until(lambda: other.seen() == 699, 60)
        send(server, range(700, 710))
        until(lambda: other.seen() == 709, 60)
        other.shutdown()
        other.server_close()
        assert other.keys == {"/v1/traces k1"}
        assert {int.from_bytes(span.trace_id) for span in other.spans} == set(range(1, 710))
        for span in other.spans:
            told = {pair.key: pair.value for pair in span.attributes}
            number = int.from_bytes(span.trace_id)
            assert told["farthing.cost_usd"].string_value == f"{wire.cost(1000 * number, number).normalize():f}"
            assert told["gen_ai.usage.cost_usd"].double_value == float(wire.cost(1000 * number, number))
            assert "tell nobody" not in str(span)
    finally:
        server.kill()
