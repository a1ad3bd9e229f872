"""Price data over HTTP from a server on this machine: taken when it is there, refused with a sentence when it is odd."""

import gzip
import http.server
import threading
import time
from collections.abc import Generator

import pytest

from farthing.cli.client import RefusedError
from farthing.cli.fetching import MOST_DETOURS, fetch

DATA = b'[{"id": "openai"}]'


class Site(http.server.ThreadingHTTPServer):
    """Answers as the path says."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.closing = threading.Event()
        self.asked: list[str | None] = []


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site = self.server
        assert isinstance(site, Site)
        site.asked.append(self.headers["If-None-Match"])
        what, _, number = self.path[1:].partition("/")
        if what == "detour":
            left = int(number)
            self._answer(302, b"", Location=f"/detour/{left - 1}" if left > 1 else "/data")
        elif what == "page":
            self._answer(200, b"<!doctype html><title>Sign in</title>", **{"Content-Type": "text/html"})
        elif what == "bomb":
            self._answer(200, gzip.compress(b"[" + b" " * 5_000_000), **{"Content-Encoding": "gzip"})
        elif what == "drip":
            self.send_response(200)
            self.end_headers()
            while not site.closing.wait(0.05):
                try:
                    self.wfile.write(b"[" * 1_000)
                except OSError:
                    return
        elif what == "hang":
            site.closing.wait(30)
        elif what == "data":
            self._answer(200, DATA, ETag='"1"')
        else:
            self._answer(404, b"not here")

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Nothing."""


@pytest.fixture
def site() -> Generator[Site]:
    running = Site()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.closing.set()
    running.shutdown()
    running.server_close()
    thread.join()


def test_data_is_fetched_also_by_detours_and_always_whole(site: Site) -> None:
    assert fetch(f"{site.url}/data") == DATA
    assert fetch(f"{site.url}/data") == DATA
    assert site.asked == [None, None]
    assert fetch(f"{site.url}/detour/{MOST_DETOURS}") == DATA


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("page", "a page to sign in"),
        ("bomb", "more than 1,000,000 bytes"),
        ("nothing", "404"),
        (f"detour/{MOST_DETOURS + 1}", "redirects"),
    ],
)
def test_what_is_odd_is_refused_with_a_reason(site: Site, path: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        fetch(f"{site.url}/{path}", most_bytes=1_000_000)


@pytest.mark.parametrize("path", ["drip", "hang"])
def test_who_takes_too_long_is_not_waited_for(site: Site, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(RefusedError, match="--file"):
        fetch(f"{site.url}/{path}", most_seconds=0.5)
    assert time.monotonic() - began < 20


def test_what_is_no_address_is_refused() -> None:
    for source in ("file:///etc/passwd", "nowhere", "http://", "http://127.0.0.1:1/"):
        with pytest.raises(RefusedError, match="can't be fetched"):
            fetch(source)
