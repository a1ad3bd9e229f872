"""A port, a key and a number of posts in; requests over kept-alive connections, and one line of figures, out.

A process of its own, so that what sending costs is not counted as the server's. All bodies are made before the first is sent.
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

_MODELS = ("gpt-4o-mini", "gpt-4o", "gpt-4.1", "claude-sonnet-4-5", "gpt-4.1-mini")
_FEATURES = ("checkout.ai_summary", "support.reply", "invoice.extract", "search.rerank")


class Figures(msgspec.Struct, frozen=True):
    """What a run came to."""

    calls: int
    seconds: float
    cpu_s: float
    """Spent on sending."""
    p50_ms: float
    p95_ms: float
    refused: int
    """Posts that were not answered with 200."""


def call(number: int, run: str) -> dict[str, object]:
    """A call as an application posts it."""
    return {
        "externalRequestId": f"ext_{run}_{number:012d}",
        "provider": "anthropic" if number % 5 == 3 else "openai",
        "model": _MODELS[number % 5],
        "promptVersion": f"summarizer_v{number % 3}",
        "endpointTag": _FEATURES[number % 4],
        "inputTokens": 800 + number % 1000,
        "outputTokens": 100 + number % 300,
        "totalTokens": 900 + number % 1000 + number % 300,
        "cachedInputTokens": number % 500,
        "latencyMs": 400 + number % 900,
        "status": "error" if number % 50 == 0 else "success",
        "userId": f"u_{number % 997}",
        "tenantId": f"tenant-{number % 40}",
        "environment": "prod",
        "metadata": {"plan": "pro", "region": "eu"},
    }


class _Connection(asyncio.Protocol):
    """Posts one request after the other, the next one when the last is answered."""

    def __init__(self, requests: Iterator[bytes], took: list[float], done: "asyncio.Future[None]") -> None:
        self._requests, self._took, self._done = requests, took, done
        self._buffer = b""
        self._sent = 0.0
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._buffer = b""
        self._took.append(time.perf_counter() - self._sent)
        self.refused += not head.startswith(b"HTTP/1.1 200")
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))


def posts(given: argparse.Namespace) -> list[bytes]:
    """Whole requests."""
    encode = msgspec.json.encode
    if given.batch == 1:
        path, bodies = "llm-request", [encode(call(n, given.run)) for n in range(given.calls)]
    else:
        firsts = range(0, given.calls, given.batch)
        path = "llm-requests"
        bodies = [
            encode({"requests": [call(n, given.run) for n in range(at, min(at + given.batch, given.calls))]})
            for at in firsts
        ]
    head = f"POST /v1/ingest/{path} HTTP/1.1\r\nHost: {HOST}\r\nX-API-Key: {given.key}\r\nContent-Type: application/json\r\n"
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


async def send(given: argparse.Namespace) -> Figures:
    """All of them, as fast as they are answered."""
    requests = posts(given)
    waiting = iter(requests)
    took: list[float] = []
    loop = asyncio.get_running_loop()
    connections: list[_Connection] = []
    ends: list[asyncio.Future[None]] = []
    started, cpu = time.perf_counter(), _cpu()
    for _ in range(given.connections):
        done: asyncio.Future[None] = loop.create_future()
        connection = _Connection(waiting, took, done)
        connections.append(connection)
        ends.append(done)
        await loop.create_connection(lambda connection=connection: connection, HOST, given.port)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - started
    took.sort()
    return Figures(
        given.calls,
        seconds,
        _cpu() - cpu,
        took[len(took) // 2] * 1000,
        took[len(took) * 95 // 100] * 1000,
        sum(connection.refused for connection in connections),
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("port", "calls", "connections", "batch"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("key", "run"):
        parser.add_argument(f"--{name}", required=True)
    print(msgspec.json.encode(uvloop.run(send(parser.parse_args()))).decode())
