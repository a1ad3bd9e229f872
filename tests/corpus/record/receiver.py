"""A folder and a stub provider in; a server for OTLP that files what an app sends, case by case, out.

The app says where a case begins and ends by `POST /case/<name>/begin` and `/end`; at the end the truth is written.
"""

import gzip
import json
import shutil
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus.record import served
from stub_provider import StubProvider
from stub_provider.bodies import body_of

_SIGNALS = ("traces", "metrics", "logs")
_HERE = [str(path).encode() for path in (Path(__file__).parents[3], sys.base_prefix, Path.home())]
"""Paths of the machine that records."""
_LARGEST = 150_000


def anonymous(body: bytes) -> bytes:
    """The body without this machine's paths; what stands in their place is as long, so that lengths still hold."""
    for path in _HERE:
        body = body.replace(path, b"/" + b"x" * (len(path) - 1))
    return body


class Receiver:
    """`with Receiver(...) as receiver:` serves on `receiver.url`; `cases` are those that were recorded."""

    def __init__(self, library: str, folder: Path, provider: StubProvider, keep: tuple[str, ...]) -> None:
        self.library, self.folder, self.provider, self.keep = library, folder, provider, keep
        self.versions: dict[str, str] = {}
        self.cases: list[str] = []
        self._case = ""
        self._requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(_Handler):
            owner = receiver

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

    def begin(self, case: str) -> None:
        """What comes from now on belongs to this case."""
        with self._lock:
            self._case = case
            self._requests = []
            self.provider.answered.clear()
            shutil.rmtree(self.folder / case, ignore_errors=True)
            (self.folder / case).mkdir(parents=True)

    def end(self, app: dict[str, Any]) -> None:
        """Everything of the case has been sent: write down what was true."""
        with self._lock:
            truth = {
                "library": self.library,
                "case": self._case,
                "versions": self.versions,
                "requests": self._requests,
                "app": app,
                "llm_calls": served.calls(self.provider.answered),
            }
            text = json.dumps(truth, indent=1, ensure_ascii=False)
            (self.folder / self._case / "truth.json").write_text(text + "\n", encoding="utf-8")
            self.cases.append(self._case)
            self._case = ""

    def take(self, path: str, content_type: str, body: bytes) -> None:
        """One request of an exporter."""
        signal = path.rsplit("/", 1)[-1]
        with self._lock:
            if signal not in _SIGNALS or signal not in self.keep:
                return
            if not self._case:
                print(f"{self.library}: {len(body)} bytes of {signal} between two cases")
                return
            if len(body) > _LARGEST:
                print(f"{self.library}/{self._case}: {len(body)} bytes of {signal}")
            ending = "json" if "json" in content_type else "pb"
            name = f"{len(self._requests):02}-{signal}.{ending}"
            (self.folder / self._case / name).write_bytes(body)
            self._requests.append(
                {"method": "POST", "path": path, "content_type": content_type, "signal": signal, "file": name}
            )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Receiver

    def do_POST(self) -> None:
        body = anonymous(self._decoded(body_of(self)))
        path = self.path.partition("?")[0]
        if path.startswith("/case/"):
            _, _, case, step = path.split("/")
            if step == "begin":
                self.owner.begin(case)
            else:
                self.owner.end(json.loads(body))
        else:
            self.owner.take(path, self.headers.get("Content-Type", ""), body)
        content_type = self.headers.get("Content-Type", "application/json")
        self._answer(b"{}" if "json" in content_type else b"", content_type)

    def do_GET(self) -> None:
        self._answer(b"{}", "application/json")

    def _decoded(self, body: bytes) -> bytes:
        encoding = self.headers.get("Content-Encoding", "")
        if encoding == "gzip":
            return gzip.decompress(body)
        return zlib.decompress(body) if encoding == "deflate" else body

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Say nothing: what goes wrong shows in the score."""
