"""What comes in while somebody looks: numbers, rows, a budget's warning; and what is seen when the stream is cut."""

import json
import re
import time
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from api.conftest import Json, value
from playwright.sync_api import Browser, Route, expect
from server_process import ServerProcess
from ui.conftest import Tab, serving, tab_of

NOW = "from=now-24h&to=now&tz=utc"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server that never saw a call."""
    yield from serving(tmp_path_factory.mktemp("live"), 0)


@pytest.fixture
def tab(browser: Browser, fresh: ServerProcess) -> Generator[Tab]:
    """A tab at the server that calls come to."""
    yield from tab_of(browser, fresh)


def call(number: int, **more: Any) -> Json:
    """A call of a minute ago for an exact 0.3 dollars: 0.1 Mtok in at $2.5 and 5 ktok out at $10."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 100_000,
        "gen_ai.usage.output_tokens": 5_000,
        **more,
    }
    start = time.time_ns() - 60 * 10**9
    return {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": "chat",
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 10**8),
        "attributes": [{"key": key, "value": value(of)} for key, of in attributes.items()],
    }


def send(server: ServerProcess, *calls: Json) -> None:
    """Post them, and come back once they are kept."""
    sent = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": calls}]}]})
    headers = {"Content-Type": "application/json", **server.headers}
    answer = httpx.post(f"{server.url}/v1/traces", content=sent, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def test_setup_turns_green_and_numbers_come_by_themselves(tab: Tab, fresh: ServerProcess) -> None:
    page = tab.open("/setup")
    expect(page.get_by_role("status")).to_have_text("Waiting for the first request…")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("main")).to_contain_text("It is shown here once.")
    other = page.context.new_page()
    other.goto(f"{fresh.url}/?{NOW}")
    expect(other.locator("main")).to_contain_text("No request was ever received in this project.")
    send(fresh, call(1))
    expect(other.get_by_role("region", name="Total Requests")).to_contain_text("1")
    expect(other.get_by_role("region", name="Total Cost")).to_contain_text("$0.300")
    other.close()
    page.bring_to_front()
    expect(page.get_by_role("status")).to_contain_text("First request received ✓")


def test_rows_come_by_themselves_and_never_under_the_pointer(tab: Tab, fresh: ServerProcess) -> None:
    send(fresh, call(10))
    page = tab.open(f"/requests?{NOW}&cols=time,trace")
    grid = page.get_by_role("grid", name="Requests")
    rows = grid.locator("[aria-rowindex='2'], [aria-rowindex='3'], [aria-rowindex='4']")
    expect(rows.first).to_be_visible()
    page.mouse.move(1, 1)
    before = rows.count()
    send(fresh, call(11))
    expect(rows).to_have_count(before + 1)
    grid.hover()
    send(fresh, call(12))
    page.get_by_role("button", name="1 new request").click()
    expect(grid.locator("[aria-rowindex]")).to_have_count(before + 3)


def test_a_budget_made_here_warns_on_every_page_once_calls_use_it_up(tab: Tab, fresh: ServerProcess) -> None:
    page = tab.open("/budgets")
    page.get_by_role("button", name="New budget").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("Assistant")
    form.get_by_label("Limit, US dollars").fill("1.00")
    form.get_by_role("button", name="Add a filter").click()
    form.get_by_label("Value").fill("assistant")
    form.get_by_role("button", name="Make the budget").click()
    expect(form).to_have_count(0)
    expect(page.get_by_role("region", name="All budgets")).to_contain_text("Assistant")
    tab.open(f"/?{NOW}")
    banner = page.get_by_role("status", name="Budgets")
    expect(banner).to_have_count(0)
    send(fresh, *(call(20 + number, feature="assistant") for number in range(3)))
    expect(banner).to_contain_text("Budget warning: Assistant $0.900 of $1.00 (90 %)", timeout=60_000)
    send(fresh, call(30, feature="assistant"))
    expect(banner).to_contain_text("Budget exceeded: Assistant", timeout=60_000)
    tab.open(f"/requests?{NOW}")
    banner.get_by_role("button", name="Seen").click()
    tab.open(f"/costs?{NOW}")
    expect(banner).to_have_count(0)


def test_a_cut_stream_says_so_and_comes_back(tab: Tab, fresh: ServerProcess) -> None:
    # What is asked while the server is away can't be answered.
    tab.expected = lambda complaint: "ERR_" in complaint or "50" in complaint
    page = tab.open(f"/?{NOW}")
    calls = page.get_by_role("region", name="Total Requests").locator("[data-exact]")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    fresh.stop()
    expect(page.get_by_text("Reconnecting", exact=True)).to_be_visible()
    before = (calls.get_attribute("data-exact") or "").split()[0]
    fresh.start()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    send(fresh, call(40))
    expect(calls).to_have_attribute("data-exact", f"{int(before) + 1} calls, 0 of them failed")


def test_an_unpriced_model_that_comes_in_is_told(tab: Tab, fresh: ServerProcess) -> None:
    send(fresh, call(50, **{"gen_ai.request.model": "quill-9", "feature": "novel"}))
    page = tab.open(f"/requests?{NOW}&feature=novel&cols=model,cost")
    expect(page.get_by_role("grid").locator("[data-column=cost]")).to_have_text("— no price")
    page.get_by_role("link", name="1 without a price").wait_for()


def test_what_comes_in_while_the_first_answer_is_under_way_is_shown(tab: Tab, fresh: ServerProcess) -> None:
    page, held = tab.page, list[Route]()
    page.add_init_script(
        "window.EventSource = class extends EventSource { constructor(of) { super(of);"
        " this.addEventListener('change', (one) => { document.documentElement.dataset.told = one.lastEventId }) } }"
    )
    page.clock.install()
    page.route("**/api/v1/calls?*feature=late*", lambda route: held.append(route), times=1)  # noqa: PLW0108  it reads its signature
    with page.expect_request("**/api/v1/calls?*feature=late*"):
        page.goto(f"{fresh.url}/requests?{NOW}&feature=late&cols=model,cost")
    told = page.locator("html")
    expect(told).to_have_attribute("data-told", re.compile(r"\d+"))
    [route] = held
    empty = route.fetch()
    assert empty.json()["data"] == []
    before = told.get_attribute("data-told") or ""
    send(fresh, call(60, feature="late"))
    expect(told).not_to_have_attribute("data-told", before)
    page.clock.fast_forward(3_000)  # what is visible is asked again at most every two seconds
    route.fulfill(response=empty)
    expect(page.get_by_role("grid").locator("[data-column=cost]")).to_have_text("$0.300000")


def test_a_session_that_ends_meanwhile_is_told_and_comes_back_in_another_tab(tab: Tab, fresh: ServerProcess) -> None:
    tab.expected = lambda complaint: "401" in complaint
    page = tab.open(f"/requests?{NOW}&feature=ended")
    signed_out = page.get_by_role("alert", name="Session")
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("r")
    expect(signed_out).to_contain_text("You are signed out")
    expect(signed_out.get_by_role("link", name="Sign in", exact=True)).to_have_attribute(
        "href", re.compile(r"/sign-in\?next=.*feature%3Dended")
    )
    page.context.add_cookies(
        [{"name": one.get("name", ""), "value": one.get("value", ""), "url": fresh.url} for one in kept]
    )
    page.keyboard.press("r")
    expect(signed_out).to_have_count(0)
