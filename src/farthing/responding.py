"""What an application says in answer to one request in; the same on the connection, in as few writes as it can be, out."""

import asyncio
import re
from collections.abc import Awaitable, Generator
from functools import lru_cache, partial
from typing import Any, Self, cast

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from farthing.turning import end_of

_OF_THE_CONNECTION = frozenset({b"connection", b"transfer-encoding"})
_NAME = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = bytes({*range(0x20), 0x7F} - {*b"\t\r\n"})
_WORTH_COPYING = 64 << 10


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


class WithHead(RequestResponseCycle):
    """uvicorn's answer to one request, whose head is looked at as a whole instead of name by name and value by value."""

    def send(self, message: Any) -> Awaitable[None]:  # pyright: ignore[reportIncompatibleMethodOverride]  awaited alike
        """As ASGI's."""
        if self.disconnected or self.flow.write_paused:
            return super().send(message)
        if not self.response_started:
            head = self._head(message)
            if not head:
                return super().send(message)
            self.response_started = True
            self.waiting_for_100_continue = False
            self.transport.write(head)
            return _DONE
        body = message.get("body", b"")
        if self.chunked_encoding and message.get("more_body"):
            self.transport.write(b"%x\r\n%b\r\n" % (len(body), body) if body else b"")
            return _DONE
        if self._ends_with(body, message):
            self.transport.write(body)
            self.response_complete = True
            self.message_event.set()
            self.on_response()
            return _DONE
        return super().send(message)

    def _ends_with(self, body: bytes, message: Any) -> bool:
        """Whether this is the rest of an answer whose length was told, and another request may follow."""
        return (
            len(body) == self.expected_content_length
            and self.chunked_encoding is False
            and self.keep_alive
            and not self.response_complete
            and not message.get("more_body")
            and message["type"] == "http.response.body"
            and self.scope["method"] != "HEAD"
        )

    def _head(self, message: Any) -> bytes:
        """Of an answer whose length is told, or that comes in chunks; b"" where uvicorn is to look at it name by name."""
        lines: list[bytes] = [STATUS_LINE[message["status"]]]
        length = b""
        for name, value in (*self.default_headers, *message.get("headers", ())):
            if name in _OF_THE_CONNECTION or not _is_name(name):
                return b""
            if name == b"content-length":
                length = value
            lines.append(b"%b: %b\r\n" % (name, value))
        head = b"".join(lines)
        ends = len(lines)
        # One line each, and none that ends too early. A pattern that says so takes longer than all else here.
        if (
            not length.isdigit()
            or not self.keep_alive
            or not head.count(b"\r\n") == head.count(b"\n") == head.count(b"\r") == ends
            or len(head.translate(None, _CONTROL)) != len(head)
        ):
            return b""
        self.expected_content_length, self.chunked_encoding = int(length), False
        return head + b"\r\n"


class Short(WithHead):
    """The answer to a request that is there as a whole."""

    # As uvicorn's own sets them, one by one.
    access_log = False
    disconnected = False
    waiting_for_100_continue = False
    more_body = False
    response_started = False
    response_complete = False
    chunked_encoding = None
    expected_content_length = 0
    _gone: "asyncio.Future[None] | None" = None

    def __init__(self, connection: HttpToolsProtocol, body: bytes) -> None:
        path = connection.url.decode("latin-1")
        self.scope: Any = {
            "type": "http", "method": "POST", "path": path, "query_string": b"", "headers": connection.headers,
        }  # fmt: skip
        self.transport = connection.transport
        self.flow = connection.flow
        self.logger = connection.logger
        self.default_headers = connection.server_state.default_headers
        self.on_response = connection.on_response_complete
        self._loop = connection.loop
        self._body: bytes | None = body

    async def run_asgi(self, app: Any) -> None:
        """Answer it."""
        try:
            await app(self.scope, self.receive, self.send)
        except BaseException as error:  # noqa: BLE001  uvicorn tells of it, and ends the connection
            failed = partial(_failed, error)
            await super().run_asgi(cast("Any", failed if self.response_started else Interruptible(failed)))
            return
        if not self.response_complete:
            await super().run_asgi(cast("Any", _nothing))
        self.on_response = _over

    async def receive(self) -> Any:
        """As ASGI's."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        self.flow.resume_reading()
        while not (self.disconnected or self.response_complete):
            self._gone = self._loop.create_future()
            await self._gone
        return {"type": "http.disconnect"}

    @property
    def message_event(self) -> Self:
        """What uvicorn tells that something has changed."""
        return self

    def set(self) -> None:
        """As an event's."""
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)


class _Done:
    """Awaited, it is over at once."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


_DONE = _Done()


async def _failed(error: BaseException, *_: object) -> None:
    raise error


async def _nothing(*_: object) -> None:
    pass


def _over() -> None:
    pass


@lru_cache(maxsize=1024)
def _is_name(name: bytes) -> bool:
    return name.islower() and _NAME.fullmatch(name) is not None


class InTurn:
    """Stands before a transport, and writes what is said in one turn of the loop at its end; all else goes to that as it is."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._turn = end_of(loop)
        self._said: list[bytes] = []
        self._size = 0
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Send it, no later than when the turn ends; at once what is not worth copying, or would be too much to hold."""
        self._size += len(data)
        if self._size > _WORTH_COPYING:
            self._flush()
            self._transport.write(data)
            return
        if data:
            self._said.append(data)
            if len(self._said) == 1:
                self._turn.add(self._flush)

    def close(self) -> None:
        """As a transport's: what was written goes out first."""
        self._flush()
        self._transport.close()

    def write_eof(self) -> None:
        """As a transport's: likewise."""
        self._flush()
        self._transport.write_eof()

    def _flush(self) -> None:
        said, self._said, self._size = self._said, [], 0
        if said and not self.is_closing():
            self._transport.write(said[0] if len(said) == 1 else b"".join(said))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
