"""A context manager in, a provider that misbehaves as the path says out: raw bytes over sockets, nobody's HTTP library."""

import contextlib
import socket
import sys
import threading
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

import brotli  # pyright: ignore[reportMissingTypeStubs]  it has none

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

JSON = b"content-type: application/json\r\n"
EVENTS = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
)
EVENT = b'data: {"id":"chatcmpl-1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'


def chunk(data: bytes) -> bytes:
    """One chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(status: bytes, body: bytes, headers: bytes = JSON) -> bytes:
    """An answer in one piece."""
    said = (status, headers, len(body), body)
    return b"HTTP/1.1 %b\r\n%bconnection: close\r\ncontent-length: %d\r\n\r\n%b" % said


ANSWER = b'{"id":"x","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":17}}'
TOLD = b'data: {"id":"x","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":17}}\n\ndata: [DONE]\n\n'
PACKED_EVENTS = zlib.compress(EVENT + TOLD)


def events(said: bytes, encoding: bytes = b"", cut: int = 40) -> bytes:
    """A stream in two chunks, packed where that is told."""
    head = EVENTS.replace(b"\r\n\r\n", b"\r\ncontent-encoding: %b\r\n\r\n" % encoding) if encoding else EVENTS
    return head + chunk(said[:cut]) + chunk(said[cut:]) + b"0\r\n\r\n"


SAID = '{"id":"x","model":"gpt-4o-mini","choices":[{"index":0,"%s":{"content":"né"}}]}'
WHOLE = (SAID % "message").encode()
PIECE = (f"data: {SAID}\n\n" % "delta").encode()
NO_UNICODE = (b"\xc3\xa9", b"\xc3")
DEEP = (b'"x",', b'"x","y":' + b"[" * 2_000 + b"]" * 2_000 + b",")


ANSWERS: dict[str, bytes] = {
    "limited": whole(
        b"429 Too Many Requests", b'{"error":{"code":"rate_limit_exceeded","message":"slow down"}}', JSON + b"retry-after: 7\r\n"
    ),
    "broken": whole(b"500 Internal Server Error", b"<html>oops</html>", b"content-type: text/html\r\n"),
    "malformed": whole(b"200 OK", b'{"id": "x", "choices": [}'),
    "short": b"HTTP/1.1 200 OK\r\n" + JSON + b'content-length: 100\r\n\r\n{"id": "x"',
    "cut": EVENTS + chunk(EVENT) + chunk(EVENT)[:20],
    "moved": whole(b"301 Moved", b"there", b"location: http://127.0.0.1:9/\r\ncontent-type: text/plain\r\n"),
    "packed": whole(b"200 OK", zlib.compress(ANSWER), JSON + b"content-encoding: deflate\r\n"),
    "packed-anew": whole(b"200 OK", zstd.compress(ANSWER), JSON + b"content-encoding: zstd\r\n"),
    "packed-small": whole(b"200 OK", cast("Any", brotli).compress(ANSWER), JSON + b"content-encoding: br\r\n"),
    "packed-badly": whole(b"200 OK", zlib.compress(ANSWER)[:-20] + b"nonsense" * 9, JSON + b"content-encoding: gzip\r\n"),
    "packed-events": events(PACKED_EVENTS, b"deflate"),
    "unheard-events": events(PACKED_EVENTS, b"lzma"),
    "accented": whole(b"200 OK", WHOLE),
    "accented-packed": whole(b"200 OK", zlib.compress(WHOLE), JSON + b"content-encoding: gzip\r\n"),
    "accented-events": events(PIECE + TOLD, cut=PIECE.index(b"\xa9")),
    "accented-packed-events": events(zlib.compress(PIECE + TOLD), b"gzip"),
    "no-unicode": whole(b"200 OK", WHOLE.replace(*NO_UNICODE)),
    "no-unicode-events": events(PIECE.replace(*NO_UNICODE) + TOLD),
    "deep": whole(b"200 OK", WHOLE.replace(*DEEP)),
    "deep-events": events(PIECE.replace(*DEEP) + TOLD),
    "unnamed": whole(b"200 OK", ANSWER, b""),
    "nothing": b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello",
    "repeating": whole(b"422 Unprocessable Entity", b'{"detail":[{"input":{"stream_options":{"include_usage":true}}}]}'),
    "denied": whole(b"999 Denied", b"{}"),
    "no-http": b"hello there\r\n\r\n",
    "silent": b"",
}  # fmt: skip
"""Path → all that is said before the connection is closed."""


class OddProvider:
    """`with OddProvider() as provider:` serves `provider.url`/<way of misbehaving>/… until the block ends."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.left = threading.Event()
        """Somebody who was being answered without end has gone."""
        self.answered = threading.Event()
        """Somebody has been given all there is to say."""
        self.asked = threading.Event()
        """Somebody waits for an answer that doesn't come."""

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            way = _read(connection).split(b" ")[1].decode().split("/")[1]
            endless: dict[str, Callable[[socket.socket], None]] = {
                "endless": self._endless,
                "endless-json": self._endless_json,
                "waiting": self._waiting,
            }
            if way in endless:
                endless[way](connection)
            else:
                connection.sendall(ANSWERS[way])
                self.answered.set()

    def _endless(self, connection: socket.socket) -> None:
        connection.sendall(EVENTS)
        try:
            while True:
                connection.sendall(chunk(EVENT))
        finally:
            self.left.set()

    def _endless_json(self, connection: socket.socket) -> None:
        connection.sendall(EVENTS.replace(b"text/event-stream", b"application/json"))
        try:
            while True:
                connection.sendall(chunk(b" " * 65_536))
        finally:
            self.left.set()

    def _waiting(self, connection: socket.socket) -> None:
        self.asked.set()
        if connection.recv(1) == b"":
            self.left.set()


def _read(connection: socket.socket) -> bytes:
    """One request."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
    while len(body) < length:
        body += connection.recv(65536)
    return request
