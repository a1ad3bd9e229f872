"""What an application says, in pieces; what goes out on the connection, write by write."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from farthing.listening import InOneGo

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
CHUNKED: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"


class Written(asyncio.Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.writes: list[bytes] = []
        self.closed = asyncio.Event()

    def write(self, data: Any) -> None:
        self.writes.append(data)

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def close(self) -> None:
        self.closed.set()


def body(said: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": said, "more_body": more}


def written(messages: Sequence[dict[str, Any] | None], request: bytes = b"GET / HTTP/1.1\r\n\r\n") -> list[bytes]:
    """What goes out; None among the messages is a moment in which nothing is said."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            if message is None:
                await asyncio.sleep(0)
            else:
                await send(message)

    async def main() -> list[bytes]:
        transport, state = Written(), ServerState()
        config = uvicorn.Config(app, lifespan="off", log_config=None, server_header=False, date_header=False)
        config.load()
        protocol = InOneGo(config, state, {}, asyncio.get_running_loop())
        protocol.connection_made(transport)
        protocol.data_received(request)
        await asyncio.gather(*state.tasks)
        protocol.shutdown()
        await asyncio.wait_for(transport.closed.wait(), 30)
        protocol.connection_lost(None)
        return transport.writes

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("messages", "writes"),
    [
        ((START, body(b"whole")), [HEAD + b"whole"]),
        ((START, body(b"wh", more=True), body(b"ole")), [HEAD + b"wh", b"ole"]),
        ((START, None, None, body(b"whole")), [HEAD, b"whole"]),
        ((CHUNKED, body(b"", more=True), body(b"")), [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0\r\n\r\n"]),
    ],
)  # fmt: skip
def test_a_head_goes_out_with_what_is_said_next(messages: Sequence[dict[str, Any] | None], writes: list[bytes]) -> None:
    assert written(messages) == writes


def test_what_is_large_is_not_copied() -> None:
    large = b"x" * 100_000
    start = {**START, "headers": [(b"content-length", b"100000")]}
    assert written((start, body(large))) == [HEAD.replace(b"5", b"100000"), large]


def test_a_head_alone_goes_out_before_the_connection_ends() -> None:
    assert written((START, body(b"")), b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n") == [
        HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    ]
    assert written((), b"nonsense\r\n\r\n")[0].startswith(b"HTTP/1.1 400")
