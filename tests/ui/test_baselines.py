"""Every page looks as it did, in both themes and three widths. `make baselines` takes how it looks now as how it is to look."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from api.conftest import DAY
from playwright.sync_api import Browser, Page
from server_process import ServerProcess
from ui.conftest import Tab, serving, tab_of
from ui.pictures import difference, halved

BASELINES = Path(__file__).with_name("baselines")
MOST_DIFFERENT = 0.002
THEMES = ("light", "dark")
WIDTHS = (1440, 1024, 390)
HEIGHT = 900
HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
CALL = f"{1:032x}-{1:016x}"
PAGES = {
    "overview": f"/?{HERE}",
    "costs": f"/costs?{HERE}",
    "tokens": f"/costs/tokens?{HERE}",
    "requests": f"/requests?{HERE}&feature=chat&peek={CALL}",
    "traces": f"/traces?{HERE}",
    "trace": f"/traces/{1:032x}?span={1:016x}",
    "sessions": f"/sessions?{HERE}",
    "users": f"/users?{HERE}",
    "pricing": "/pricing",
    "budgets": "/budgets",
    "settings": "/settings",
    "setup": "/setup",
}

# No letter comes from this machine's fonts, and nothing that only today, or only this server, says is seen.
STEADY = """
:root { --mono: "Inter Variable" !important; --mantine-font-family-monospace: "Inter Variable" !important; }
*, *::before, *::after { caret-color: transparent !important; }
main time, main code, main pre, main .mantine-Code-root, [data-received], [data-today] { visibility: hidden !important; }
"""
_SHOWN_ONLY_HERE = {"pricing": "main tbody, main p { visibility: hidden !important; }"}


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server with the known day, and a budget whose one period is that day."""
    for server in serving(tmp_path_factory.mktemp("still"), 40):
        budget = {
            "name": "The known day",
            "limit_usd": "0.02",
            "period": "once",
            "timezone": "UTC",
            "starts_at": "2026-09-21T00:00:00Z",
            "ends_at": "2026-09-22T00:00:00Z",
        }
        answer = httpx.post(f"{server.url}/api/v1/budgets", json=budget, headers=server.headers, timeout=60)
        assert answer.status_code == 201, answer.text
        yield server


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Generator[Page]:
    """A blank page that reads pictures."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def tab(browser: Browser, still: ServerProcess) -> Generator[Tab]:
    """A tab at the server that never changes."""
    yield from tab_of(browser, still)


def pictured(tab: Tab, width: int) -> bytes:
    tab.page.set_viewport_size({"width": width, "height": HEIGHT})
    tab.settled()
    tab.page.mouse.move(0, 0)
    # A frame after the one in which charts have seen their new width.
    tab.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return tab.page.screenshot(animations="disabled", caret="hide")


@pytest.mark.parametrize("name", PAGES)
def test_it_looks_as_it_did(tab: Tab, reader: Page, name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = tab.page
    page.clock.set_fixed_time("2026-09-23T12:00:00Z")
    tab.open(PAGES[name])
    page.add_style_tag(content=STEADY + _SHOWN_ONLY_HERE.get(name, ""))
    page.evaluate("() => document.fonts.ready")
    page.get_by_text("Live", exact=True).wait_for(state="attached")
    told: list[str] = []
    for theme in THEMES:
        tab.in_theme(theme)
        for width in WIDTHS:
            kept = BASELINES / f"{name}-{theme}-{width}.webp"
            now = halved(reader, pictured(tab, width))
            if request.config.getoption("--new-baselines"):
                BASELINES.mkdir(exist_ok=True)
                # What looks the same keeps its file, so that a change is only what changed.
                if not kept.exists() or difference(reader, kept.read_bytes(), now).share:
                    kept.write_bytes(now)
                continue
            found = difference(reader, kept.read_bytes(), now)
            if found.share > MOST_DIFFERENT:
                (tmp_path / kept.name).write_bytes(now)
                told.append(f"{kept.name}: {found.share:.2%} differ at {found.where}; now {tmp_path / kept.name}")
    assert told == [], "If this is meant, and the built UI is that of these sources (`make ui`): `make baselines`"
