"""Bytes of HTTP/1.1 requests in, right or wrong; the server's answers out, over connections that are kept alive."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Self

Headers = Iterable[tuple[str, str]]


class Answer(NamedTuple):
    """A response. Status 0: the connection ended without one."""

    status: int
    headers: dict[str, str]
    body: bytes


NO_ANSWER = Answer(0, {}, b"")


def head(method: str, path: str, headers: Headers) -> bytes:
    """The bytes before the body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"


def chunked(body: bytes, size: int) -> bytes:
    """The body in chunks of this size."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


class Connection:
    """One connection, opened again when the server closed it."""

    def __init__(self, port: int) -> None:
        """To this loopback port."""
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, within: float) -> Answer:
        """Send a whole request and read its answer. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            try:
                writer.write(request)
                await writer.drain()
                answer = await _answer(reader, has_body=not request.startswith(b"HEAD"))
            except (ConnectionError, asyncio.IncompleteReadError):
                answer = NO_ANSWER
        if answer.status == 0 or answer.headers.get("connection", "").lower() == "close":
            self._close()
        return answer

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Hang up."""
        self._close()

    def _close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _answer(reader: asyncio.StreamReader, *, has_body: bool) -> Answer:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    status = int(lines[0].split(" ", 2)[1])
    if status < 200:  # "go on": the answer itself is still to come
        return await _answer(reader, has_body=has_body)
    body = await reader.readexactly(int(headers.get("content-length", "0"))) if has_body else b""
    return Answer(status, headers, body)
