"""Keys and addresses that are wrong in every way people get them wrong: one sentence says which of them, and what to do."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from farthing.cli.client import Client, RefusedError
from farthing.settings import load

KEY = "fk_" + "k" * 43


class _Page(BaseHTTPRequestHandler):
    """Some other program's page, found or not."""

    def do_GET(self) -> None:
        self.send_response(404 if "missing" in self.path else 401 if "unknown" in self.path else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE HTML><title>Welcome</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has there
        """Nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("key", ["fk_…", "fk_a\nb", "fk_ключ"], ids=["copied", "two lines", "letters"])
def test_a_key_that_none_can_be(tmp_path: Path, key: str) -> None:
    with pytest.raises(RefusedError, match=r"The key \(--key, FARTHING_KEY\) has characters that no key has"):
        Client(load(data=tmp_path), "http://127.0.0.1:9", key)


@pytest.mark.parametrize("url", ["127.0.0.1:4180", "localhost:4180", "ftp://x", "http://", "http://x:port"])
def test_an_address_that_none_can_be(tmp_path: Path, url: str) -> None:
    with pytest.raises(RefusedError, match=r"is no address of a server \(--url, FARTHING_URL\)\. Such as: http://"):
        Client(load(data=tmp_path), url, KEY)


@pytest.mark.parametrize("path", ["/api/v1/spend", "/missing"])
def test_somebody_else_s_server(tmp_path: Path, page: str, path: str) -> None:
    with pytest.raises(RefusedError, match=r"is no Farthing, or something stands before it: (200|404) with text/html"):
        Client(load(data=tmp_path), page, KEY).get(path)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"No server answers at http://127\.0\.0\.1:9 .* Is that its address"):
        Client(load(data=tmp_path), "http://127.0.0.1:9", KEY).get("/")
    (tmp_path / "address").write_text("http://127.0.0.1:9")
    with pytest.raises(RefusedError, match="Start one with: farthing up"):
        Client(load(data=tmp_path), None, KEY).get("/")


def test_the_folder_s_own_key_is_not_taken_any_more(tmp_path: Path, page: str) -> None:
    (tmp_path / "cli-key").write_text(KEY)
    with pytest.raises(RefusedError, match="It is the data folder's own; the server makes another when it is started"):
        Client(load(data=tmp_path), page).get("/unknown")
    with pytest.raises(RefusedError) as refused:
        Client(load(data=tmp_path), page, KEY).get("/unknown")
    assert "own" not in str(refused.value)
