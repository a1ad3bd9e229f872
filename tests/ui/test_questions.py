"""The five questions of somebody who has never seen it: from the first page to the answer, in four clicks at most."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from api.conftest import CALLS, DAY, RANGE
from playwright.sync_api import Page, expect
from server_process import ServerProcess
from ui.conftest import Tab

FORENOON_AFTER = datetime.fromtimestamp(DAY + 86_400 + 40_000, UTC)
"""On the Tuesday after the known day, a Monday: relative ranges are reckoned in the browser."""


@pytest.fixture
def page(tab: Tab) -> Page:
    """The first page, as it stands there when nobody has chosen anything."""
    tab.page.clock.set_fixed_time(FORENOON_AFTER)
    return tab.open("/")


def during(tab: Tab, name: str) -> None:
    """Two clicks."""
    tab.page.locator("[data-range]").click()
    tab.page.get_by_role("button", name=name, exact=True).click()
    tab.settled()


def test_what_yesterday_cost(tab: Tab, page: Page, served: ServerProcess) -> None:
    during(tab, "Yesterday")
    total = served.get("/api/v1/spend", **RANGE)["total"]
    exact = page.get_by_role("region", name="Total Cost", exact=True).locator("[data-exact]")
    expect(exact).to_have_attribute("data-exact", re.compile(f"^{re.escape('$' + total['cost_usd'])};"))


def test_which_tenant_cost_most_this_week(tab: Tab, page: Page, served: ServerProcess) -> None:
    during(tab, "This week")
    groups = served.get("/api/v1/spend", **RANGE, by="tenant")["groups"]
    dearest = max((one for one in groups if one["cost_usd"]), key=lambda one: float(one["cost_usd"]))
    first = page.get_by_role("region", name="Top tenants").get_by_role("row").first
    expect(first).to_contain_text(dearest["tenant"])


def test_the_dearest_single_call(tab: Tab, page: Page, served: ServerProcess) -> None:
    during(tab, "This week")
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    tab.settled()
    page.get_by_role("columnheader", name="Cost", exact=True).click()
    expect(page.get_by_role("columnheader", name=re.compile("^Cost"))).to_have_attribute("aria-sort", "descending")
    tab.settled()
    dearest = served.get("/api/v1/calls", **RANGE, sort="-cost", limit="1")["data"][0]
    expect(page.locator("[role=row][aria-rowindex='2']")).to_contain_text(f"${float(dearest['cost_usd']):.6f}")


def test_why_a_day_was_dearer_than_the_one_before(tab: Tab, page: Page, served: ServerProcess) -> None:
    page.get_by_role("link", name="Costs", exact=True).click()
    tab.settled()
    page.locator("[data-range]").click()
    page.get_by_label("Range").fill("monday")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Why did it change?").click()
    tab.settled()
    why = page.get_by_role("region", name="Why did it change?")
    # It says itself which days it speaks of, and the page compares with the same one.
    expect(why).to_contain_text("(Sun, Sep 20)")
    expect(why).to_contain_text("(Mon, Sep 21)")
    expect(page.locator("[data-compare]")).to_have_text("vs previous period")
    total = served.get("/api/v1/spend", **RANGE)["total"]
    expect(why.locator(f"[title^='${total['cost_usd']}']").first).to_be_visible()


def test_a_day_of_the_last_week_is_chosen_by_clicks_alone(tab: Tab, page: Page, served: ServerProcess) -> None:
    page.clock.set_fixed_time(FORENOON_AFTER + timedelta(days=1))
    during(tab, "Mon, Sep 21")
    expect(page.locator("[data-range]")).to_have_text("Mon, Sep 21")
    total = served.get("/api/v1/spend", **RANGE)["total"]
    exact = page.get_by_role("region", name="Total Cost", exact=True).locator("[data-exact]")
    expect(exact).to_have_attribute("data-exact", re.compile(f"^{re.escape('$' + total['cost_usd'])};"))


def test_which_model_has_no_price(tab: Tab, page: Page) -> None:
    during(tab, "This week")
    page.get_by_role("link", name=re.compile(f"of {CALLS} requests$")).click()
    tab.settled()
    expect(page.locator("[role=row][aria-rowindex='2']")).to_contain_text("quill-9")
    expect(page.locator("[role=row][aria-rowindex='2']")).to_contain_text("— no price")


def test_a_change_of_the_cost_leads_to_why(tab: Tab, page: Page, served: ServerProcess) -> None:
    during(tab, "Yesterday")
    page.keyboard.press("c")
    expect(page.locator("[data-compare]")).to_have_text("vs previous period")
    tab.settled()
    page.get_by_role("region", name="Total Cost", exact=True).get_by_title("Why did it change?").click()
    tab.settled()
    why = page.get_by_role("region", name="Why did it change?")
    total = served.get("/api/v1/spend", **RANGE)["total"]
    expect(why.locator(f"[title^='${total['cost_usd']}']").first).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/costs"])
def test_what_has_no_price_can_be_given_one(tab: Tab, page: Page, path: str) -> None:
    tab.open(f"{path}?from={DAY}&to={DAY + 86_400}&tz=utc")
    page.get_by_role("link", name="See which, and add one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pricing")
    tab.settled()
    unpriced = page.get_by_role("region", name="No price")
    expect(unpriced).to_be_visible()
