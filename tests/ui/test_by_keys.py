"""Without a mouse: nothing leads away, nothing holds the focus, what was opened gives it back."""

import pytest
from api.conftest import DAY
from playwright.sync_api import expect
from ui.conftest import Tab

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"


def test_the_first_stop_skips_to_the_page_that_is_open(tab: Tab) -> None:
    page = tab.open(f"/costs?{HERE}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Costs")


@pytest.mark.parametrize("path", ["/traces", "/sessions", "/users"])
def test_a_list_is_one_stop_however_long_it_is(tab: Tab, path: str) -> None:
    page = tab.open(f"{path}?{HERE}")
    page.get_by_role("button", name="Columns").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[role=gridcell]:focus")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("grid").locator(":focus")).to_have_count(0)


def test_enter_follows_what_a_cell_leads_to(tab: Tab) -> None:
    page = tab.open(f"/traces?{HERE}")
    cell = page.locator("[role=gridcell][data-column=session]", has=page.locator("a")).first
    name = cell.inner_text()
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_menu_of_a_narrow_page_takes_the_focus_and_gives_it_back(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    page = tab.open(f"/costs?{HERE}")
    menu, costs = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Costs", exact=True)
    menu.focus()
    page.keyboard.press("Enter")
    expect(costs).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(costs).to_be_hidden()
    # Leaving it by the tab key, and a press beside it, close it too.
    menu.click()
    page.get_by_role("button", name="admin").focus()
    page.keyboard.press("Tab")
    expect(costs).to_be_hidden()
    menu.click()
    page.mouse.click(350, 300)
    expect(costs).to_be_hidden()


def test_the_accounts_menu_can_be_used_on_a_narrow_page(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    page = tab.open(f"/costs?{HERE}")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="admin").click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()


def test_the_theme_turns_at_the_first_press_also_where_the_system_chose_it(tab: Tab) -> None:
    tab.open(f"/costs?{HERE}")
    tab.in_theme("dark")
    tab.page.get_by_role("button", name="Light", exact=True).click()
    expect(tab.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    tab.page.keyboard.press("d")
    expect(tab.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
