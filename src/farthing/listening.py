"""An application in; a server that says when it listens, takes gRPC along and ends in order, and who may come in by which port, out."""

import asyncio
import re
import signal
import socket
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import msgspec
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

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
_HEAD = b"HTTP/1.1 "
LARGEST_HEAD = 64 << 10
"""Bytes of a request's address and headers."""
_READ_WITHIN_S = 2.0
_OF_THE_CONNECTION = frozenset({b"connection", b"transfer-encoding"})
_NAME = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
_WHY = f"The request's address and headers are larger than {LARGEST_HEAD >> 10} KiB. Send fewer or shorter ones."
_WHY_TOO_LARGE = msgspec.json.encode(
    {
        "type": "about:blank",
        "title": "Request Header Fields Too Large",
        "status": 431,
        "detail": _WHY,
        "code": "headers_too_large",
        # Where the libraries of model providers look.
        "error": {"message": _WHY, "type": "invalid_request_error", "param": None, "code": "headers_too_large"},
    }
)
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(_WHY_TOO_LARGE), _WHY_TOO_LARGE)
)
_WORTH_COPYING = 64 << 10


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


class Interruptible:
    """Answers a request that was still under way when the server had to stop; uvicorn would report an accident."""

    def __init__(self, web: ASGIApp) -> None:
        """Around everything."""
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        begun = False

        def sending(message: Message) -> Awaitable[None]:
            nonlocal begun
            begun = True
            return send(message)

        try:
            await self._web(scope, receive, sending)
        except asyncio.CancelledError:
            if scope["type"] != "http" or begun:
                raise
            answer = PlainTextResponse("The server is stopping.\n", 503, {"Retry-After": "1"})
            await answer(scope, receive, send)


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


class InOneGo(HttpToolsProtocol):
    """uvicorn's connection of a client, on which an answer's head goes out together with what is said next.

    Each write is a system call that wakes whoever listens: of an answer in one piece, two where one does. A request's head
    is bounded here, which uvicorn with this parser does not do; and one timer looks for connections that nobody uses.
    """

    _idle_since: float | None = None
    _head_size = 0
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client is there."""
        super().connection_made(cast("asyncio.Transport", _HeadWaits(transport, self.loop)))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or several of them."""
        if not self._is_refused:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head_size = 0

    def on_url(self, url: bytes) -> None:
        """A part of its address."""
        self._bound(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        self._bound(len(name) + len(value))
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        """What was sent is no request, or its head has no end."""
        if self._head_size <= LARGEST_HEAD:
            super().send_400_response(msg)
            return
        self._is_refused = True
        self.transport.write(_TOO_LARGE)
        # To close at once would reset the connection, and the client might never read why.
        self.transport.write_eof()
        self.loop.call_later(_READ_WITHIN_S, self.transport.close)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if not cycle.access_log:
            cycle.__class__ = _InOneGo
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The client has its answer."""
        # As uvicorn does it, but that a timer for each request, taken back with the next one, costs more than all else here.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _look(self) -> None:
        """Does anybody use it?"""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self._look)
        else:
            self.timeout_keep_alive_handler()

    def _bound(self, more: int) -> None:
        self._head_size += more
        if self._head_size > LARGEST_HEAD:
            msg = "the head is too large"
            raise ValueError(msg)


class _InOneGo(RequestResponseCycle):
    """uvicorn's answer to one request, whose head is looked at as a whole instead of name by name and value by value."""

    async def send(self, message: Any) -> None:
        """As ASGI's."""
        if self.response_started or self.disconnected or self.flow.write_paused:
            await super().send(message)
            return
        lines: list[bytes] = [STATUS_LINE[message["status"]]]
        length = b""
        for name, value in (*self.default_headers, *message.get("headers", ())):
            if name in _OF_THE_CONNECTION or not _is_name(name):
                await super().send(message)
                return
            if name == b"content-length":
                length = value
            lines.append(b"%b: %b\r\n" % (name, value))
        head = b"".join(lines)
        # One line each, and none that ends too early.
        if not length.isdigit() or not self.keep_alive or _CONTROL.search(head) or head.count(b"\n") != len(lines):
            await super().send(message)
            return
        self.response_started = True
        self.waiting_for_100_continue = False
        self.expected_content_length, self.chunked_encoding = int(length), False
        self.transport.write(head + b"\r\n")


@lru_cache(maxsize=1024)
def _is_name(name: bytes) -> bool:
    return name.islower() and _NAME.fullmatch(name) is not None


class _HeadWaits:
    """Stands before a transport; what isn't about writing goes to that as it is."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Send it; a head no later than in the loop's next turn."""
        if not self._head and data.startswith(_HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
        elif self._head and len(data) <= _WORTH_COPYING:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        else:
            self._flush()
            self._transport.write(data)

    def close(self) -> None:
        """As a transport's: what was written goes out first."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """As a transport's: likewise."""
        self._flush()
        self._transport.write_eof()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
