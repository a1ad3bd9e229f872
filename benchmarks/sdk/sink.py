"""Telemetry of any SDK in; the shortest answer it takes for a success out: `python sink.py` prints its port."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OURS = "/v1/ingest/llm-requests"


class Sink(BaseHTTPRequestHandler):
    """Reads a body and forgets it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """As many results as there were calls for ours; an empty OTLP answer, or an empty object, for the others."""
        body = self._body()
        if self.path != OURS:
            is_json = "json" in self.headers.get("Content-Type", "")
            self._answer(b"{}" if is_json else b"", "application/json" if is_json else "application/x-protobuf")
            return
        results = [{"ok": True, "costUsd": "0.000541", "costStatus": "computed"}] * len(json.loads(body)["requests"])
        self._answer(json.dumps({"ok": True, "results": results}).encode(), "application/json")

    def do_GET(self) -> None:
        """Whatever an SDK wants to know when it starts."""
        self._answer(b"{}", "application/json")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            pieces: list[bytes] = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  so it is called
        """Nothing is printed."""


def main() -> None:
    """Serve on a free port until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
