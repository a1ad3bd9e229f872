"""A port in; a provider that answers every chat at once, in one piece or as a stream of events, out.

It understands no more of HTTP than clients of this benchmark speak, so that it costs next to nothing.
"""

import argparse
import asyncio
from typing import Any, cast

import msgspec
import uvloop

from benchmarks.process import HOST

_USAGE = {"prompt_tokens": 21, "completion_tokens": 17, "total_tokens": 38}
_TEXT = "Observability tells you why a café costs $0.0042 per answer. " * 4


def _whole(number: int) -> bytes:
    answer = {
        "id": f"chatcmpl-{number:024d}",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}],
        "usage": _USAGE,
        "service_tier": "default",
    }
    body = msgspec.json.encode(answer)
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _chunk(number: int, choices: list[dict[str, Any]], usage: object = None) -> bytes:
    event = msgspec.json.encode(
        {
            "id": f"chatcmpl-{number:024d}",
            "object": "chat.completion.chunk",
            "created": 1_750_000_000,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": choices,
            "usage": usage,
        }
    )
    data = b"data: %b\n\n" % event
    return b"%x\r\n%b\r\n" % (len(data), data)


class Provider(asyncio.Protocol):
    """One connection."""

    answered = 0

    def __init__(self, events: int, pause_s: float) -> None:
        self._events, self._pause_s = events, pause_s
        self._buffer = b""
        self._streaming: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is said until it is asked."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's own
        """Whoever is gone reads no more."""
        if self._streaming is not None:
            self._streaming.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer when the request is whole."""
        self._buffer += data
        while True:
            head, end, body = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
            if len(body) < length:
                return
            self._buffer = body[length:]
            self._answer(body[:length])

    def _answer(self, body: bytes) -> None:
        Provider.answered += 1
        number = Provider.answered
        if b'"stream":true' in body or b'"stream": true' in body:
            self._streaming = asyncio.get_running_loop().create_task(self._stream(number))
        else:
            self._transport.write(_whole(number))

    async def _stream(self, number: int) -> None:
        write = self._transport.write
        write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(self._events):
            write(_chunk(number, [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]))
            if self._pause_s:
                await asyncio.sleep(self._pause_s)
        write(_chunk(number, [{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        write(_chunk(number, [], _USAGE))
        write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")


async def serve(port: int, events: int, pause_s: float) -> None:
    """Until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Provider(events, pause_s), HOST, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--events", type=int, default=20, help="of a stream")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two of them")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.events, given.pause))
