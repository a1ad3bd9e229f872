"""A provider of responses that are made in the background: queued when they are asked for, done when the test says so; looked at whole, or as a stream."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

USAGE = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}


class BackgroundProvider:
    """`with BackgroundProvider() as provider:` serves on `provider.url` until the block ends."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        """Responses by their ids."""
        provider = self

        class Handler(_Handler):
            made = provider.made

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def become(self, response_id: str, status: str, usage: dict[str, int] | None = USAGE) -> None:
        """From now on it is so."""
        self.made[response_id] |= {"status": status, "usage": usage}

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
    made: dict[str, dict[str, Any]]

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path.endswith("/cancel"):
            response = self.made[self.path.split("/")[-2]]
            response["status"] = "cancelled"
        else:
            response: dict[str, Any] = {
                "id": f"resp_{len(self.made)}", "object": "response", "created_at": told["metadata"]["created"],
                "status": "queued", "model": told["model"], "output": [], "usage": None, "background": True,
            }  # fmt: skip
            self.made[response["id"]] = response
        self._answer("application/json", json.dumps(response).encode())

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        response = self.made[path.split("/")[-1]]
        if "stream=true" not in query:
            self._answer("application/json", json.dumps(response).encode())
            return
        begun = {"type": "response.created", "response": {**response, "status": "queued", "usage": None}}
        done = {"type": f"response.{response['status']}", "response": response}
        self._answer("text/event-stream", b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in (begun, done)))

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Say nothing: a test's output is the test's own."""
