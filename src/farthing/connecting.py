"""A client's connection in; its requests, each with its way, the long one of all or the short one of model calls, and their answers, out."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
import uvicorn
from httptools import HttpRequestParser
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from farthing.responding import InTurn, Short, WithHead

LARGEST_HEAD = 64 << 10
"""Bytes of a request's address and headers."""
_READ_WITHIN_S = 2.0
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
LARGEST_SHORT = 64 << 10
"""Bytes of a body that is collected before anybody is asked what to do with it."""

Ways = Callable[[bytes], ASGIApp | None]
"""A request's target as it was sent: what answers a POST to it in one piece; None for whatever goes the long way."""


class InOneGo(HttpToolsProtocol):
    """uvicorn's connection of a client, on which what is said in one turn of the loop goes out together, when that ends.

    Each write is a system call that wakes whoever listens: of an answer in one piece, two where one does. A request's head
    is bounded here, which uvicorn with this parser does not do; and one timer looks for connections that nobody uses.

    What `short` knows is answered without most of what uvicorn does for a request, which costs as much as a model call costs
    beside it: the body is collected first, and what is sent before it is there starts nothing.
    """

    _idle_since: float | None = None
    _head_size = 0
    _is_refused = False
    _length = b""
    _app: ASGIApp | None = None
    _ends = False

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        short: Ways | None = None,
        port: int = 0,
    ) -> None:
        """As uvicorn makes it; `short` is asked on connections to this port only."""
        super().__init__(config, server_state, app_state, _loop)
        self._short = short
        self._port = port
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client is there."""
        super().connection_made(cast("asyncio.Transport", InTurn(transport, self.loop)))
        if self.access_log or self.server is None or self.server[1] != self._port:
            self._short = None

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._app = None
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()

    def data_received(self, data: bytes) -> None:
        """A part of a request, or several of them."""
        if not self._is_refused:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_size = 0
        self._length = b""
        # uvicorn makes its scope here; it is made where it is known that it is needed.
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_url(self, url: bytes) -> None:
        """A part of its address."""
        self._bound(len(url))
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        self._head_size += len(name) + len(value)
        if self._head_size > LARGEST_HEAD:
            self._bound(0)
        name = name.lower()
        if name == b"content-length":
            self._length = value
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        if self._short is not None and (app := self._short(self.url)) is not None and self._is_plain():
            self._app = app
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        if self._app is None:
            super().on_body(body)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        app = self._app
        if app is None:
            super().on_message_complete()
            return
        self._app = None
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        cycle = self.cycle = Short(self, body)
        cycle.keep_alive = not self._ends
        task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def shutdown(self) -> None:
        """The server ends: what has begun is answered."""
        if self._app is None:
            super().shutdown()
        else:
            self._ends = True

    def _is_plain(self) -> bool:
        """Whether a request is as nearly all model calls are."""
        parser, most = cast("HttpRequestParser", self.parser), self.limit_concurrency
        before = cast("RequestResponseCycle | None", self.cycle)
        length = self._length
        return (
            parser.get_method() == b"POST"
            and len(length) < 6  # digits
            and length.isdigit()
            and 0 < int(length) <= LARGEST_SHORT
            and not self.expect_100_continue
            and (before is None or before.response_complete)
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and (most is None or (len(self.connections) < most and len(self.tasks) < most))
        )

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
        if not cycle.access_log and type(cycle) is RequestResponseCycle:
            cycle.__class__ = WithHead
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
