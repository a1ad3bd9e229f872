"""A server that somebody is signed in to in; how long what people do with the pages takes, out."""

import statistics
import time
from collections.abc import Sequence

import msgspec
from playwright.sync_api import Browser, Page

from benchmarks.process import Server
from benchmarks.ui import browser as tabs
from benchmarks.ui import served
from benchmarks.ui.browser import Cookies, Load

OVERVIEW = "bench.until(bench.tests.overview)"
SETTLED = "bench.until(bench.tests.settled)"
PAGES = (
    "/",
    "/costs",
    "/costs/tokens",
    "/requests",
    "/traces",
    "/sessions",
    "/users",
    "/pricing",
    "/budgets",
    "/settings",
    "/setup",
)
TABLES = ("/requests", "/traces", "/sessions", "/users")
FRAMES, STEP = 120, 170
REST_MS = 1_500
"""What comes when nothing else is to be done may not move anything either."""


class Site(msgspec.Struct):
    """Where a server is looked at, as whom, and over which range."""

    browser: Browser
    server: Server
    cookies: Cookies
    search: str = ""
    headers: dict[str, str] = {}

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.server.port}{path}{self.search}"

    def cold(self, path: str, ready: str, rest_ms: int = 0) -> Load:
        """One load in a browser that has never been there."""
        with tabs.tab(self.browser, self.cookies, self.headers) as page:
            return tabs.load(page, self.url(path), ready, rest_ms=rest_ms)


class Scrolled(msgspec.Struct):
    """A table run through: its frames in ms, and the most elements that were there."""

    frames: list[float]
    nodes: int


class Filtered(msgspec.Struct):
    """From a key or a click to the new rows in the browser, and how long the API took for the same lists."""

    rows_ms: list[float]
    api_ms: list[float]


class LargeTrace(msgspec.Struct):
    """A trace opened by its address in a browser that has never been there, and from the list; its answer; scrolled."""

    cold: list[Load]
    clicked_ms: list[float]
    answer_ms: list[float]
    scrolled: Scrolled


def overview(site: Site, rounds: int) -> list[Load]:
    """The first page, cold. The server has been asked before, and has nothing left to answer of the page before."""
    site.cold("/", OVERVIEW, REST_MS)
    return [site.cold("/", OVERVIEW, REST_MS) for _ in range(rounds)]


def every_page(site: Site, pages: Sequence[str] = PAGES) -> dict[str, Load]:
    """Each page once, cold, with what it moves until it has settled."""
    return {path: site.cold(path, SETTLED, REST_MS) for path in pages}


def scrolled(site: Site, path: str, selector: str) -> Scrolled:
    """Down a page's table."""
    with tabs.tab(site.browser, site.cookies, site.headers) as page:
        page.goto(site.url(path), wait_until="commit")
        page.evaluate(SETTLED)
        return _scroll(page, selector)


def _scroll(page: Page, selector: str) -> Scrolled:
    told = page.evaluate(f"bench.scroll({selector!r}, {FRAMES}, {STEP})")
    return Scrolled([float(one) for one in told["took"]], int(told["nodes"]))


def filtered(site: Site, rounds: int) -> Filtered:
    """Filter the requests by a cell with a key, and let go of that filter with a click: each brings other rows."""
    rows: list[float] = []
    asked: list[str] = []
    with tabs.tab(site.browser, site.cookies, site.headers) as page:
        page.goto(site.url("/requests"), wait_until="commit")
        page.evaluate("bench.until(bench.tests.grid)")
        page.evaluate(SETTLED)
        page.on("request", lambda request: asked.append(request.url))
        for number in range(rounds):
            value = _focus(page, 3 + number)
            page.keyboard.press("Shift+F")
            test = f"() => {_CALM} && {_SHOWN}.every((text) => text === {value!r})"
            rows.append(page.evaluate(f"bench.after({test})"))
            page.evaluate(SETTLED)
            page.get_by_role("button", name="Remove filter").first.click()
            test = f"() => {_CALM} && {_SHOWN}.some((text) => text !== {value!r})"
            rows.append(page.evaluate(f"bench.after({test})"))
            page.evaluate(SETTLED)
    return Filtered(rows, [_api(site, one) for one in dict.fromkeys(asked) if "/api/v1/calls?" in one])


_CELLS = "document.querySelectorAll('[role=grid] [data-column=feature]')"
_SHOWN = f"[...{_CELLS}].map((cell) => cell.innerText)"
_MOST_COLUMNS = 30
_CALM = "!document.querySelector('[role=grid][aria-busy=true]')"


def _focus(page: Page, row: int) -> str:
    """The cell of that row, walked to by keys; what it says."""
    page.locator("[role=grid] [role=gridcell][tabindex='0']").focus()
    page.keyboard.press("Home")
    for _ in range(row):
        page.keyboard.press("ArrowDown")
    for _ in range(_MOST_COLUMNS):
        if page.evaluate("document.activeElement.dataset.column") == "feature":
            break
        page.keyboard.press("ArrowRight")
    told: str = page.evaluate("document.activeElement.innerText")
    return told


def _api(site: Site, url: str) -> float:
    path = url.partition(f":{site.server.port}")[2]
    before = time.perf_counter()
    served.ask(site.server, path)
    return (time.perf_counter() - before) * 1_000


def large_trace(site: Site, trace_id: str, rounds: int) -> LargeTrace:
    """Until a trace obeys a key: opened by its address, and by a click in the list."""
    path = f"/traces/{trace_id}"
    site.cold(path, "bench.obeys()")
    cold = [site.cold(path, "bench.obeys()") for _ in range(rounds)]
    answer = [_api(site, f":{site.server.port}/api/v1/traces/{trace_id}/timeline") for _ in range(rounds)]
    with tabs.tab(site.browser, site.cookies, site.headers) as page:
        clicked = [_clicked(site, page, trace_id) for _ in range(rounds)]
        scrolled = _scroll(page, "[role=treegrid]")
    return LargeTrace(cold, clicked, answer, scrolled)


def _clicked(site: Site, page: Page, trace_id: str) -> float:
    page.goto(site.url("/traces") + ("&" if site.search else "?") + f"q={trace_id}", wait_until="commit")
    page.evaluate("bench.until(bench.tests.grid)")
    page.evaluate(SETTLED)
    page.locator("[role=grid] [data-cell='0:0']").focus()
    page.keyboard.press("Enter")
    at: float = page.evaluate("bench.obeys().then((until) => until - bench.began)")
    return at


def p95(values: Sequence[float]) -> float:
    """The value that nineteen of twenty stay below."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def median(values: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(values)
