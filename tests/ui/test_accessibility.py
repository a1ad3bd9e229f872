"""axe finds nothing on any page, in both themes."""

from collections.abc import Generator
from typing import Any

import pytest
from api.conftest import DAY
from playwright.sync_api import Browser
from server_process import ServerProcess
from ui.conftest import AXE, Tab, tab_of

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
PAGES = [
    "/",
    "/setup",
    "/costs",
    "/costs/tokens",
    "/requests",
    "/traces",
    "/sessions",
    "/users",
    "/pricing",
    "/budgets",
    "/settings",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser, served: ServerProcess) -> Generator[Tab]:
    """A tab in each theme."""
    yield from tab_of(browser, served, request.param)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(themed: Tab, path: str) -> None:
    page = themed.open(f"{path}?{HERE}")
    # Not as a script's address: the policy of the pages lets only their own in.
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}}).then(answer => answer.violations)", RULES
    )
    told = [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
    assert told == []
