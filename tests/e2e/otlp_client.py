"""A server and a key in; OTLP/HTTP requests in every encoding out, and what became of them."""

import gzip
import sys
import zlib
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Self

import httpx
from e2e import wire
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server_process import ServerProcess

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

KINDS = (wire.PROTOBUF, wire.JSON)

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}
"""Content-Encoding → how to get there."""


class OtlpClient:
    """One connection to a server's OTLP paths."""

    def __init__(self, server: ServerProcess, key: str | None = None, port: int | None = None) -> None:
        """With the server's own key, on its main port, unless told otherwise; an empty key is not sent."""
        secret = server.key if key is None else key
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port or server.port}",
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            timeout=60,
        )

    def __enter__(self) -> Self:
        """Connected when first used."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Hang up."""
        self.http.close()

    def post(
        self, body: bytes, kind: str = wire.PROTOBUF, *, path: str = "/v1/traces", encoding: str = "", chunk: int = 0
    ) -> httpx.Response:
        """Send a body as it is, in chunks if there is a size."""
        headers = {"Content-Type": kind, "Content-Encoding": encoding}
        content = _chunks(body, chunk) if chunk else body
        return self.http.post(path, content=content, headers={name: value for name, value in headers.items() if value})

    def send(self, *spans: Span, kind: str = wire.PROTOBUF, **more: Any) -> httpx.Response:
        """Send spans."""
        return self.post(encoded(spans, kind), kind, **more)


def encoded(spans: tuple[Span, ...], kind: str) -> bytes:
    """A request that holds these spans."""
    request = wire.request(spans)
    if kind == wire.PROTOBUF:
        return request.SerializeToString()
    # JSON has its ids in hex, where protobuf's own JSON would have base64.
    body = json_format.MessageToDict(request)
    for told, span in zip(body["resourceSpans"][0]["scopeSpans"][0]["spans"], spans, strict=True):
        told.update(traceId=span.trace_id.hex(), spanId=span.span_id.hex(), parentSpanId=span.parent_span_id.hex())
    return httpx.Request("POST", "http://x", json=body).content


def accepted(answer: httpx.Response, kind: str) -> ExportTraceServiceResponse:
    """The body of a success."""
    assert answer.status_code == 200, answer.text
    return _parsed(answer, kind, ExportTraceServiceResponse())


def refused(answer: httpx.Response, status: int, kind: str = wire.PROTOBUF) -> Status:
    """The body of an error, which says something."""
    assert answer.status_code == status, answer.text
    found = _parsed(answer, kind, Status())
    assert found.message
    return found


def _parsed(answer: httpx.Response, kind: str, message: Any) -> Any:
    assert answer.headers["Content-Type"] == kind
    if kind == wire.PROTOBUF:
        message.ParseFromString(answer.content)
        return message
    return json_format.Parse(answer.content, message)


def _chunks(body: bytes, size: int) -> Generator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]
