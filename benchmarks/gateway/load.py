"""A port, a key and a number of calls in; chats over kept-alive connections, and one line of figures, out.

A process of its own, so that what asking costs is not counted as a gateway's.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Iterator
from typing import cast

import msgspec
import uvloop

from benchmarks.process import HOST

_SAID = "Why does a café cost what it costs? " * 8


class Figures(msgspec.Struct, frozen=True):
    """What a run came to; times in milliseconds."""

    calls: int
    seconds: float
    cpu_s: float
    """Spent on asking."""
    p50_ms: float
    p99_ms: float
    first_p50_ms: float
    """Until the first event of a stream, or until the answer's first byte."""
    first_p99_ms: float
    wrong: int
    """Calls that were not answered with 200, or not to the end."""


class _Connection(asyncio.Protocol):
    """Asks one after the other, the next one when the last is answered."""

    def __init__(self, requests: Iterator[bytes], run: "_Run", done: "asyncio.Future[None]") -> None:
        self._requests, self._run, self._done = requests, run, done
        self._buffer = b""
        self._sent = self._first = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._done.set_result(None)
            return
        self._first = 0.0
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        if not self._first and body:
            self._first = time.perf_counter()
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            if not body.endswith(b"0\r\n\r\n"):
                return
        elif len(body) < int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return
        self._buffer = b""
        self._run.took.append(time.perf_counter() - self._sent)
        self._run.first.append(self._first - self._sent)
        self._run.wrong += not head.startswith(b"HTTP/1.1 200")
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))


class _Run:
    def __init__(self) -> None:
        self.took: list[float] = []
        self.first: list[float] = []
        self.wrong = 0


def request(given: argparse.Namespace) -> bytes:
    """One whole request."""
    asked = {
        "model": given.model,
        "messages": [{"role": "user", "content": _SAID}],
        "temperature": 0.2,
        "max_tokens": 400,
        "user": "u_17",
    }
    if given.stream:
        asked["stream"] = True
    body = msgspec.json.encode(asked)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {given.key}\r\n"
    head += "Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: bench\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def ask(given: argparse.Namespace) -> Figures:
    """All of them, as fast as they are answered."""
    one = request(given)
    waiting = iter([one] * given.calls)
    run = _Run()
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = []
    started, cpu = time.perf_counter(), _cpu()
    for _ in range(given.connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda done=done: _Connection(waiting, run, done), HOST, given.port)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - started
    took, first = sorted(run.took), sorted(run.first)
    return Figures(
        len(took), seconds, _cpu() - cpu, _at(took, 50), _at(took, 99), _at(first, 50), _at(first, 99), run.wrong
    )


def _at(times: list[float], percent: int) -> float:
    return times[min(len(times) - 1, len(times) * percent // 100)] * 1000 if times else 0.0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("port", "calls", "connections"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("key", "model"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--stream", action="store_true")
    print(msgspec.json.encode(uvloop.run(ask(parser.parse_args()))).decode())
