"""The parts of the house in; Langfuse's public API, made ready when it is first asked for, out."""

import re
import threading
from urllib.parse import quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from farthing.langfuse.names import trace_bytes
from farthing.langfuse.parts import Parts
from farthing.langfuse.shapes import PREFIX

_TELEMETRY = (f"{PREFIX}/otel/", f"{PREFIX}/v1/")
"""What begins so is OpenTelemetry's: taken in where all of that is."""
_IN_UI = re.compile(r"/project/[^/]+/(traces|sessions)/([^/]+)")
"""Where Langfuse's SDKs say that a trace can be looked at."""


def _in_ours(shown: re.Match[str], root_path: str) -> str:
    kind, told = shown[1], shown[2]
    page = trace_bytes(told).hex() if kind == "traces" else quote(told, safe="")
    return f"{root_path}/{kind}/{page}"


class Door:
    """Langfuse's public API before another application, which answers everything else."""

    def __init__(self, parts: Parts) -> None:
        """All parts are running. Most servers are never asked anything here: so nothing is made ready yet."""
        self._parts = parts
        self._made: FastAPI | None = None
        self._making = threading.Lock()

    def before(self, app: ASGIApp) -> ASGIApp:
        """The application that answers both."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            path: str = scope.get("path", "")
            if shown := _IN_UI.fullmatch(path):
                await RedirectResponse(_in_ours(shown, self._parts.root_path))(scope, receive, send)
            elif scope["type"] == "http" and path.startswith(PREFIX + "/") and not path.startswith(_TELEMETRY):
                made = self._made or await run_in_threadpool(self._make)
                await made(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    def _make(self) -> FastAPI:
        with self._making:
            if self._made is None:
                from farthing.langfuse.routers import routers  # noqa: PLC0415  the groups are most of what would be imported

                web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
                for group in routers(self._parts):
                    web.include_router(group)
                self._made = web
            return self._made
