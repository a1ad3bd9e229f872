"""The UI's files over HTTP: compressed as asked, kept or asked for again, one page for its addresses, none for the API's."""

import asyncio
import gzip
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from farthing.web.serving import Pages

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def _api(request: Request) -> Response:
    return PlainTextResponse(f"api {request.url.path}")


@dataclass
class Answer:
    """What came, as it was sent."""

    status_code: int
    headers: httpx.Headers
    raw: bytes

    @property
    def text(self) -> str:
        return self.raw.decode()


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-1a2b.js").write_text("plain")
    (assets / "index-1a2b.js.br").write_bytes(b"br")
    (assets.parent / "theme.js").write_text("theme")
    (assets.parent / ".build-hash").write_text("secret")
    (assets.parent / "index.html").write_text("<html><head><title>Farthing</title></head></html>")
    (tmp_path / "outside.txt").write_text("outside")
    return assets.parent


def ask(folder: Path, path: str, root_path: str = "", **headers: str) -> Answer:
    web = Starlette(routes=[Route("/{path:path}", _api, methods=["GET", "POST"])])

    async def asking() -> Answer:
        transport = httpx.ASGITransport(Pages(web, root_path, folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://farthing") as client:
            stream = client.stream("GET", path, headers={"Accept-Encoding": "identity", **headers})
            async with stream as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
                return Answer(answer.status_code, answer.headers, raw)

    return asyncio.run(asking())


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("br, gzip", "br", b"br"),
        ("gzip;q=1", "gzip", gzip.compress(b"plain", 6, mtime=0)),
        ("identity", None, b"plain"),
    ],
)
def test_a_file_comes_as_compressed_as_asked(built: Path, accepted: str, encoding: str | None, body: bytes) -> None:
    answer = ask(built, "/assets/index-1a2b.js", **{"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.raw == body
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/requests", "/traces/abc?span=1", "/costs/tokens"])
def test_every_page_is_the_one_page(built: Path, path: str) -> None:
    answer = ask(built, path, **HTML)
    assert answer.status_code == 200
    assert '<base href="/">' in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/v1/nope", "/v1/traces", "/metrics", "/assets/gone-1.js"])
def test_what_is_the_apis_stays_the_apis(built: Path, path: str) -> None:
    assert ask(built, path, **HTML).text == f"api {path}"


@pytest.mark.parametrize(
    "path", ["/../outside.txt", "/assets/%2e%2e/%2e%2e/outside.txt", "/.build-hash", "/index.html"]
)
def test_nothing_else_of_the_disk_is_sent(built: Path, path: str) -> None:
    text = ask(built, path).text
    assert "outside" not in text.replace("outside.txt", "")
    assert "secret" not in text


@pytest.mark.parametrize("path", ["/llm", "/llm/", "/llm/requests", "/requests"])
def test_a_proxys_prefix_may_be_on_or_off(built: Path, path: str) -> None:
    assert '<base href="/llm/">' in ask(built, path, "/llm", **HTML).text
    assert ask(built, "/llm/theme.js", "/llm").text == "theme"
    assert ask(built, "/llm/api/v1/spend", "/llm", **HTML).text == "api /api/v1/spend"


def test_without_a_ui_it_says_so(tmp_path: Path) -> None:
    answer = ask(tmp_path / "none", "/", **HTML)
    assert answer.status_code == 200
    assert "no web UI" in answer.text
    assert ask(tmp_path / "none", "/").text == "api /"


def test_who_takes_anything_gets_the_page_at_the_front_door_alone(built: Path, tmp_path: Path) -> None:
    anything = {"Accept": "*/*"}
    assert "<title>Farthing</title>" in ask(built, "/", **anything).text
    assert ask(built, "/requests", **anything).text == "api /requests"
    assert "<title>Farthing</title>" in ask(built, "/", Accept="application/json").text
    assert ask(tmp_path / "none", "/", **anything).text == "api /"
