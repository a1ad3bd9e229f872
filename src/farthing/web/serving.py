"""A browser's GETs in; the UI's files, and its one page for every address that is no API's, out.

Files are compressed with brotli when the UI is built, with gzip when first wanted so, never per request, and stay in memory once
asked for; those with a hash in their name are kept by browsers for good.
"""

import gzip
import html
import mimetypes
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

DIST = Path(__file__).parent / "dist"

_NOT_PAGES = ("/api/", "/v1/", "/llmops/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_FOR_GOOD = "public, max-age=31536000, immutable"
_POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none';"
        " base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_WITHOUT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Farthing</title>
<body style="font:16px/1.5 system-ui;max-width:42em;margin:3em auto;padding:0 1em">
<h1>Farthing's API is running</h1>
<p>This install has no web UI. Add it with <code>FARTHING_UI=force pip install --force-reinstall --no-deps .</code> in the
source folder (Node comes along by itself), or in a development set-up with <code>make ui</code>.</p>
<p>Questions are answered at <a href="openapi.json">openapi.json</a>'s addresses and by <code>farthing spend</code>.</p>"""


class Pages:
    """The UI before the API: whatever is neither a page nor a file of it goes on."""

    def __init__(self, web: ASGIApp, root_path: str = "", folder: Path = DIST) -> None:
        """`root_path` is the prefix under which a proxy shows the server, "" or like /llm."""
        self._web = web
        self._root_path = root_path
        self._files = _files(folder)
        self._page = _page(folder, root_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._web(scope, receive, send)
            return
        prefix = self._root_path
        if prefix and (scope["path"] == prefix or scope["path"].startswith(prefix + "/")):
            # A proxy may leave the prefix on or take it off.
            scope = {**scope, "path": scope["path"][len(prefix) :] or "/", "raw_path": None}
        answer = self._answer(scope) if scope["method"] in ("GET", "HEAD") else None
        await (answer or self._web)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path, headers = scope["path"], Headers(scope=scope)
        file = self._files.get(path)
        if file is not None:
            return _sent(path, file, headers.get("accept-encoding", ""))
        # At the address that people are told, everybody gets the UI where there is one.
        is_front = path == "/" and self._page is not _WITHOUT
        wants_page = is_front or "text/html" in headers.get("accept", "")
        if path.startswith(_NOT_PAGES) or path.startswith("/assets/") or not wants_page:
            return None
        return HTMLResponse(self._page, headers={"Cache-Control": "no-cache", **_POLICY})


def _files(folder: Path) -> Mapping[str, Path]:
    """What may be sent, by address: looked up, never joined from what was asked."""
    hidden = {"index.html", ".build-hash"}
    return {
        "/" + path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name not in hidden and path.suffix not in (".br", ".gz")
    }


def _page(folder: Path, root_path: str) -> str:
    try:
        page = (folder / "index.html").read_text()
    except OSError:
        return _WITHOUT
    return page.replace("<head>", f'<head><base href="{html.escape(root_path, quote=True)}/">', 1)


def _sent(path: str, file: Path, accepted: str) -> Response:
    headers = {"Cache-Control": _FOR_GOOD if path.startswith("/assets/") else "no-cache", "Vary": "Accept-Encoding"}
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    packed = file.with_name(file.name + ".br")
    encoding = next((name for name in ("br", "gzip") if name in names), "") if packed.is_file() else ""
    if encoding:
        headers["Content-Encoding"] = encoding
    source = packed if encoding == "br" else file
    return Response(
        _read(source, source.stat().st_mtime_ns, encoding == "gzip"), headers={**headers, **_POLICY}, media_type=kind
    )


@lru_cache(maxsize=512)
def _read(file: Path, _changed_ns: int, pack: bool) -> bytes:
    """What is sent, from memory: a page is two dozen files, and threads that open them stand in line with answers.

    Browsers ask for brotli only over https or on this machine. A second copy of everything isn't worth a larger package.
    """
    return gzip.compress(file.read_bytes(), 6, mtime=0) if pack else file.read_bytes()
