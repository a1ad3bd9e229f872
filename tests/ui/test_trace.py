"""A trace of ten thousand spans: drawn at once, scrolled to its end, and walked from error to error."""

import json
import re
from typing import Any

import httpx
import pytest
from api.conftest import DAY, value
from playwright.sync_api import expect
from server_process import ServerProcess
from ui.conftest import Tab

SPANS = 10_000
FAILED = (4_000, 9_000)
TRACE = "f" * 32
BEFORE = DAY - 86_400
"""A day of its own, so that no sum of the known day changes."""


def span(number: int) -> dict[str, Any]:
    start = BEFORE * 10**9 + number * 10**6
    return {
        "traceId": TRACE,
        "spanId": f"{number + 1:016x}",
        # Ten under the root, and a hundred times ten under those.
        **({"parentSpanId": f"{(number // 10) + 1:016x}"} if number else {}),
        "name": f"step {number}",
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 10**7),
        **({"status": {"code": 2, "message": "no"}} if number in FAILED else {}),
        "attributes": [{"key": "step", "value": value(number)}],
    }


@pytest.fixture(scope="module")
def long(served: ServerProcess) -> ServerProcess:
    """The server, once it holds the trace."""
    sent = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span(number) for number in range(SPANS)]}]}]})
    headers = {"Content-Type": "application/json", **served.headers}
    answer = httpx.post(f"{served.url}/v1/traces", content=sent, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    return served


def test_ten_thousand_spans_scroll_and_errors_are_found(tab: Tab, long: ServerProcess) -> None:
    page = tab.open(f"/traces/{TRACE}")
    grid = page.get_by_role("treegrid")
    expect(grid).to_have_attribute("aria-rowcount", str(SPANS + 1))
    assert page.evaluate("document.querySelectorAll('*').length") < 2_500
    grid.evaluate("host => { host.scrollTop = host.scrollHeight }")
    expect(grid.locator(f"[aria-rowindex='{SPANS + 1}']")).to_be_visible()
    for number in FAILED:
        page.keyboard.press("e")
        expect(grid.locator("[aria-selected=true]")).to_contain_text(f"step {number}")
        expect(page).to_have_url(re.compile(f"span={number + 1:016x}"))
    page.keyboard.press("Shift+E")
    expect(grid.locator("[aria-selected=true]")).to_contain_text(f"step {FAILED[0]}")


def test_what_opens_on_a_trace_is_fetched_when_it_is_opened(tab: Tab, long: ServerProcess) -> None:
    page = tab.open(f"/traces/{TRACE}")
    page.get_by_role("treegrid").press("ArrowDown")
    expect(page.get_by_role("complementary", name="The span").get_by_role("tab", name="Overview")).to_be_visible()
    page.get_by_text("Comments").click()
    expect(page.get_by_role("textbox", name="Comment")).to_be_visible()
    page.get_by_role("button", name="Add to queue").click()
    expect(page.get_by_text("There is no queue")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add to queue")).to_be_focused()
