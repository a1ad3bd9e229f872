"""axe finds nothing either where people are at work: dialogs and menus that are open, queues with things in them, nothing at all."""

from collections.abc import Callable, Generator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from server_process import ServerProcess
from ui.conftest import AXE, Tab, need, serving, tab_of
from ui.test_accessibility import HERE, found


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """The known day, a queue with something in it, a dataset, a prompt, and a budget that is used up."""
    for server in serving(tmp_path_factory.mktemp("at-work"), 40):
        with httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client:

            def post(path: str, wanted: object) -> str:
                answer = client.post(path, json=wanted)
                assert answer.status_code == 201, answer.text
                return str(answer.json()["id"])

            configs = [
                post("/api/v1/score-configs", {"name": kind.lower(), "data_type": kind})
                for kind in ("NUMERIC", "BOOLEAN", "TEXT")
            ]
            queue = post("/api/v1/annotation-queues", {"name": "replies", "score_config_ids": configs})
            for kind, of in (("TRACE", f"{1:032x}"), ("OBSERVATION", f"{2:016x}"), ("SESSION", "s1")):
                post(f"/api/v1/annotation-queues/{queue}/items", {"object_type": kind, "object_id": of})
            for wanted in ({"name": "returns"}, {"name": "tickets", "description": "d" * 200}):
                post("/api/v1/datasets", wanted)
            for text in ("Hello {{name}}", "Good morning {{name}}"):
                post("/api/v1/prompts", {"name": "greeting", "prompt": text})
            budget = {"name": "Used up", "limit_usd": "0.0001", "period": "once", "timezone": "UTC"}
            post(
                "/api/v1/budgets",
                budget | {"starts_at": "2026-09-01T00:00:00Z", "ends_at": "2027-09-22T00:00:00Z"},
            )
        yield server


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server that never saw a call."""
    yield from serving(tmp_path_factory.mktemp("bare"), 0)


def looked_at(tab: Tab) -> dict[str, list[str]]:
    need(AXE.is_file(), "The web UI's packages are not installed")
    tab.page.evaluate(AXE.read_text())
    return {theme: found(tab, theme) for theme in ("light", "dark")}


NOTHING: dict[str, list[str]] = {"light": [], "dark": []}


@pytest.fixture
def tab(browser: Browser, at_work: ServerProcess) -> Generator[Tab]:
    """A tab where people are at work."""
    yield from tab_of(browser, at_work)


@pytest.fixture
def bare_tab(browser: Browser, bare: ServerProcess) -> Generator[Tab]:
    """A tab at the server without calls."""
    yield from tab_of(browser, bare)


def button(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def key(pressed: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(pressed)


DIALOGS = {
    "help": ("/", key("?")),
    "palette": ("/", key("Control+k")),
    "range": (f"/?{HERE}", key("t")),
    "filter": (f"/requests?{HERE}", key("f")),
    "columns": (f"/requests?{HERE}", button("Columns")),
    "export": (f"/requests?{HERE}", button("Export")),
    "budget": ("/budgets", button("New budget")),
    "rule": ("/alerts/rules", button("New rule")),
    "channel": ("/alerts/channels", button("Add a channel")),
    "price": ("/pricing", button("Add a price")),
    "queue": ("/annotation", button("New queue")),
    "score": ("/annotation", button("New score")),
    "dataset": ("/datasets", button("Add a dataset")),
    "prompt": ("/prompts", button("New prompt")),
    "key": ("/settings/keys", button("Make a key")),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_axe_finds_nothing_in_what_is_opened(tab: Tab, name: str) -> None:
    path, act = DIALOGS[name]
    page = tab.open(path)
    act(page)
    opened = (
        page.locator("[role=dialog], [role=menu], [data-portal] [role=listbox], form").locator("visible=true").first
    )
    expect(opened).to_be_visible()
    assert looked_at(tab) == NOTHING


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/annotation", "queue", "/datasets", "/prompts/of/greeting", "/budgets", "/costs"])
def test_axe_finds_nothing_and_nothing_sticks_out(tab: Tab, at_work: ServerProcess, path: str, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    if path == "queue":
        path = f"/annotation/{at_work.get('/api/v1/annotation-queues')['data'][0]['id']}"
    page = tab.open(path)
    assert looked_at(tab) == NOTHING
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_notice_can_be_sent_away_where_the_page_is_narrow(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    page = tab.open(f"/?{HERE}")
    notice = page.get_by_role("status", name="Budgets")
    expect(notice).to_contain_text("Used up")
    assert looked_at(tab) == NOTHING
    # A click goes to what lies on top: the button of the menu must not.
    notice.get_by_role("button", name="Seen").click()
    expect(notice).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/costs", "/requests", "/traces", "/sessions", "/users", "/budgets", "/pricing"])
def test_axe_finds_nothing_where_nothing_ever_came(bare_tab: Tab, path: str) -> None:
    bare_tab.open(path)
    assert looked_at(bare_tab) == NOTHING
