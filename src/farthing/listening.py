"""An application in; a server that says when it listens, takes gRPC along and ends in order, and who may come in by which port, out."""

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager

import msgspec
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.access.setup import Made
from farthing.errors import StartError
from farthing.intake.otlp_grpc import OtlpGrpc
from farthing.intake.otlp_http import is_otlp
from farthing.pipeline import Pipeline

WAITING = 1_024
"""Connections that may wait until they are taken."""


class Ready(msgspec.Struct, frozen=True):
    """What a started server tells whoever started it."""

    url: str
    otlp_url: str
    grpc_url: str
    """Empty when OTLP/gRPC is turned off."""
    made: Made
    pipeline: Pipeline


_ENDING = (signal.SIGINT, signal.SIGTERM)


def listener(host: str, port: int, knob: str) -> socket.socket:
    """A socket that listens there. Raises `StartError`, naming the knob."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(WAITING)
    except OSError as error:
        made.close()
        turn_off = "" if "--port" in knob else f", or {knob}=0 to do without it"
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            msg = f"{host} is no address of this machine: {error.strerror}. Choose one with --host or FARTHING_HOST."
            raise StartError(msg) from error
        msg = (
            f"Port {port} on {host} can't be used: {error.strerror}. "
            f"Stop what listens there, or choose another port with {knob}{turn_off}."
        )
        raise StartError(msg) from error
    made.setblocking(False)
    return made


def in_url(host: str) -> str:
    """The host as people reach it."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  shown, not bound: people reach it by this machine's name
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class Uvicorn(uvicorn.Server):
    """uvicorn that says when it listens, takes gRPC along, and only ends its own work when it is told to end."""

    def __init__(
        self,
        config: uvicorn.Config,
        grpc: OtlpGrpc | None,
        on_ready: Callable[[], None],
        on_end: Callable[[], None],
        endings: Sequence[Callable[[], Awaitable[None]]],
    ) -> None:
        """`on_ready` is called when it listens, `on_end` before it ends, `endings` are awaited after its last answer."""
        super().__init__(config)
        self._grpc = grpc
        self._say_ready = on_ready
        self._say_end = on_end
        self._endings = endings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            if self._grpc:
                await self._grpc.start()
            self._say_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is under way."""
        self._say_end()
        ending = [super().shutdown(sockets)]
        if self._grpc:
            ending.append(self._grpc.stop(self.config.timeout_graceful_shutdown or 1))
        await asyncio.gather(*ending)
        for end in self._endings:
            await end()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """End at SIGINT and SIGTERM."""
        # uvicorn's own would raise the signal again afterwards, before what was accepted is settled and closed.
        before = {number: signal.signal(number, self.handle_exit) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class OnlyOtlpOn:
    """Lets only the OTLP paths through on the extra port: nobody expects an API on a collector's address."""

    def __init__(self, web: ASGIApp, port: int) -> None:
        """`port` is the extra one."""
        self._web = web
        self._port = port

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """ASGI."""
        here = scope["type"] == "http" and (scope.get("server") or ("", 0))[1] == self._port
        if here and not is_otlp(scope["path"]):
            answer = PlainTextResponse("This port takes OTLP only: POST /v1/traces, /v1/metrics, /v1/logs.\n", 404)
            return answer(scope, receive, send)
        return self._web(scope, receive, send)
