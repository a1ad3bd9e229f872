"""A real browser, signed in to a real server that serves the built UI; it may neither complain nor ask anybody else."""

import os
import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from api.conftest import CALLS, body, fill
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright
from server_process import ServerProcess

from farthing.web.serving import DIST

PASSWORD = "correct horse battery"
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SETTLED_MS = 15_000
"""How long a page may take on a busy machine until nothing on it is waited for."""

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def _need(there: bool, what: str) -> None:
    if not there and os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must have it")
    if not there:
        pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Debian's chromium. While it is there an event loop runs in this thread, so it ends with the module."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    _need(program is not None, "There is no chromium here")
    _need((DIST / "index.html").is_file(), "The web UI is not built")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield started
        started.close()


def serving(folder: Path, calls: int) -> Generator[ServerProcess]:
    """A server with so many calls of the known day."""
    server = ServerProcess(folder, {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD})
    server.start()
    try:
        if calls:
            fill(server, body(range(calls)), calls)
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

    def settled(self) -> Page:
        """The page, once it shows what it was asked for."""
        self.page.wait_for_selector("main")
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=SETTLED_MS)
        return self.page


def tab_of(browser: Browser, server: ServerProcess, theme: str = "light") -> Generator[Tab]:
    """A tab that is signed in. Raises at its end when something was wrong in it."""
    dark = theme == "dark"
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light", timezone_id="UTC"
    )
    tab = Tab(context.new_page(), server.url)

    def told(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            tab.complaints.append(f"{message.type}: {message.text}")

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
