"""Requests of S3's in; a bucket in memory, which lets in only who signs with the right key, out."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

ACCESS_KEY = "AKSTUB"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _files(self) -> dict[str, bytes]:
        assert isinstance(self.server, StubS3)
        return self.server.files

    def do_PUT(self) -> None:
        self._answer(200, b"", self._key(), self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            self._answer(200, self._listed(asked["prefix"][0]))
        else:
            self._found(self._files.get(self._key()))

    def do_HEAD(self) -> None:
        self._found(self._files.get(self._key()))

    def do_DELETE(self) -> None:
        self._files.pop(self._key(), None)
        self._answer(204, b"")

    def do_POST(self) -> None:
        told = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall(r"<Key>(.*?)</Key>", told)
        for key in keys:
            self._files.pop(key, None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base class calls it
        pass

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/media/")

    def _listed(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-11-21T05:00:00.000Z</LastModified>"
            f"<Size>{len(self._files[key])}</Size></Contents>"
            for key in sorted(self._files)
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()

    def _found(self, file: bytes | None) -> None:
        if file is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(200, file)

    def _answer(self, status: int, body: bytes, key: str = "", kept: bytes | None = None) -> None:
        if f"Credential={ACCESS_KEY}/" not in self.headers.get("Authorization", ""):
            status, body, kept = 403, b"<Error><Code>AccessDenied</Code></Error>", None
        if kept is not None:
            self._files[key] = kept
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"etag"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 05:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class StubS3(ThreadingHTTPServer):
    """A bucket called media."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
