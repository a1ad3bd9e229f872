"""gRPC over HTTP/2, frame by frame: what a client may do that the official ones seldom do."""

import asyncio
import gzip
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset, TrailersReceived
from h2.settings import SettingCodes

from farthing.errors import FarthingError
from farthing.intake import grpc_wire
from farthing.intake.body import Limits
from farthing.intake.grpc_wire import Answer, Connection, Incoming, Status

LIMIT = 1 << 20


class Client:
    """A connection whose frames we choose."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, window: int) -> None:
        self._reader = reader
        self.writer = writer
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})

    async def begin(self, **more: str) -> int:
        """A call without its message yet; its stream."""
        number = self.h2.get_next_available_stream_id()
        head = {":method": "POST", ":scheme": "http", ":path": "/a.B/C", ":authority": "x"}
        head |= {"content-type": "application/grpc", "te": "trailers"}
        self.h2.send_headers(
            number, [*(head | {name.replace("_", "-"): value for name, value in more.items()}).items()]
        )
        await self.flush()
        return number

    async def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the connection ends, as it is."""
        return await self._reader.read()

    async def send(self, number: int, data: bytes, *, end: bool = True) -> None:
        self.h2.send_data(number, data, end_stream=end)
        await self.flush()

    async def pour(self, number: int, size: int, until: "asyncio.Future[Any]") -> None:
        """Send zeros as fast as there is room for them, while somebody reads; less than `size` if `until` is done before."""
        while size and not until.done():
            room = min(self.h2.local_flow_control_window(number), 16384, size)
            if room:
                await self.send(number, bytes(room), end=False)
                size -= room
            await asyncio.sleep(0)

    async def outcome(self, number: int, grow: int = 0) -> dict[str, Any]:
        """Headers, message and trailers of the answer, reading until it ends; the window grows by `grow` each time."""
        found: dict[str, Any] = {"data": b""}
        while True:
            received = await asyncio.wait_for(self._reader.read(65536), 5)
            assert received, "the connection ended"
            for event in self.h2.receive_data(received):
                if isinstance(event, ResponseReceived | TrailersReceived) and event.stream_id == number:
                    found |= {str(name): str(value) for name, value in event.headers}
                elif isinstance(event, DataReceived) and event.stream_id == number:
                    found["data"] += event.data
                elif isinstance(event, StreamEnded | StreamReset) and event.stream_id == number:
                    await self.flush()
                    return found
            if grow:
                self.h2.increment_flow_control_window(grow, number)
            await self.flush()


def message(body: bytes, flag: int = 0) -> bytes:
    return struct.pack(">BI", flag, len(body)) + body


async def echo(incoming: Incoming) -> Answer:
    """Answers with what it was sent."""
    try:
        body, encoding = await incoming.message()
    except FarthingError as error:
        return Answer(Status(3, str(error)))
    return Answer(Status(0), encoding.encode() + b":" + body)


class Running:
    """A listening server and what it holds."""

    def __init__(self) -> None:
        self.limits = Limits(LIMIT)
        self.members: set[Connection] = set()

    @asynccontextmanager
    async def client(
        self, handler: Callable[[Incoming], Awaitable[Answer]] = echo, window: int = 65535
    ) -> AsyncGenerator[Client]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(handler, self.limits, self.members), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            client = Client(reader, writer, window)
            await client.flush()
            yield client
        finally:
            writer.close()
            server.close()
            for member in tuple(self.members):
                await member.closed.wait()


def in_a_loop(test: Callable[[Running], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """A test that runs in an event loop of its own; in the end nothing may be held any more."""

    @wraps(test, assigned=("__name__", "__doc__", "__module__"), updated=())
    def run() -> None:
        running = Running()
        asyncio.run(test(running))
        assert running.limits.held == 0
        assert not running.members

    del run.__wrapped__  # or pytest would ask for its parameter
    return run


@in_a_loop
async def test_a_message_in_many_pieces(running: Running) -> None:
    async with running.client() as client:
        number = await client.begin()
        for byte in message(b"hello")[:-1]:
            await client.send(number, bytes([byte]), end=False)
        await client.send(number, b"o")
        found = await client.outcome(number)
        assert (found["grpc-status"], found["data"]) == ("0", message(b":hello"))


@in_a_loop
async def test_calls_end_in_another_order_than_they_began(running: Running) -> None:
    async with running.client() as client:
        first, second = await client.begin(), await client.begin()
        await client.send(second, message(b"2"))
        assert (await client.outcome(second))["data"] == message(b":2")
        await client.send(first, message(b"1"))
        assert (await client.outcome(first))["data"] == message(b":1")


@in_a_loop
async def test_a_compressed_message_says_how(running: Running) -> None:
    async with running.client() as client:
        number = await client.begin(grpc_encoding="gzip")
        packed = gzip.compress(b"x")
        await client.send(number, message(packed, 1))
        assert (await client.outcome(number))["data"] == message(b"gzip:" + packed)


@in_a_loop
async def test_what_is_no_single_message_is_refused(running: Running) -> None:
    async with running.client() as client:
        for sent in (
            b"",
            b"\0\0",
            message(b"a") + message(b"b"),
            message(b"ab")[:-1],
            message(b"a", 2),
            message(b"a", 1),
        ):
            number = await client.begin()
            await client.send(number, sent)
            found = await client.outcome(number)
            assert found["grpc-status"] == "3", sent
            assert found["grpc-message"]


@in_a_loop
async def test_an_answer_waits_for_room(running: Running) -> None:
    async with running.client(window=3) as client:
        number = await client.begin()
        await client.send(number, message(b"a longer answer than fits"))
        found = await client.outcome(number, grow=3)
        assert found["data"] == message(b":a longer answer than fits")


@in_a_loop
async def test_a_message_over_the_limit_is_refused_before_it_is_complete(running: Running) -> None:
    async with running.client() as client:
        number = await client.begin()
        outcome = asyncio.ensure_future(client.outcome(number))
        await client.pour(number, 4 * LIMIT, outcome)
        assert "larger than 1 MiB" in (await outcome)["grpc-message"]


@in_a_loop
async def test_a_message_over_the_limit_that_is_complete_before_it_is_refused(running: Running) -> None:
    complete = asyncio.Event()

    async def late(incoming: Incoming) -> Answer:
        if incoming.path == "/a.B/Next":
            complete.set()  # the server reads in order
        await complete.wait()
        return await echo(incoming)

    async with running.client(late) as client:
        number = await client.begin()
        outcome = asyncio.ensure_future(client.outcome(number))
        await client.pour(number, 2 * LIMIT, outcome)
        await client.send(number, b"")
        await client.begin(**{":path": "/a.B/Next"})
        assert "larger than 1 MiB" in (await outcome)["grpc-message"]


@in_a_loop
async def test_a_call_that_is_taken_back_frees_what_it_held(running: Running) -> None:
    async with running.client() as client:
        number = await client.begin()
        await client.send(number, message(bytes(10_000))[:-1], end=False)
        other = await client.begin()
        await client.send(other, message(b"x"))
        await client.outcome(other)
        assert running.limits.held == 10_004
        client.h2.reset_stream(number)
        again = await client.begin()
        await client.send(again, message(b"y"))
        await client.outcome(again)
        assert running.limits.held == 0


@in_a_loop
async def test_a_client_that_goes_away_does_not_end_what_was_begun(running: Running) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def keep(incoming: Incoming) -> Answer:
        await incoming.message()
        begun.set()
        await go_on.wait()
        ended.set()
        return Answer(Status(0))

    async with running.client(keep) as client:
        number = await client.begin()
        await client.send(number, message(b"x"))
        await begun.wait()
        client.writer.close()
        for member in tuple(running.members):
            await member.closed.wait()
    go_on.set()
    await asyncio.wait_for(ended.wait(), 5)


@in_a_loop
async def test_leaving_answers_what_was_begun_and_then_closes(running: Running) -> None:
    go_on, begun = asyncio.Event(), asyncio.Event()

    async def keep(incoming: Incoming) -> Answer:
        await incoming.message()
        begun.set()
        await go_on.wait()
        return Answer(Status(0), b"kept")

    async with running.client(keep) as client:
        number = await client.begin()
        await client.send(number, message(b"x"))
        await begun.wait()
        (member,) = running.members
        member.leave()
        assert not member.closed.is_set()
        go_on.set()
        # h2 as a client reads nothing after a goodbye; the official ones do.
        assert message(b"kept") in await asyncio.wait_for(client.rest(), 5)
        await asyncio.wait_for(member.closed.wait(), 5)


@in_a_loop
async def test_a_sentence_with_other_letters_arrives(running: Running) -> None:
    async def refuse(_: Incoming) -> Answer:
        return Answer(Status(13, "100 % größer\n"))

    async with running.client(refuse) as client:
        number = await client.begin()
        await client.send(number, message(b""))
        found = await client.outcome(number)
        assert (found["grpc-status"], found["grpc-message"]) == ("13", "100 %25 gr%C3%B6%C3%9Fer%0A")


@pytest.mark.parametrize("head", [{"content_type": "text/plain"}, {":method": "PUT"}])
def test_what_is_no_grpc_is_told_so(head: dict[str, str]) -> None:
    @in_a_loop
    async def test(running: Running) -> None:
        async with running.client() as client:
            number = await client.begin(**head)
            await client.send(number, b"")
            assert (await client.outcome(number))["grpc-status"] == "3"

    test()


def test_a_message_that_does_not_arrive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_wire, "BODY_SECONDS", 0.01)

    @in_a_loop
    async def test(running: Running) -> None:
        async with running.client() as client:
            number = await client.begin()
            assert "did not arrive" in (await client.outcome(number))["grpc-message"]

    test()
