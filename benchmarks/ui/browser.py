"""A server's address in; cold and signed-in tabs of a real browser, and what they transferred and computed, out."""

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_WATCH = Path(__file__).with_name("watch.js")
LIMIT_MS = 30_000
WIDTH, HEIGHT = 1440, 900

Cookies = list[Any]


class NoBrowserError(RuntimeError):
    """There is no Chromium here."""


class Transferred(msgspec.Struct):
    """One answer that a page got: what it was, and its bytes on the wire, headers included."""

    path: str
    kind: str
    size: int


class Load(msgspec.Struct):
    """One load of a page: when it was ready, and what that took."""

    ready_ms: float
    answers: list[Transferred]
    shift: float
    nodes: int
    script_ms: float
    """Processor time that the page's own thread spent in scripts; of all its work together `busy_ms`."""
    busy_ms: float

    def kilobytes(self, kind: str) -> float:
        """Transferred kilobytes of one kind: Script, Stylesheet, Font, Fetch, ..."""
        return sum(one.size for one in self.answers if one.kind == kind) / 1_000


@contextmanager
def chromium() -> Generator[Browser]:
    """Debian's or anybody's chromium, without a window. Raises `NoBrowserError`."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        msg = "There is no chromium here; on Debian: apt-get install chromium."
        raise NoBrowserError(msg)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


def signed_in(browser: Browser, url: str, password: str) -> Cookies:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    answer = context.request.post(
        f"{url}/api/v1/session", data={"login": "admin", "password": password}, headers={"X-Farthing-UI": "1"}
    )
    if answer.status != 200:
        raise OSError(answer.text())
    cookies = context.cookies()
    context.close()
    return cookies


class Wire:
    """What goes over the wire to one page."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._known: dict[str, tuple[str, str]] = {}
        self.answers: list[Transferred] = []
        self._session.on("Network.responseReceived", self._received)
        self._session.on("Network.loadingFinished", self._finished)
        self._session.send("Network.enable")
        # Otherwise what it tells is time by the clock, which grows with whatever else the machine does.
        self._session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        self._session.send("Performance.enable")

    def _received(self, event: dict[str, Any]) -> None:
        self._known[event["requestId"]] = (urlsplit(event["response"]["url"]).path, event["type"])

    def _finished(self, event: dict[str, Any]) -> None:
        path, kind = self._known.get(event["requestId"], ("", "Other"))
        self.answers.append(Transferred(path, kind, int(event["encodedDataLength"])))

    def spent(self) -> dict[str, float]:
        """Seconds of a processor that the page's own thread has worked, by what on."""
        told = cast("dict[str, list[dict[str, Any]]]", self._session.send("Performance.getMetrics"))
        return {one["name"]: one["value"] for one in told["metrics"]}


@contextmanager
def tab(browser: Browser, cookies: Cookies | None = None, headers: dict[str, str] | None = None) -> Generator[Page]:
    """A tab with nothing in its cache."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, timezone_id="UTC", extra_http_headers=headers or {}
    )
    context.set_default_timeout(LIMIT_MS)
    if cookies:
        context.add_cookies(cookies)
    context.add_init_script(_WATCH.read_text(encoding="utf-8"))
    try:
        yield context.new_page()
    finally:
        context.close()


def when(page: Page, test: str) -> float:
    """Milliseconds from the page's start until a test of `watch.js`, or any expression, held on the screen."""
    told: float = page.evaluate(f"bench.until({test})")
    return told


def load(page: Page, url: str, ready: str, *, rest_ms: int = 0) -> Load:
    """Open a page; `ready` is a function of `watch.js`. Whatever moves in `rest_ms` afterwards still counts."""
    wire = Wire(page)
    page.goto(url, wait_until="commit")
    at: float = page.evaluate(ready)
    spent = wire.spent()
    if rest_ms:
        page.evaluate("bench.until(bench.tests.settled)")
        page.wait_for_timeout(rest_ms)
    told: dict[str, float] = json.loads(
        page.evaluate("JSON.stringify({shift: bench.shift, nodes: document.querySelectorAll('*').length})")
    )
    return Load(
        ready_ms=at,
        answers=wire.answers,
        shift=told["shift"],
        nodes=int(told["nodes"]),
        script_ms=1_000 * spent["ScriptDuration"],
        busy_ms=1_000 * spent["TaskDuration"],
    )
