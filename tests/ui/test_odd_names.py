"""Names nobody would choose, addresses nobody would write, a session that ended: pages stay whole, and say what is wrong."""

import json
from collections.abc import Generator

import httpx
import pytest
from api.conftest import DAY, fill, value
from playwright.sync_api import Browser, expect
from server_process import ServerProcess
from ui.conftest import Tab, serving, tab_of

HERE = f"from={DAY}&to={DAY + 86_400}&tz=utc"
LONG = "w" * 300
ODD = [
    "__proto__",
    "constructor",
    "<img src=x onerror=alert(1)>",
    LONG,
    "מודל של עברית",
    "🦄🧪",
    "a/b?c=d&e#f%00",
    "..",
    "!no",
    "null",
]


def told(at: int, name: str) -> dict[str, object]:
    """The span of a call whose every name is odd; every second one has a price."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o" if at % 2 else name,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        **dict.fromkeys(("feature", "user.id", "session.id", "team", "deployment.environment.name"), name),
        name: name,
        "__proto__": "tagged",
    }
    start = (DAY + 3_600 * at) * 10**9
    return {
        "traceId": f"{at + 1:032x}",
        "spanId": f"{at + 1:016x}",
        "name": name,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 10**8),
        "attributes": [{"key": key, "value": value(of)} for key, of in attributes.items()],
    }


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server with odd calls, and a budget with a name as long as they come."""
    for server in serving(tmp_path_factory.mktemp("odd"), 0):
        spans = [told(at, name) for at, name in enumerate(ODD)]
        fill(server, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode(), len(ODD))
        budget = {"name": LONG[:200], "limit_usd": "0.000001", "period": "month", "timezone": "UTC"}
        answer = httpx.post(f"{server.url}/api/v1/budgets", json=budget, headers=server.headers, timeout=60)
        assert answer.status_code == 201, answer.text
        yield server


@pytest.fixture
def tab(browser: Browser, odd: ServerProcess) -> Generator[Tab]:
    """A tab at the server with odd names."""
    yield from tab_of(browser, odd)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/costs",
        "/costs?by=team,feature",
        "/costs?by=tag.__proto__",
        "/costs/tokens",
        "/requests",
        "/traces",
        "/sessions",
        "/users",
        "/budgets",
        "/settings/environments",
        "/pricing",
        f"/requests?feature={LONG}",
        f"/users/{LONG}",
    ],
    ids=lambda path: str(path).replace(LONG, "long"),
)
def test_odd_names_break_no_page(tab: Tab, path: str, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    page = tab.open(f"{path}{'&' if '?' in path else '?'}{HERE}")
    expect(page.get_by_role("alert")).to_have_count(0)
    # Nothing sticks out of the page, and nothing that comes in changes what all objects inherit.
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.evaluate("Object.keys(Object.prototype)") == []
    assert page.locator("main img").count() == 0


def test_a_model_called_proto_is_in_the_ring_and_the_bars(tab: Tab) -> None:
    page = tab.open(f"/costs?{HERE}")
    expect(page.get_by_role("region", name="Cost by Model")).to_contain_text("gpt-4o")
    bars = page.get_by_role("region", name="Token Usage by Model")
    expect(bars.locator("[data-chart] svg")).to_contain_text("__proto__")
    assert page.evaluate("Object.keys(Object.prototype)") == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/?from=abc", "'abc' is no time"),
        ("/?tz=Nowhere/Land", "no time zone 'Nowhere/Land'"),
        ("/?from=now&to=now-1d", "is not before"),
        ("/costs?by=%00", "zero byte"),
        ("/costs?by=__proto__", "no dimension '__proto__'"),
        ("/requests?sort=-nonsense", "'-nonsense' is no order"),
        ("/requests?min_cost=abc", "'abc' is no number of dollars"),
        ("/requests?peek=nonsense", "no call 'nonsense'"),
        ("/traces/nonsense", "no trace 'nonsense'"),
        ("/budgets/nonsense", "no budget 'nonsense'"),
        ("/annotation/nonsense", "no annotation queue 'nonsense'"),
        ("/experiments/compare?runs=a,b", "no run 'a'"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_in_a_sentence(tab: Tab, path: str, says: str) -> None:
    tab.expected = lambda complaint: any(status in complaint for status in ("400", "404", "422"))
    page = tab.open(path)
    expect(page.get_by_role("alert").first).to_contain_text(says)
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_an_address_without_a_page_leads_back(tab: Tab) -> None:
    page = tab.open("/nowhere/at/all")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such page")
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_a_session_that_ended_leads_to_signing_in_and_back(tab: Tab) -> None:
    tab.expected = lambda complaint: "401" in complaint
    page = tab.open(f"/costs?{HERE}")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Farthing")).to_be_visible()
    page.get_by_label("Name or e-mail").fill("admin")
    page.get_by_label("Password").first.fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Costs")
    assert f"from={DAY}" in page.url
