"""What is said on each connection in, as code; a provider on the test's own loop, and how it is asked, out."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvloop

from farthing.gateway.upstream.answer import Answer
from farthing.gateway.upstream.client import Body, Upstream
from farthing.routing.plan import Timeouts

Script = Callable[["Line"], Awaitable[None]]
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
PATIENT = Timeouts(30, 30, 60)


class Line:
    """One connection, as the provider has it."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer

    async def heard(self) -> tuple[bytes, bytes]:
        """A request's head and body. Raises `asyncio.IncompleteReadError` where there is none."""
        head = await self.head()
        lower = head.lower()
        if b"transfer-encoding: chunked" not in lower:
            length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
            return head, await self.reader.readexactly(length)
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()
        return head, body

    async def head(self) -> bytes:
        """A request's head."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def say(self, *parts: bytes) -> None:
        """Send it, each part for itself."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def gone(self) -> None:
        """Until the other side has closed."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


class Provider:
    """Its address, and how often somebody connected."""

    def __init__(self) -> None:
        self.lines = 0
        self.url = ""
        self.left = asyncio.Event()
        """A connection is over, on either side."""


@contextlib.asynccontextmanager
async def provider(script: Script, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Provider]:
    """One that goes by the script on every connection."""
    found = Provider()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.lines += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await script(Line(found.lines, reader, writer))
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            found.left.set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    found.url = f"{'https' if tls else 'http'}://localhost:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@contextlib.asynccontextmanager
async def upstream(*given: Any) -> AsyncGenerator[Upstream]:
    """A client, closed at the end."""
    made = Upstream(*given)
    try:
        yield made
    finally:
        await made.close()


async def asked(
    client: Upstream,
    url: str,
    body: Body = None,
    method: str = "",
    timeouts: Timeouts = PATIENT,
    length: int | None = None,
) -> Answer:
    """An answer whose body is still to come."""
    method = method or ("GET" if body is None else "POST")
    return await client.ask(method, url, {"x-one": "é"}, body, timeouts, length)


async def whole(answer: Answer) -> bytes:
    """Its body."""
    parts: list[bytes] = []
    try:
        while part := await answer.read():
            parts.append(part)
    finally:
        answer.close()
    return b"".join(parts)


def run(loop: str, main: Coroutine[Any, Any, None]) -> None:
    """To its end, on such a loop; nothing may be left open."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(main)


each_loop = pytest.mark.parametrize("loop", LOOPS)
