"""A real browser, signed in to a real server that serves the built UI; it may neither complain nor ask anybody else."""

import functools
import json
import os
import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from api.conftest import CALLS, body, fill, value
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright
from server_process import ServerProcess

from farthing.web.serving import DIST

PASSWORD = "correct horse battery"
FRONTEND = Path(__file__).parents[2] / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
SETTLED_MS = 30_000
"""How long a page may take on a busy machine until nothing on it is waited for."""

expect.set_options(timeout=SETTLED_MS)

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    # Letters and colours are drawn alike on every machine with the same fonts.
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]


def need(there: bool, what: str) -> None:
    """What a test can't do without: a reason to skip here, a failure in CI."""
    if not there and os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must have it")
    if not there:
        pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Debian's chromium. While it is there an event loop runs in this thread, so it ends with the module."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need(program is not None, "There is no chromium here")
    need((DIST / "index.html").is_file(), "The web UI is not built")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


def in_sessions(sent: bytes) -> bytes:
    """The same calls, as if four people had talked with the application."""
    told = json.loads(sent)
    for number, span in enumerate(told["resourceSpans"][0]["scopeSpans"][0]["spans"]):
        span["attributes"].append({"key": "session.id", "value": value(f"s{number % 4}")})
    return json.dumps(told).encode()


def serving(folder: Path, calls: int) -> Generator[ServerProcess]:
    """A server with so many calls of the known day."""
    server = ServerProcess(folder, {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD})
    server.start()
    try:
        if calls:
            fill(server, in_sessions(body(range(calls))), calls)
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server that holds the known day; nobody changes it."""
    yield from serving(tmp_path_factory.mktemp("ui"), CALLS)


@dataclass
class Tab:
    """One tab, and what it complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list[str])
    expected: Callable[[str], bool] = lambda _: False
    """Which complaints a test brings about itself."""

    def open(self, path: str) -> Page:
        """Go there, and come back when nothing is waited for."""
        self.page.goto(self.url + path)
        return self.settled()

    def in_theme(self, theme: Literal["light", "dark"]) -> None:
        """As if the system's theme had changed."""
        self.page.emulate_media(color_scheme=theme)
        expect(self.page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)

    def settled(self) -> Page:
        """The page, once it shows what it was asked for."""
        self.page.wait_for_selector("main")
        expect(self.page.locator("[aria-busy=true], [data-chart][data-ready=false]")).to_have_count(0)
        return self.page


@functools.cache
def _cookies(server: ServerProcess) -> list[Any]:
    """Those of the admin. Checking a password is slow on purpose, so it is done once."""
    wanted = {"login": "admin", "password": PASSWORD}
    answer = httpx.post(f"{server.url}/api/v1/session", json=wanted, headers={"X-Farthing-UI": "1"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return [{"name": name, "value": value, "url": server.url} for name, value in answer.cookies.items()]


def tab_of(browser: Browser, server: ServerProcess) -> Generator[Tab]:
    """A tab that is signed in. Raises at its end when something was wrong in it."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", timezone_id="UTC", reduced_motion="reduce"
    )
    context.add_cookies(_cookies(server))
    tab = Tab(context.new_page(), server.url)

    def told(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            tab.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def asked(request: Request) -> None:
        if not request.url.startswith((server.url, "data:", "blob:")):
            tab.complaints.append(f"asked {request.url}")

    tab.page.on("console", told)
    tab.page.on("pageerror", lambda error: tab.complaints.append(f"uncaught: {error}"))
    tab.page.on("request", asked)
    answer = context.request.post(
        f"{server.url}/api/v1/session", data={"login": "admin", "password": PASSWORD}, headers={"X-Farthing-UI": "1"}
    )
    assert answer.status == 200, answer.text()
    yield tab
    context.close()
    assert [complaint for complaint in tab.complaints if not tab.expected(complaint)] == []


@pytest.fixture
def tab(browser: Browser, served: ServerProcess) -> Generator[Tab]:
    """A tab at the server that nobody changes."""
    yield from tab_of(browser, served)


def fail_with_500(route: Route) -> None:
    """An answer that no panel can use."""
    route.fulfill(status=500, content_type="application/problem+json", body='{"title":"Broken","detail":"It broke."}')
