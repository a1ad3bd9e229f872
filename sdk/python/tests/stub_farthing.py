"""Answers scripted by a test go in; a real HTTP server that gives them, and remembers what it was sent, comes out."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any, Callable, NamedTuple

Reply = Callable[["Sent"], "tuple[int, dict[str, str], bytes] | None"]


class Sent(NamedTuple):
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class StubFarthing:
    """Takes every batch and answers as the server does, unless a test has put something else in `replies`."""

    def __init__(self, port: int = 0) -> None:
        """Listens from here, on a free port unless one is given."""
        self.sent: list[Sent] = []
        self.replies: list[Reply] = []
        self.budget: dict[str, Any] = {}
        """Goes into every result."""
        self.workspace: dict[str, Any] = {"isBudgetExceeded": False}
        self._seen: set[str] = set()
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> StubFarthing:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Listens no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def batches(self) -> list[list[dict[str, Any]]]:
        """The records of each batch, answered or not."""
        return [one.body["requests"] for one in self.sent if one.method == "POST"]

    @property
    def records(self) -> list[dict[str, Any]]:
        """All records that arrived, in order."""
        return [record for batch in self.batches for record in batch]

    @property
    def ids(self) -> list[str]:
        """Their external request ids."""
        return [record["externalRequestId"] for record in self.records]

    def wait_for(self, enough: Callable[[], bool], timeout: float = 10.0) -> None:
        """Come back when it is so; fail if it never is."""
        with self._changed:
            assert self._changed.wait_for(enough, timeout), (
                f"it never came to that; {len(self.records)} records arrived"
            )

    def receive(self, one: Sent) -> tuple[int, dict[str, str], bytes]:
        """The answer to a request."""
        with self._changed:
            self.sent.append(one)
            reply = self.replies.pop(0) if self.replies and one.method == "POST" else None
            self._changed.notify_all()
        scripted = None if reply is None else reply(one)
        if scripted is not None:
            return scripted
        if one.method == "GET":
            return 200, {}, json.dumps(self.workspace).encode()
        return 200, {}, json.dumps({"ok": True, "results": [self._result(r) for r in one.body["requests"]]}).encode()

    def _result(self, record: dict[str, Any]) -> dict[str, Any]:
        name = record["externalRequestId"]
        known = name in self._seen
        self._seen.add(name)
        return {
            "ok": True,
            "externalRequestId": name,
            "duplicate": known,
            "costUsd": "0.000541",
            "costStatus": "computed",
            "warnings": [],
            "budgetExceeded": False,
            **self.budget,
        }


def status(code: int, headers: dict[str, str] | None = None, body: bytes = b"{}") -> Reply:
    """Answer with this status."""
    return lambda _: (code, headers or {}, body)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that doesn't wait for its answer is part of what is tested."""


def _handler(stub: StubFarthing) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(json.loads(body))

        def do_GET(self) -> None:
            self._answer(None)

        def _answer(self, body: Any) -> None:
            code, headers, content = stub.receive(Sent(self.command, self.path, dict(self.headers), body))
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called
            pass

    return Handler
