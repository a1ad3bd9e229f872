"""OTLP over HTTP: a request in; what it holds kept, then OTLP's own success, partial success or error out.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp (responses, retryable codes 429, 502, 503, 504).
"""

import re
from collections.abc import Awaitable, Callable

from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from farthing import vitals
from farthing.errors import FarthingError, UnsupportedError
from farthing.intake.reception import Message, Reception
from farthing.intake.workshop import JSON, PROTOBUF, Signal

PREFIXES = ("", "/api/public/otel", "/api/{org}")
"""Where exporters look: plain OTLP, Langfuse's path, OpenObserve's path (any organisation name)."""

_OTLP_PATH = re.compile(f"({'|'.join(PREFIXES)})/v1/({'|'.join(Signal)})".replace("{org}", "[^/]+"))

_RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 11, 415: 3, 429: 8, 503: 14}
"""HTTP status → google.rpc.Code, for the error body's `code`."""


class OtlpHttp:
    """The OTLP door on HTTP."""

    def __init__(self, reception: Reception) -> None:
        """Hands every request on to the reception."""
        self._reception = reception

    def routes(self) -> list[Route]:
        """POST routes for traces, metrics and logs under every prefix."""
        return [
            Route(f"{prefix}/v1/{signal}", self._handler(signal), methods=["POST"])
            for prefix in PREFIXES
            for signal in Signal
        ]

    def _handler(self, signal: Signal) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return await self._answer(request, signal)

        return handle

    async def _answer(self, request: Request, signal: Signal) -> Response:
        kind = _content_type(request)
        try:
            if not kind:
                msg = "Content-Type must be application/x-protobuf or application/json."
                raise UnsupportedError(msg)
            headers = request.headers
            sender = await self._reception.sender_of(headers.get("authorization"), headers.get("x-api-key"))
            async with self._reception.limits.read(request.receive) as body:
                encoding = headers.get("content-encoding", "")
                message = await self._reception.take(sender, signal, kind, encoding, body)
        except FarthingError as error:
            vitals.REQUESTS_REFUSED.labels(error.code).inc()
            return _refusal(error, kind or JSON)
        return _reply(message, kind, 200)


def is_otlp(path: str) -> bool:
    """Whether this is one of the paths above: `/api/v1/traces`, for one, is not."""
    return _OTLP_PATH.fullmatch(path) is not None


def _content_type(request: Request) -> str:
    """`PROTOBUF`, `JSON` or "" for anything else."""
    named = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if named in (PROTOBUF, "application/protobuf"):
        return PROTOBUF
    return JSON if named == JSON else ""


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
