"""A page as wide as a telephone or enlarged four times, with letters further apart, on paper: all of it can be read."""

import pytest
from api.conftest import DAY
from playwright.sync_api import expect
from ui.conftest import Tab

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
FURTHER_APART = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }
"""
"""What WCAG 1.4.12 wants a page to bear."""

OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

PATHS = [
    *("/", "/costs", "/costs/tokens", "/requests", "/traces", "/budgets", "/pricing", "/gateway", "/alerts/rules/new"),
    *(f"/settings/{part}" for part in ("general", "keys", "environments", "ingest", "retention", "projects")),
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_sticks_out_at_320_pixels(tab: Tab, path: str) -> None:
    tab.page.set_viewport_size({"width": 320, "height": 640})
    page = tab.open(f"{path}?{HERE}")
    assert page.evaluate(OVER) <= 0
    page.add_style_tag(content=FURTHER_APART)
    assert page.evaluate(OVER) <= 0


@pytest.mark.parametrize("width", [320, 1440])
def test_the_range_can_be_chosen_in_whole(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    page = tab.open(f"/?{HERE}")
    page.locator("[data-range]").click()
    for field in (page.get_by_label("Range"), page.get_by_role("combobox", name="Time zone")):
        expect(field).to_be_in_viewport(ratio=1)


def test_what_a_key_allows_is_reached_without_scrolling_sideways(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 1024, "height": 768})
    page = tab.open("/settings/keys")
    expect(page.get_by_role("button", name="Revoke").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/", "/costs", "/requests"])
def test_on_paper_is_what_the_page_says_and_nothing_to_press(tab: Tab, path: str) -> None:
    page = tab.open(f"{path}?{HERE}")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    expect(page.locator("[data-range]")).to_be_visible()
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_hidden()
    # Rows stand one below the other, each as high as what it says.
    rows = page.locator(".rows .row")
    if rows.count():
        assert rows.nth(0).evaluate("row => getComputedStyle(row).position") == "static"


@pytest.mark.parametrize("path", ["/costs", "/costs/tokens"])
def test_where_nothing_came_there_are_no_empty_charts(tab: Tab, path: str) -> None:
    page = tab.open(f"{path}?from=2020-01-01&to=2020-01-02&tz=utc")
    expect(page.get_by_text("Nothing in this range. The latest request was at")).to_be_visible()
    expect(page.locator("[data-chart]")).to_have_count(0)
    page.get_by_role("button", name="Go there").click()
    expect(page.locator("[data-chart]").first).to_be_visible()
