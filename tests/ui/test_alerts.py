"""One way through alerts and budgets: a rule is made, fires, is looked into and quieted; a channel is tried; a budget is corrected; axe finds nothing."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Literal

import httpx
import pytest
from api.conftest import Json, body, fill
from e2e.waiting import until
from playwright.sync_api import Browser, Page, expect
from server_process import ServerProcess
from ui.conftest import AXE, PASSWORD, Tab, need, tab_of
from ui.test_accessibility import found

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CALLS = 40
RULE = "no-spend"


@pytest.fixture(scope="module")
def alerting(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server whose only rule fires: it wants more calls than there are now."""
    allowed = {"FARTHING_ALERTS_ALLOW_PRIVATE": "127.0.0.1"}
    server = ServerProcess(tmp_path_factory.mktemp("alerts"), {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD, **allowed})
    server.start()
    try:
        fill(server, body(range(CALLS)), CALLS)
        yield server
    finally:
        server.kill()


@pytest.fixture
def at_alerts(browser: Browser, alerting: ServerProcess) -> Generator[Tab]:
    """A tab there."""
    yield from tab_of(browser, alerting)


def ask(server: ServerProcess, method: str, path: str, **wanted: object) -> Json:
    answer = httpx.request(
        method, f"{server.url}{path}", json=wanted, headers={"Authorization": f"Bearer {server.key}"}, timeout=60
    )
    assert answer.is_success, answer.text
    return answer.json() if answer.content else {}


def incident_of(server: ServerProcess) -> str:
    """The id of the first incident, once there is one."""
    shown: list[Json] = []
    until(lambda: bool(shown.extend(server.get("/api/v1/alerts/incidents")["data"]) or shown), 60)
    return str(shown[0]["id"])


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_rule_is_made_fires_and_is_looked_into(at_alerts: Tab, alerting: ServerProcess) -> None:
    page = at_alerts.open("/alerts/rules")
    page.get_by_role("button", name="Make it: spend-24h").click()
    expect(page.get_by_text("cost above $500.00 in 24h")).to_be_visible()
    page.get_by_role("button", name="New rule").click()

    page.get_by_label("Window").fill("soon")
    page.get_by_role("button", name="Make the rule").click()
    expect(page.get_by_text("Rules are told apart by their names")).to_be_visible()
    expect(page.get_by_text("A limit, or something to compare with")).to_be_visible()
    page.get_by_label("Name").fill(RULE)
    choose(page, "Measure", "calls")
    choose(page, "Too much is", "below")
    choose(page, "Severity", "critical")
    page.get_by_label("Window").fill("24h")
    page.get_by_label("Limit", exact=True).fill("1000")
    page.get_by_label("Looked at every").fill("30s")
    page.get_by_role("button", name="Try it on the last 30 days").click()
    expect(page.get_by_role("region", name="Back-test").get_by_text("incident").first).to_be_visible()
    page.get_by_role("button", name="Make the rule").click()
    expect(page.get_by_text("calls below 1,000 in 24h")).to_be_visible()

    found_id = incident_of(alerting)
    page = at_alerts.open("/costs")
    banner = page.get_by_label("Incidents", exact=True)
    expect(page.get_by_role("navigation").get_by_text("1 open")).to_be_visible()
    banner.get_by_role("link", name=RULE).click()
    at_alerts.settled()
    assert page.url.endswith(f"/alerts/incidents/{found_id}")
    expect(page.get_by_role("heading", name=f"{RULE}: all calls")).to_be_visible()
    expect(page.get_by_role("img", name="Calls in the 24h up to then")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("region", name="State")).to_contain_text("acknowledged")
    page.get_by_role("button", name="Snooze").click()
    page.get_by_role("menuitem", name="For 4 hours").click()
    expect(page.get_by_text("Nobody is told until")).to_be_visible()
    page.get_by_role("button", name="Expected").click()
    expect(page.get_by_role("region", name="History", exact=True)).to_contain_text("expected")
    assert ask(alerting, "GET", f"/api/v1/alerts/incidents/{found_id}")["status"] == "acknowledged"
    at_alerts.open("/alerts?state=acknowledged")
    expect(page.get_by_role("link", name=RULE)).to_be_visible()


def test_a_channel_is_added_and_tried_and_shows_no_secret(at_alerts: Tab) -> None:
    page = at_alerts.open("/alerts/channels")
    page.get_by_role("button", name="Add a channel").click()
    page.get_by_label("Name").fill("ops")
    choose(page, "Kind", "Webhook")
    url = page.get_by_placeholder("https://example.com/farthing")
    url.fill("http://10.0.0.1/hidden-path-of-many-letters")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    # Addresses within one's own walls are refused until somebody allows them.
    expect(page.get_by_role("alert")).to_contain_text("10.0.0.1")
    url.fill("http://127.0.0.1:9/hidden-path-of-many-letters")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    at_alerts.expected = lambda complaint: "422" in complaint or "400" in complaint
    expect(page.get_by_role("dialog").get_by_text("It is shown this once")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("region", name="Channels, table")).to_contain_text("http://127.0.0.1/…ters")
    assert "hidden-path" not in page.content()
    page.get_by_role("button", name="Test ops").click()
    expect(page.get_by_role("status").filter(has_text="127.0.0.1")).to_be_visible()


def test_a_budget_tells_where_it_leads_and_is_corrected(at_alerts: Tab, alerting: ServerProcess) -> None:
    month = datetime.now(UTC).strftime("%Y-%m")
    made = ask(alerting, "POST", "/api/v1/budgets", name="all of it", limit_usd="1", period="month", timezone="UTC")
    page = at_alerts.open(f"/budgets/{made['id']}")
    expect(page.get_by_role("region", name="Outlook")).to_be_visible()
    page.get_by_role("button", name="Correct it").click()
    page.get_by_label("Amount").fill("0.90")
    page.get_by_label("Why").fill("A bill that came by post")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    row = page.get_by_role("region", name="Corrections, table")
    expect(row).to_contain_text("$0.900A bill that came by post")
    assert ask(alerting, "GET", f"/api/v1/budgets/{made['id']}")["corrections"][0]["at"].startswith(month)
    at_alerts.open("/budgets")
    page.get_by_role("button", name="Observe only").click()
    page.get_by_label("Why").fill("Tonight we ship")
    page.get_by_role("dialog").get_by_role("button", name="Observe only").click()
    expect(page.get_by_role("status").filter(has_text="Tonight we ship")).to_be_visible()
    page.get_by_role("button", name="Enforce again").click()
    expect(page.get_by_text("Tonight we ship")).to_have_count(0)


def test_axe_finds_nothing(at_alerts: Tab, alerting: ServerProcess) -> None:
    need(AXE.is_file(), "The web UI's packages are not installed")
    budget = alerting.get("/api/v1/budgets")["data"][0]["id"]
    pages = [
        "/alerts",
        f"/alerts/incidents/{incident_of(alerting)}",
        "/alerts/rules",
        "/alerts/rules/new?preset=latency",
        "/alerts/channels",
        f"/budgets/{budget}",
    ]
    troubles: dict[str, list[str]] = {}
    for path in pages:
        page = at_alerts.open(path)
        page.evaluate(AXE.read_text())
        troubles |= {f"{path} {theme}": told for theme in THEMES if (told := found(at_alerts, theme))}
    assert troubles == {}
