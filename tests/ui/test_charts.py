"""Charts: each that was promised is there, with the API's figures in its table; a drag narrows the range, and back undoes it."""

import re
from urllib.parse import parse_qs, urlsplit

from api.conftest import DAY, RANGE
from playwright.sync_api import Locator, Page, expect
from server_process import ServerProcess
from ui.conftest import Tab

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
TILES = ["Total LLM Cost ($)", "Total Input Tokens", "Total Output Tokens", "Total LLM Calls"]
CHARTS = [
    "LLM Cost Over Time ($)",
    "Cost by Model",
    "Input vs Output Cost Over Time ($)",
    "Token Usage by Model",
    "Token Usage Over Time",
]


def exact(page: Page, title: str) -> str:
    shown = page.get_by_role("region", name=title, exact=True).locator("[data-exact]")
    return shown.get_attribute("data-exact") or ""


def plot(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True).locator("[data-chart] .plot")


def test_the_tiles_and_charts_of_the_costs_page_are_there_and_add_up(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/costs?{HERE}&feature=search")
    total = served.get("/api/v1/spend", **RANGE, feature="search")["total"]
    assert exact(page, TILES[0]).startswith(f"${total['cost_usd']}")
    assert exact(page, TILES[1]).startswith(f"{total['input_tokens']:,}")
    assert exact(page, TILES[2]).startswith(f"{total['output_tokens']:,}")
    assert exact(page, TILES[3]).startswith(f"{total['calls']:,}")
    for title in CHARTS:
        expect(plot(page, title)).to_be_visible()


def test_a_chart_as_a_table_tells_the_apis_steps(tab: Tab, served: ServerProcess) -> None:
    page = tab.open(f"/costs?{HERE}")
    panel = page.get_by_role("region", name="Token Usage Over Time", exact=True)
    panel.get_by_role("button", name="Show as table").click()
    steps = served.get("/api/v1/spend", **RANGE, granularity="auto", tz="UTC")["series"]
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(len(steps))
    for at, step in enumerate(steps):
        told = [f"{group['input_tokens']:,}" for group in step["groups"]]
        assert [text for text in rows.nth(at).inner_text().split() if text in told][: len(told)] == told


def test_a_drag_over_a_chart_narrows_the_range_and_back_undoes_it(tab: Tab) -> None:
    page = tab.open(f"/costs?{HERE}")
    chart = plot(page, "Token Usage Over Time")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, height, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.6, height, steps=4)
    page.mouse.up()
    expect(page).not_to_have_url(re.compile(re.escape(HERE)))
    asked = parse_qs(urlsplit(page.url).query)
    assert [asked["from"][0][:10], asked["to"][0][:10]] == ["2026-09-21", "2026-09-21"]
    assert "T00:00" not in asked["from"][0]
    tab.settled()
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(HERE)))
