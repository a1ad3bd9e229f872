"""OTLP over gRPC: the Export calls of the trace, metrics and logs services in; what they hold kept, and OTLP's answers out.

Source: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc (responses, which codes are retryable, RetryInfo for busy).
"""

import asyncio
import contextlib
import logging
import socket

from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status as RpcStatus

from farthing import vitals
from farthing.errors import FarthingError
from farthing.intake.grpc_wire import Answer, Connection, Incoming, Status
from farthing.intake.reception import Reception
from farthing.intake.workshop import PROTOBUF, Signal

log = logging.getLogger(__name__)

CONNECTIONS = 1_000

_PATHS = {
    f"/opentelemetry.proto.collector.{name}.v1.{service}/Export": signal
    for name, service, signal in (
        ("trace", "TraceService", Signal.TRACES),
        ("metrics", "MetricsService", Signal.METRICS),
        ("logs", "LogsService", Signal.LOGS),
    )
}
_INVALID_ARGUMENT, _PERMISSION_DENIED, _RESOURCE_EXHAUSTED, _UNIMPLEMENTED = 3, 7, 8, 12
_INTERNAL, _UNAVAILABLE, _UNAUTHENTICATED = 13, 14, 16
_CODES = {
    400: _INVALID_ARGUMENT,
    401: _UNAUTHENTICATED,
    403: _PERMISSION_DENIED,
    413: _RESOURCE_EXHAUSTED,
    415: _UNIMPLEMENTED,
    503: _UNAVAILABLE,
}
"""HTTP status of our errors → google.rpc.Code."""


class OtlpGrpc:
    """The OTLP door on gRPC, on one listening socket, from `start` to `stop`."""

    def __init__(self, reception: Reception, listener: socket.socket) -> None:
        """Hands every call on to the reception."""
        self._reception = reception
        self._listener = listener
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Take connections."""
        self._server = await asyncio.get_running_loop().create_server(self._connection, sock=self._listener)

    async def stop(self, seconds: float) -> None:
        """Take no further calls, and answer those that are under way, within `seconds`."""
        if self._server is not None:
            self._server.close()
        open_ones = tuple(self._connections)
        for connection in open_ones:
            connection.leave()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for connection in open_ones:
                    await connection.closed.wait()
        for connection in tuple(self._connections):
            connection.close()

    def _connection(self) -> asyncio.Protocol:
        if len(self._connections) >= CONNECTIONS:
            return _Refusing()
        return Connection(self._answer, self._reception.limits, self._connections)

    async def _answer(self, incoming: Incoming) -> Answer:
        signal = _PATHS.get(incoming.path)
        if signal is None:
            return Answer(Status(_UNIMPLEMENTED, "There is no such method here; OTLP's Export methods are."))
        get = incoming.metadata.get
        try:
            sender = await self._reception.sender_of(get("authorization"), get("x-api-key"))
            message, encoding = await incoming.message()
            response = await self._reception.take(sender, signal, PROTOBUF, encoding, message)
        except FarthingError as error:
            vitals.REQUESTS_REFUSED.labels(error.code).inc()
            return Answer(_status(error))
        except Exception:  # whatever it was, the client must hear that nothing is known to be kept
            log.exception("A gRPC call failed")
            return Answer(Status(_INTERNAL, "Something went wrong here; the server's log says what."))
        return Answer(Status(0), response.SerializeToString())


class _Refusing(asyncio.Protocol):
    """Closes a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _status(error: FarthingError) -> Status:
    code = _CODES.get(error.status, _INTERNAL)
    if not error.retryable:
        return Status(code, str(error))
    wait = RetryInfo()
    wait.retry_delay.FromSeconds(getattr(error, "retry_after", 1))
    packed = AnyMessage()
    packed.Pack(wait)
    details = RpcStatus(code=code, message=str(error), details=[packed])
    return Status(code, str(error), details.SerializeToString())
