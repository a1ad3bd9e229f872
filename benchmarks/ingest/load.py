"""A target and a number of spans in; requests over several kept-alive connections and one line per event out.

It is a process of its own: what the sender costs must not show up as the receiver's. All bodies are built before it
says `ready`; it sends on `go`, and on `stop` finishes what is on the wire and ends.
"""

import argparse
import http.client
import queue
import resource
import sys
import threading
import time
from collections.abc import Iterator

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from benchmarks.ingest.spans import bodies
from benchmarks.process import HOST

PATH = "/v1/traces"
_BUSY = frozenset({429, 503})


class Event(msgspec.Struct, omit_defaults=True):
    """One line of output. `at` is the monotonic clock, which all processes of a machine share.

    kind: `ready` (spans, bytes and requests to come), `first_byte`, `answer` (2xx: spans acknowledged),
    `busy` (429 or 503, will be sent again), `failed` (not sent again; `text` says why), `done` (cpu_s spent sending).
    """

    kind: str
    at: float
    spans: int = 0
    size: int = 0
    requests: int = 0
    cpu_s: float = 0.0
    text: str = ""


class _Body(msgspec.Struct, frozen=True):
    content: bytes
    spans: int


class _Sender:
    """One connection. Takes bodies from the shared queue until it is empty or somebody says stop."""

    def __init__(self, target: argparse.Namespace, bodies: "queue.SimpleQueue[_Body]", stop: threading.Event) -> None:
        self._port: int = target.port
        self._headers: dict[str, str] = {"Content-Type": "application/x-protobuf", **dict(target.header)}
        self._bodies = bodies
        self._stop = stop
        self._connection = http.client.HTTPConnection(HOST, self._port, timeout=600)

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                body = self._bodies.get_nowait()
            except queue.Empty:
                break
            self._deliver(body)
        self._connection.close()

    def _deliver(self, body: _Body) -> None:
        """Once, and again for as long as the receiver says it is busy: that is what an exporter does."""
        while not self._stop.is_set():
            try:
                self._connection.request("POST", PATH, body.content, self._headers)
                answer = self._connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                _tell(Event("failed", time.monotonic(), body.spans, text=f"{type(error).__name__}: {error}"))
                return
            if 200 <= answer.status < 300:
                rejected = ExportTraceServiceResponse.FromString(content).partial_success.rejected_spans
                _tell(Event("answer", time.monotonic(), body.spans - rejected))
                if rejected:
                    _tell(Event("failed", time.monotonic(), rejected, text="rejected by partial_success"))
                return
            if answer.status not in _BUSY:
                text = f"{answer.status} {content[:200].decode(errors='replace')}"
                _tell(Event("failed", time.monotonic(), body.spans, text=text))
                return
            _tell(Event("busy", time.monotonic(), body.spans))
            self._stop.wait(float(answer.headers.get("Retry-After") or 1))


_output = threading.Lock()


def _tell(event: Event) -> None:
    with _output:
        sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
        sys.stdout.buffer.flush()


def _orders() -> Iterator[str]:
    for line in sys.stdin:
        yield line.strip()


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--header", type=lambda text: tuple(text.split("=", 1)), action="append", default=[])
    parser.add_argument("--spans", type=int, required=True)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Build, wait for `go`, send, report."""
    arguments = _arguments()
    left: queue.SimpleQueue[_Body] = queue.SimpleQueue()
    size, remaining = 0, int(arguments.spans)
    for content in bodies(arguments.spans, arguments.batch, arguments.seed, time.time_ns()):
        body = _Body(content, min(arguments.batch, remaining))
        remaining -= body.spans
        size += len(content)
        left.put(body)
    stop = threading.Event()
    orders = _orders()
    _tell(Event("ready", time.monotonic(), arguments.spans, size, left.qsize()))
    if next(orders, "stop") != "go":
        return
    threading.Thread(target=lambda: next(orders, None) is not None and stop.set(), daemon=True).start()
    senders = [threading.Thread(target=_Sender(arguments, left, stop).run) for _ in range(arguments.connections)]
    cpu = _cpu()
    _tell(Event("first_byte", time.monotonic()))
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    _tell(Event("done", time.monotonic(), cpu_s=round(_cpu() - cpu, 3)))


if __name__ == "__main__":
    main()
