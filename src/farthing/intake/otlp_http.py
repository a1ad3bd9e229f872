"""OTLP over HTTP: a request in; its spans kept, then OTLP's own success, partial success or error out.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp (responses, retryable codes 429, 502, 503, 504).
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from farthing import vitals
from farthing.access.credentials import Credential, from_headers
from farthing.access.identity import Identity, Scope
from farthing.errors import BadRequestError, FarthingError, UnsupportedError
from farthing.intake import otlp
from farthing.intake.body import Limits
from farthing.intake.workshop import JSON, PROTOBUF, Job, Workshop
from farthing.pipeline import Pipeline
from farthing.prepare import DropReason, Prepared, Price

PREFIXES = ("", "/api/public/otel", "/api/{org}")
"""Where exporters look: plain OTLP, Langfuse's path, OpenObserve's path (any organisation name)."""

_OTLP_PATH = re.compile(f"({'|'.join(PREFIXES)})/v1/(traces|metrics|logs)".replace("{org}", "[^/]+"))

_RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 11, 415: 3, 429: 8, 503: 14}
"""HTTP status → google.rpc.Code, for the error body's `code`."""

Message = Any


class Identifier(Protocol):
    """Tells who a key belongs to."""

    async def identify(self, credential: Credential) -> Identity:
        """Raises `UnauthenticatedError`."""
        ...


class OtlpHttp:
    """The OTLP door on HTTP. Decoding happens on one thread of its own, off the event loop."""

    def __init__(self, pipeline: Pipeline, keys: Identifier, limits: Limits, price: Price) -> None:
        """All collaborators are running already."""
        self._pipeline = pipeline
        self._keys = keys
        self._limits = limits
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="decode")
        self._workshop = Workshop(limits, price)
        self._waiting = 0

    def routes(self) -> list[Route]:
        """POST routes for traces, metrics and logs under every prefix."""
        signals: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "traces": self.traces,
            "metrics": self.metrics,
            "logs": self.logs,
        }
        return [
            Route(f"{prefix}/v1/{signal}", handler, methods=["POST"])
            for prefix in PREFIXES
            for signal, handler in signals.items()
        ]

    def close(self) -> None:
        """Stop the decode thread."""
        self._decoder.shutdown()
        self._workshop.close()

    async def traces(self, request: Request) -> Response:
        """Keep the spans of one request; answers when they are durable."""
        return await self._answer(request, self._traces)

    async def metrics(self, request: Request) -> Response:
        """Check a metrics request and accept it. Metrics aren't stored yet, and never add to any total."""
        return await self._answer(request, self._metrics)

    async def logs(self, request: Request) -> Response:
        """Check a logs request and accept it. Logs aren't stored yet, and never add to any total."""
        return await self._answer(request, self._logs)

    async def _answer(self, request: Request, handle: Callable[[str, str, bytes, str], Awaitable[Message]]) -> Response:
        kind = _content_type(request)
        try:
            if not kind:
                msg = "Content-Type must be application/x-protobuf or application/json."
                raise UnsupportedError(msg)
            identity = await self._keys.identify(
                from_headers(request.headers.get("authorization"), request.headers.get("x-api-key"))
            )
            identity.require(Scope.INGEST)
            async with self._limits.read(request) as body:
                encoding = request.headers.get("content-encoding", "")
                message = await handle(identity.project_id, kind, body, encoding)
        except FarthingError as error:
            vitals.REQUESTS_REFUSED.labels(error.code).inc()
            return _refusal(error, kind or JSON)
        return _reply(message, kind, 200)

    async def _decoded(self, work: Callable[[bytes], Any], body: bytes, encoding: str) -> Any:
        def run() -> Any:
            return work(self._limits.decompress(body, encoding))

        return await asyncio.get_running_loop().run_in_executor(self._decoder, run)

    async def _traces(self, project_id: str, kind: str, body: bytes, encoding: str) -> Message:
        prepared = await self._prepared(Job(project_id, kind, encoding, body, time.time_ns()))
        rejected = prepared.refused
        total = prepared.spans.num_rows + rejected.total()
        if prepared.spans.num_rows:
            await asyncio.wrap_future(self._pipeline.keep_prepared(prepared, more_coming=self._waiting > 0))
        response = ExportTraceServiceResponse()
        if rejected:
            for reason, count in rejected.items():
                vitals.SPANS_REJECTED.labels(reason.name.lower()).inc(count)
            response.partial_success.rejected_spans = rejected.total()
            response.partial_success.error_message = _sentence(rejected, total)
        return response

    async def _prepared(self, job: Job) -> Prepared:
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._decoder, lambda: self._workshop.prepare(job, self._waiting - 1))
        finally:
            self._waiting -= 1

    async def _metrics(self, _: str, kind: str, body: bytes, encoding: str) -> Message:
        await self._decoded(_parser(ExportMetricsServiceRequest, kind), body, encoding)
        return ExportMetricsServiceResponse()

    async def _logs(self, _: str, kind: str, body: bytes, encoding: str) -> Message:
        await self._decoded(_parser(ExportLogsServiceRequest, kind), body, encoding)
        return ExportLogsServiceResponse()


def is_otlp(path: str) -> bool:
    """Whether this is one of the paths above: `/api/v1/traces`, for one, is not."""
    return _OTLP_PATH.fullmatch(path) is not None


def _parser(message: type[Message], kind: str) -> Callable[[bytes], None]:
    def parse(plain: bytes) -> None:
        try:
            if kind == PROTOBUF:
                message.FromString(plain)
            else:
                otlp.check_json(plain)
        except DecodeError as error:
            msg = f"The body is not an OTLP {message.DESCRIPTOR.name} in protobuf: {error}"
            raise BadRequestError(msg) from error

    return parse


def _content_type(request: Request) -> str:
    """`PROTOBUF`, `JSON` or "" for anything else."""
    named = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if named in (PROTOBUF, "application/protobuf"):
        return PROTOBUF
    return JSON if named == JSON else ""


def _sentence(rejected: Counter[DropReason], total: int) -> str:
    reasons = "; ".join(f"{count}: {reason.value}" for reason, count in sorted(rejected.items()))
    return f"{rejected.total()} of {total} spans were refused, the others are kept. {reasons}."


def _reply(message: Message, kind: str, status: int, headers: dict[str, str] | None = None) -> Response:
    if kind == PROTOBUF:
        return Response(message.SerializeToString(), status, headers, PROTOBUF)
    return Response(json_format.MessageToJson(message, indent=None), status, headers, JSON)


def _refusal(error: FarthingError, kind: str) -> Response:
    headers = {"Retry-After": str(getattr(error, "retry_after", 1))} if error.retryable else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    status = Status(code=_RPC_CODES.get(error.status, 2), message=str(error))
    return _reply(status, kind, error.status, headers)
