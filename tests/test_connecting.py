"""What an application says, in pieces; what goes out on the connection, write by write."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from farthing.connecting import InOneGo

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


def written(
    messages: Sequence[dict[str, Any] | None], request: bytes = b"GET / HTTP/1.1\r\n\r\n", *, access_log: bool = False
) -> list[bytes]:
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
        protocol.access_log = access_log
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


@pytest.mark.parametrize(
    "more",
    [
        [(b"x-a", b"1"), (b"x-b", b"caf\xe9\t!")],
        [(b"X-Large", b"1"), (b"9", b"")],
        [(b"connection", b"close")],
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"x")],
        [(b"x-a", b"1\r\nx-b: 2")],
        [(b"x-a", b"1\n")],
        [(b"x a", b"1")],
        [(b"x-a", b"\0")],
        [(b"x-a", b"\x7f")],
    ],
)
def test_heads_are_those_that_uvicorn_makes(more: list[tuple[bytes, bytes]]) -> None:
    told = ({**START, "headers": [*START["headers"], *more]}, body(b"whole"))
    # With a log of each request, uvicorn's own way is taken.
    assert written(told) == written(told, access_log=True)


async def _said(sent: Sequence[bytes], keeps_s: float = 30.0) -> bytes:
    """What a client of a real socket reads until the connection ends, having sent each of these."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"whole"))

    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, date_header=False
    )
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()

    def connection() -> InOneGo:
        made = InOneGo(config, state, {}, loop)
        made.timeout_keep_alive = keeps_s  # pyright: ignore[reportAttributeAccessIssue]  shorter than anybody would set it
        return made

    server = await loop.create_server(connection, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for one in sent:
            writer.write(one)
            await writer.drain()
            await asyncio.sleep(0)
        found = await asyncio.wait_for(reader.read(), 30)
        writer.close()
    return found


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nx: %b\r\n", b"GET /%b HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n%b"])
def test_a_head_that_is_too_large_is_refused_in_clear_words(head: bytes) -> None:
    many = b"a: b\r\n" * 40_000 if head.endswith(b"%b") else b"x" * 70_000
    # It sends more than is read of it, and hears why all the same.
    said = asyncio.run(_said([head % many, b"\r\n", b"GET / HTTP/1.1\r\n\r\n"]))
    assert said.startswith(b"HTTP/1.1 431 ")
    assert b"larger than 64 KiB" in said
    assert said.count(b"HTTP/1.1") == 1


def test_a_head_below_that_is_taken_and_each_request_has_its_own() -> None:
    one = b"GET / HTTP/1.1\r\nx: %b\r\n\r\n" % (b"x" * 40_000)
    assert asyncio.run(_said([one, one], keeps_s=0.05)) == (HEAD + b"whole") * 2


def test_a_connection_that_nobody_uses_is_closed() -> None:
    assert asyncio.run(_said([b"GET / HTTP/1.1\r\n\r\n"], keeps_s=0.05)) == HEAD + b"whole"
