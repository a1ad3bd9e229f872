"""axe finds nothing on any page, in both themes."""

from typing import Any, Literal

import pytest
from api.conftest import DAY
from ui.conftest import AXE, Tab, need

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
CALL = f"{1:032x}-{1:016x}"
PAGES = [
    f"/?{HERE}",
    f"/setup?{HERE}",
    f"/costs?{HERE}",
    f"/costs?{HERE}&by=feature&cmp=prev",
    f"/costs/tokens?{HERE}",
    f"/requests?{HERE}&feature=chat&peek={CALL}",
    f"/requests/{CALL}?{HERE}",
    f"/traces?{HERE}",
    f"/traces/{1:032x}?{HERE}&span={1:016x}",
    f"/sessions?{HERE}",
    f"/sessions/s1?{HERE}",
    f"/users?{HERE}",
    f"/users/u1?{HERE}",
    f"/pricing?{HERE}",
    "/annotation",
    f"/pricing/openai/gpt-4o?{HERE}",
    f"/budgets?{HERE}",
    "/settings",
    "/settings/projects",
    "/settings/keys",
    "/settings/retention",
    "/settings/environments",
    "/settings/allowance",
    "/settings/ingest",
    "/settings/quarantine",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def found(tab: Tab, theme: Literal["light", "dark"]) -> list[str]:
    tab.in_theme(theme)
    answer: list[dict[str, Any]] = tab.page.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}}).then(answer => answer.violations)", RULES
    )
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in answer for node in one["nodes"]]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.replace(HERE, "").replace("0" * 15, "~"))
def test_axe_finds_nothing(tab: Tab, path: str) -> None:
    need(AXE.is_file(), "The web UI's packages are not installed")
    page = tab.open(path)
    # Not as a script's address: the policy of the pages lets only their own in.
    page.evaluate(AXE.read_text())
    assert {theme: found(tab, theme) for theme in ("light", "dark")} == {"light": [], "dark": []}
