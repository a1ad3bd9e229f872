"""The list of requests: an address holds all of what is seen, keys walk it, and what is looked at beside it obeys its filters."""

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from api.conftest import CALLS, DAY, RANGE, every, told
from playwright.sync_api import Locator, Page, expect
from server_process import ServerProcess
from ui.conftest import Tab

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
OF_CHAT = [number for number in range(CALLS) if told(number)["feature"] == "chat"]


def call_id(number: int) -> str:
    return f"{number + 1:032x}-{number + 1:016x}"


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def shown_ids(page: Page) -> Locator:
    return page.get_by_role("grid", name="Requests").locator("[data-column=id]")


def headings(page: Page) -> list[str]:
    return [
        text.strip(" ↑↓")
        for text in page.get_by_role("grid", name="Requests").get_by_role("columnheader").all_inner_texts()
        if text != "Mark"
    ]


def peeked(page: Page, number: int) -> None:
    """This call is looked at beside the list, and the address says so."""
    beside = page.get_by_role("complementary", name="Request")
    expect(beside).to_contain_text(f"r{number}")
    assert asked(page)["peek"] == [call_id(number)]


def test_an_address_restores_chips_range_columns_order_and_what_is_looked_at(tab: Tab) -> None:
    page = tab.open(f"/requests?{HERE}&feature=chat&model=!gpt-4o&cols=id,cost,model&sort=-cost&peek={call_id(6)}")
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_be_visible()
    expect(page.get_by_role("button", name="Remove filter model !gpt-4o")).to_be_visible()
    expect(page.locator("[data-range]")).to_contain_text("Sep 21")
    assert headings(page) == ["Request id", "Cost", "Model"]
    expect(page.get_by_role("grid").get_by_role("columnheader", name="Cost")).to_have_attribute(
        "aria-sort", "descending"
    )
    peeked(page, 6)
    page.get_by_role("button", name="Remove filter feature chat").click()
    tab.settled()
    assert "feature" not in asked(page)
    page.go_back()
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_be_visible()
    peeked(page, 6)
    page.go_forward()
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_have_count(0)


def test_a_list_and_its_sums_are_the_apis(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/requests?{HERE}&tag.tenantSlug=acme&cols=id,cost")
    total = served.get("/api/v1/spend", **RANGE, **{"tag.tenantSlug": "acme"})["total"]
    sums = page.locator("dd[data-exact]")
    expect(sums.nth(0)).to_have_attribute("data-exact", f"{total['calls']} requests, {total['errors']} of them failed")
    expect(sums.nth(1)).to_have_attribute("data-exact", re.compile(re.escape(f"${total['cost_usd']}")))
    rows = every(served, "/api/v1/calls", **{"tag.tenantSlug": "acme"})
    assert shown_ids(page).all_inner_texts() == [row["response_id"] for row in rows]
    assert page.get_by_role("grid").get_attribute("aria-rowcount") == str(len(rows) + 1)


def test_columns_that_were_chosen_stay(tab: Tab) -> None:
    page = tab.open(f"/requests?{HERE}")
    assert "Session" not in headings(page)
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Session", exact=True).check()
    page.get_by_label("Latency", exact=True).uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="Session")).to_be_visible()
    assert "session" in asked(page)["cols"][0].split(",")
    tab.open(f"/requests?{HERE}")
    assert "Session" in headings(page)
    assert "Latency" not in headings(page)


def test_keys_walk_the_list_look_and_open(tab: Tab) -> None:
    page = tab.open(f"/requests?{HERE}&feature=chat&cols=id,feature,cost")
    newest = OF_CHAT[::-1]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Space")
    peeked(page, newest[1])
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(call_id(newest[2])))
    peeked(page, newest[2])
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Request")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/requests/{call_id(newest[2])}"))
    page.go_back()
    expect(page.get_by_role("button", name="Remove filter feature chat")).to_be_visible()


def test_next_and_previous_obey_the_filters(tab: Tab) -> None:
    page = tab.open(f"/requests?{HERE}&feature=chat&peek={call_id(OF_CHAT[-1])}")
    after = page.get_by_role("button", name="Next request (j)")
    expect(page.get_by_role("button", name="Previous request (k)")).to_be_disabled()
    for number in reversed(OF_CHAT[:-1]):
        after.click()
        peeked_in_address = re.compile(call_id(number))
        expect(page).to_have_url(peeked_in_address)
    expect(after).to_be_disabled()
    page.get_by_role("button", name="Previous request (k)").click()
    expect(page).to_have_url(re.compile(call_id(OF_CHAT[1])))


def test_marked_rows_say_what_they_cost_together_and_what_cannot_be_known(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/requests?{HERE}&sort=-cost&cols=id,cost,scores")
    boxes = page.get_by_role("checkbox", name="Mark the request")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    calls = served.get("/api/v1/calls", **RANGE, sort="-cost", limit="4")["data"]
    dearest = [call["cost_usd"] for call in calls]
    told = page.locator(".marked [data-exact]")
    expect(told).to_have_attribute("data-exact", str(sum(map(Decimal, dearest[1:]))))
    page.keyboard.press("k")
    page.keyboard.press("m")
    expect(page.locator(".marked")).to_contain_text("4 marked")
    page.get_by_role("button", name="Unmark all").click()
    expect(page.locator(".marked")).to_have_count(0)
    page.goto(f"{tab.url}/requests?{HERE}&cols=id,cost&cost_status=unpriced")
    tab.settled()
    boxes.first.click()
    expect(page.locator(".marked")).to_contain_text("1 marked, 1 of unknown cost")
