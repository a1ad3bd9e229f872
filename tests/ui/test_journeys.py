"""What people do with the pages: sign in, look, narrow down, go back; shown sums are the API's."""

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from api.conftest import CALLS, DAY, RANGE, cost, told
from playwright.sync_api import Browser, Page, expect
from server_process import ServerProcess
from ui.conftest import PASSWORD, Tab, fail_with_500

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"


def tile(page: Page, title: str) -> str:
    """The exact value behind a tile."""
    shown = page.get_by_role("region", name=title, exact=True).locator("[data-exact]")
    return shown.get_attribute("data-exact") or ""


def test_a_person_signs_in_and_out(browser: Browser, served: ServerProcess) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{served.url}/?{HERE}")
    expect(page.get_by_role("heading", name="Sign in to Farthing")).to_be_visible()
    page.get_by_label("Name or e-mail").fill("admin")
    page.get_by_label("Password").first.fill("wrong horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["from"] == [str(DAY)]
    page.get_by_role("button", name="admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Farthing")).to_be_visible()
    context.close()


def test_the_overviews_tiles_are_the_apis_sums(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/?{HERE}")
    total = served.get("/api/v1/spend", **RANGE)["total"]
    costs = [cost(told(number)) for number in range(CALLS)]
    assert Decimal(total["cost_usd"]) == sum((one for one in costs if one is not None), Decimal(0))
    assert tile(page, "Total Cost").startswith(f"${total['cost_usd']};")
    assert f"{total['unpriced_calls']} calls without a price" in tile(page, "Total Cost")
    assert tile(page, "Total Requests") == f"{CALLS} calls, {total['errors']} of them failed"
    assert "Cost is missing for" in page.inner_text("main")


def test_filters_are_chips_in_the_address_and_back_undoes_them(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/?{HERE}")
    everything = tile(page, "Total Cost")
    page.get_by_role("region", name="Top features").get_by_role("link", name="search").click()
    tab.settled()
    assert "feature=search" in page.url
    of_search = served.get("/api/v1/spend", **RANGE, feature="search")["total"]
    expect(page.locator("[data-exact]").nth(1)).to_have_attribute(
        "data-exact", f"{of_search['calls']} calls, {of_search['errors']} of them failed"
    )
    assert tile(page, "Total Cost").startswith(f"${of_search['cost_usd']};")
    page.go_back()
    tab.settled()
    expect(page.locator("[data-exact]").first).to_have_attribute("data-exact", everything)
    page.go_forward()
    expect(page.get_by_role("button", name="Remove filter feature search")).to_be_visible()
    page.get_by_role("button", name="Remove filter feature search").click()
    tab.settled()
    expect(page.locator("[data-exact]").first).to_have_attribute("data-exact", everything)


def test_an_unpriced_model_is_never_zero(tab: Tab) -> None:
    page = tab.open(f"/?{HERE}&model=quill-9")
    assert tile(page, "Total Cost").startswith("unknown")
    # An axis begins at $0; no number does.
    shown = page.evaluate(
        """() => { const main = document.querySelector("main").cloneNode(true);
        main.querySelectorAll("[data-chart]").forEach((chart) => chart.remove()); return main.textContent }"""
    )
    assert "quill-9" in shown
    assert not re.search(r"\$0(?![.\d])", shown)


def test_one_panel_that_fails_leaves_the_rest_alive(tab: Tab) -> None:
    tab.expected = lambda complaint: "500" in complaint
    tab.page.route("**/api/v1/spend*by=team*", fail_with_500)
    page = tab.open(f"/?{HERE}")
    teams = page.get_by_role("region", name="Top teams")
    expect(teams.get_by_role("alert")).to_contain_text("It broke.", timeout=20_000)
    assert tile(page, "Total Requests").startswith(f"{CALLS} calls")
    tab.page.unroute("**/api/v1/spend*by=team*")
    teams.get_by_role("button", name="Retry").click()
    expect(teams.get_by_role("alert")).to_have_count(0)


def test_keys_lead_everywhere(tab: Tab) -> None:
    page = tab.open(f"/?{HERE}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Command palette")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_label("Command").fill("feature=chat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_be_visible()
    page.locator("main").click(position={"x": 1, "y": 1})
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_have_count(0)
    page.keyboard.press("d")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
