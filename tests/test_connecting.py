"""What an application says, in pieces; what goes out on the connection, write by write."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from farthing.connecting import InOneGo
from farthing.responding import InTurn
from farthing.turning import MOST

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

    def pause_reading(self) -> None:
        """It has nothing more to say."""

    def resume_reading(self) -> None:
        """Nor now."""

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
        ((START, body(b"wh", more=True), body(b"ole")), [HEAD + b"whole"]),
        ((START, None, None, body(b"wh", more=True), None, None, body(b"ole")), [HEAD, b"wh", b"ole"]),
        ((CHUNKED, body(b"", more=True), body(b"")), [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"]),
    ],
)  # fmt: skip
def test_what_is_said_in_one_turn_goes_out_together(
    messages: Sequence[dict[str, Any] | None], writes: list[bytes]
) -> None:
    assert written(messages) == writes


def test_what_is_large_is_not_copied() -> None:
    large = b"x" * 100_000
    start = {**START, "headers": [(b"content-length", b"100000")]}
    assert written((start, body(large))) == [HEAD.replace(b"5", b"100000"), large]


def test_what_is_said_without_end_in_one_turn_is_not_held() -> None:
    part, parts = b"x" * 50_000, 4
    start = {**START, "headers": [(b"content-length", b"200000")]}
    found = written((start, *[body(part, more=True)] * parts, body(b"")))
    assert b"".join(found) == HEAD.replace(b"5", b"200000") + part * parts
    assert len(found) == parts


@pytest.mark.parametrize("together", [2, MOST, MOST + 1])
def test_answers_of_one_turn_go_out_when_they_are_made(together: int) -> None:
    told: list[str] = []

    class Telling(Written):
        def __init__(self) -> None:
            super().__init__()
            self.heard = asyncio.Event()

        def write(self, data: Any) -> None:
            super().write(data)
            told.append("written")
            self.heard.set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"whole"))
        told.append("made")

    async def main() -> None:
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        config.load()
        state, transports = ServerState(), list[Telling]()
        for _ in range(together):
            protocol = InOneGo(config, state, {}, asyncio.get_running_loop())
            protocol.connection_made(transport := Telling())
            protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
            transports.append(transport)
        await asyncio.gather(*state.tasks)
        await asyncio.gather(*[asyncio.wait_for(one.heard.wait(), 30) for one in transports])

    asyncio.run(main())
    first = min(together, MOST)
    assert told[: 2 * first] == ["made"] * first + ["written"] * first
    assert told[2 * first :] == ["made", "written"] * (together - first)


def test_nothing_is_written_on_a_connection_that_has_ended() -> None:
    async def main() -> list[bytes]:
        transport, loop = Written(), asyncio.get_running_loop()
        in_turn = InTurn(transport, loop)
        in_turn.write(b"too late")
        transport.close()
        await asyncio.sleep(0)
        return transport.writes

    assert asyncio.run(main()) == []


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


PORT = 2
"""Of the connection: `Written` tells it."""
ASKED = b"POST /calls HTTP/1.1\r\ncontent-length: 4\r\nx-a: 1\r\n\r\nwhat"


class Answering:
    """Answers short ways, and tells what it was asked."""

    def __init__(self, *messages: dict[str, Any] | BaseException) -> None:
        self.messages = messages or (START, body(b"whole"))
        self.asked: list[tuple[str, bytes]] = []
        self.gone = asyncio.Event()

    def way(self, name: str, target: bytes | None = None) -> Any:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            message = await receive()
            self.asked.append((name, message.get("body", b"")))
            for one in self.messages:
                if isinstance(one, BaseException):
                    raise one
                await send(one)
            if not self.messages:
                while (await receive())["type"] != "http.disconnect":
                    pass
                self.gone.set()

        return app if target in (None, b"/calls") else None


def short(answering: Answering, *received: bytes, goes: bool = False, limit: int | None = None) -> list[bytes]:
    """What goes out where pieces of requests come in one after the other, on a connection that knows a short way."""

    async def main() -> list[bytes]:
        transport, state = Written(), ServerState()
        config = uvicorn.Config(
            answering.way("long"), lifespan="off", log_config=None, access_log=False, server_header=False, date_header=False,
            limit_concurrency=limit,
        )  # fmt: skip
        config.load()
        ways = partial(answering.way, "short")
        protocol = InOneGo(config, state, {}, asyncio.get_running_loop(), short=ways, port=PORT)
        protocol.connection_made(transport)
        for one in received:
            protocol.data_received(one)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        if goes:
            protocol.connection_lost(None)
            await asyncio.wait_for(answering.gone.wait(), 30)
            return transport.writes
        while state.tasks:
            await asyncio.gather(*state.tasks)
        protocol.shutdown()
        protocol.connection_lost(None)
        return transport.writes

    return asyncio.run(main())


@pytest.mark.parametrize("cuts", [(), (10,), (3, 30, 60), tuple(range(1, len(ASKED)))])
def test_a_request_goes_the_short_way_however_it_comes(cuts: tuple[int, ...]) -> None:
    answering = Answering()
    pieces = [ASKED[start:end] for start, end in pairwise((0, *cuts, len(ASKED)))]
    assert short(answering, *pieces, ASKED) == [HEAD + b"whole"] * 2
    assert answering.asked == [("short", b"what")] * 2


@pytest.mark.parametrize(
    "asked",
    [
        ASKED.replace(b"POST", b"PUT"),
        ASKED.replace(b"/calls", b"/others"),
        ASKED.replace(b"HTTP/1.1", b"HTTP/1.0"),
        ASKED.replace(b"x-a: 1", b"connection: close"),
        ASKED.replace(b"x-a: 1", b"expect: 100-continue"),
        ASKED.replace(b"content-length: 4", b"transfer-encoding: chunked").replace(b"what", b"4\r\nwhat\r\n0\r\n\r\n"),
        ASKED.replace(b"4", b"70000").replace(b"what", b"what" * 17_500),
    ],
    ids=["put", "others", "old", "closing", "expecting", "chunked", "large"],
)
def test_all_else_goes_the_long_way(asked: bytes) -> None:
    answering = Answering()
    assert b"".join(short(answering, asked)).endswith(b"whole")
    assert [name for name, _ in answering.asked] == ["long"]


def test_both_ways_take_turns_on_one_connection() -> None:
    answering = Answering()
    other = ASKED.replace(b"/calls", b"/others")
    assert short(answering, ASKED + other + ASKED) == [HEAD + b"whole"] * 3
    # What comes before the last one is answered waits in uvicorn's own line.
    assert [name for name, _ in answering.asked] == ["short", "long", "long"]


def test_too_many_at_once_are_refused() -> None:
    assert short(Answering(), ASKED, limit=1)[0].startswith(b"HTTP/1.1 503 ")


def test_a_stream_goes_out_piece_by_piece() -> None:
    told = short(Answering(CHUNKED, body(b"wh", more=True), body(b"ole", more=True), body(b"")), ASKED)
    assert b"".join(told).endswith(b"\r\n\r\n2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n")


def test_who_goes_away_is_noticed_on_the_short_way() -> None:
    answering = Answering()
    answering.messages = ()
    assert short(answering, ASKED, goes=True) == []


@pytest.mark.parametrize(
    ("messages", "status"),
    [((OSError(),), b"500"), ((asyncio.CancelledError(),), b"503"), ((START, OSError()), b"200")],
    ids=["failed", "stopped", "cut"],
)
def test_what_fails_on_the_short_way_is_told_or_cut(messages: tuple[Any, ...], status: bytes) -> None:
    told = short(Answering(*messages), ASKED)
    assert told[0].startswith(b"HTTP/1.1 " + status)
    assert b"".join(told).count(b"HTTP/1.1") == 1


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
