"""A context manager in, a provider on a free loopback port out; each answered request is kept for the test."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import unquote

from stub_provider import anthropic, openai, openai_media, others
from stub_provider.bodies import body_of, fields_of

Whole = Callable[[dict[str, Any]], dict[str, Any] | bytes]
Stream = Callable[[dict[str, Any], Any], Iterator[str]]
Route = tuple[str, Whole, Stream | None, Callable[[], dict[str, Any]]]

ROUTES: tuple[Route, ...] = (
    (r"(/openai)?/v1/chat/completions", openai.chat, openai.chat_stream, openai.rate_limited),
    (r"/v1/responses", openai.responses, openai.responses_stream, openai.rate_limited),
    (r"/v1/responses/compact", openai.compacted, None, openai.rate_limited),
    (r"/v1/completions", openai.completions, openai.completions_stream, openai.rate_limited),
    (r"/v1/embeddings", openai.embeddings, None, openai.rate_limited),
    (r"/v1/images/\w+", openai_media.images, openai_media.images_stream, openai.rate_limited),
    (r"/v1/audio/speech", openai_media.speech, openai_media.speech_stream, openai.rate_limited),
    (
        r"/v1/audio/transcriptions",
        openai_media.transcription,
        openai_media.transcription_stream,
        openai.rate_limited,
    ),
    (r"/v1/audio/translations", openai_media.translation, None, openai.rate_limited),
    (r"/v1/moderations", openai_media.moderation, None, openai.rate_limited),
    (r"/v1/messages/count_tokens", anthropic.count_tokens, None, anthropic.rate_limited),
    (r"/v1/messages", anthropic.message, anthropic.message_stream, anthropic.rate_limited),
    (
        r"/v1(?:beta)?/models/(?P<model>[^:]+):(?:generate|streamGenerate)Content",
        others.generate_content,
        others.generate_content_stream,
        others.rate_limited,
    ),
    (r"/model/(?P<model>[^/]+)/converse", others.converse, None, others.rate_limited),
    (r"/v2/chat", others.cohere_chat, None, others.rate_limited),
)
"""Path, which may name the model → the answer in one piece, as a stream, and when there were too many requests."""

REFUSE = "refuse me"
"""A request with this text in it is answered with 429."""
REFUSED_MODEL = "rate-limited"
"""So is one for this model."""
STRICT_MODEL = "without-stream-options"
"""A request for this one must not have `stream_options`: some servers that speak OpenAI's language know of none."""


@dataclass(frozen=True)
class Answered:
    """One request and what was said to it; a stream as if it had been in one piece. `answer` is None for a refusal."""

    path: str
    request: dict[str, Any]
    streamed: bool
    answer: dict[str, Any] | None


class StubProvider:
    """`with StubProvider() as provider:` serves on `provider.url` until the block ends."""

    def __init__(self) -> None:
        self.answered: list[Answered] = []

        class Handler(_Handler):
            answered = self.answered

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """Path and body of each request that was answered."""
        return [(one.path, one.request) for one in self.answered]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered: ClassVar[list[Answered]]

    def do_POST(self) -> None:
        body = body_of(self)
        path = unquote(self.path.partition("?")[0])
        route = next((route for route in ROUTES if re.fullmatch(route[0], path)), None)
        if route is None:
            self._whole(404, {"error": {"message": f"No such path: {path}"}})
            return
        pattern, whole, stream, refused = route
        in_path = re.fullmatch(pattern, path)
        told = fields_of(body, self.headers.get("Content-Type", ""))
        request: dict[str, Any] = {**told, **(in_path.groupdict() if in_path else {})}
        wanted = request.get("stream") or request.get("stream_format") == "sse" or ":stream" in path
        streamed = stream is not None and bool(wanted)
        if REFUSE.encode() in body or request.get("model") == REFUSED_MODEL:
            self.answered.append(Answered(path, request, streamed, None))
            self._whole(429, refused())
            return
        if request.get("model") == STRICT_MODEL and "stream_options" in request:
            self._whole(400, {"error": {"message": "Unrecognized request argument: stream_options"}})
            return
        answer = whole(request)
        # Kept before it is sent: who has read the last byte may ask at once.
        self.answered.append(Answered(path, request, streamed, answer if isinstance(answer, dict) else {}))
        if streamed and stream is not None:
            self._stream(stream(request, answer))
        else:
            self._whole(200, answer)

    def _whole(self, status: int, answer: dict[str, Any] | bytes) -> None:
        is_json = isinstance(answer, dict)
        body = json.dumps(answer, ensure_ascii=False).encode() if is_json else answer
        self.send_response(status)
        kind = "application/json" if is_json else "audio/mpeg" if answer == openai_media.SPOKEN else "text/plain"
        self.send_header("Content-Type", kind)
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
