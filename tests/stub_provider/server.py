"""A context manager in, a provider on a free loopback port out; each answered request is kept for the test."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self

from stub_provider import anthropic, openai

Whole = Callable[[dict[str, Any]], dict[str, Any]]
Stream = Callable[[dict[str, Any]], Iterator[str]]

ROUTES: dict[str, tuple[Whole, Stream | None, Callable[[], dict[str, Any]]]] = {
    "/v1/chat/completions": (openai.chat, openai.chat_stream, openai.rate_limited),
    "/v1/responses": (openai.responses, openai.responses_stream, openai.rate_limited),
    "/v1/embeddings": (openai.embeddings, None, openai.rate_limited),
    "/v1/messages": (anthropic.message, anthropic.message_stream, anthropic.rate_limited),
}

REFUSE = "refuse me"
"""A request with this text in it is answered with 429."""


class StubProvider:
    """`with StubProvider() as provider:` serves on `provider.url` until the block ends."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []

        class Handler(_Handler):
            answered = self.requests

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered: ClassVar[list[tuple[str, dict[str, Any]]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = self.path.partition("?")[0]
        route = ROUTES.get(path)
        if route is None:
            self._whole(404, {"error": {"message": f"No such path: {path}"}})
            return
        whole, stream, refused = route
        request: dict[str, Any] = json.loads(body)
        if REFUSE in body.decode():
            self._whole(429, refused())
        elif request.get("stream") and stream is not None:
            self._stream(stream(request))
        else:
            self._whole(200, whole(request))
        self.answered.append((path, request))

    def _whole(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            piece = event.encode()
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Say nothing: a test's output is the test's own."""
