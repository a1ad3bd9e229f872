"""One way from a file to the cheapest run that is good enough: put in, tried, chosen, compared item by item; axe finds nothing."""

import json
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from api.conftest import value
from e2e.waiting import until
from playwright.sync_api import Browser, Page, expect
from server_process import ServerProcess
from ui.conftest import AXE, PASSWORD, Tab, need, tab_of
from ui.test_accessibility import found

ITEMS = 30
WRONG = {"dear": range(0), "cheap": range(3), "hasty": range(20)}
MODELS = {"dear": "gpt-4o", "cheap": "gpt-4o-mini", "hasty": "gpt-4o-mini"}
START_NS = time.time_ns() - 3_600 * 10**9
"""What was said is kept for some days only, so it was said just now."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SETTLED_S = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """An empty server; its key keeps what was answered."""
    running = ServerProcess(tmp_path_factory.mktemp("experiments"), {"FARTHING_INIT_ADMIN_PASSWORD": PASSWORD})
    running.start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture
def there(browser: Browser, server: ServerProcess) -> Generator[Tab]:
    """A tab at that server."""
    yield from tab_of(browser, server)


def post(server: ServerProcess, key: str, path: str, told: object) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(server.url + path, json=told, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def trace(run: str, at: int) -> str:
    return f"{list(WRONG).index(run) + 1:016x}{at + 1:016x}"


def answered(run: str, at: int) -> dict[str, Any]:
    is_right = at not in WRONG[run]
    return {
        "item_id": f"q{at:02}",
        "trace_id": trace(run, at),
        "started_at": datetime.fromtimestamp(START_NS // 10**9, UTC).isoformat(),
        "latency_ms": 500,
        "output": f"Send order {at} back within {30 if is_right else 14} days.",
        "scores": [{"name": "exact", "value": is_right, "evaluator": "exact@2" if run == "hasty" else "exact@1"}],
    }


def called(run: str, at: int) -> dict[str, Any]:
    facts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODELS[run],
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "input.value": f"Where is order {at}?",
        "output.value": "On its way.",
    }
    return {
        "traceId": trace(run, at),
        "spanId": f"{at + 1:016x}",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(START_NS + 500_000_000),
        "attributes": [{"key": name, "value": value(told)} for name, told in facts.items()],
    }


def tried(server: ServerProcess, dataset: str) -> None:
    """Three runs on it; come back when what all their calls cost is known."""
    asked = {"name": "keeps", "scopes": ["ingest"], "content": True}
    made = httpx.post(f"{server.url}/api/v1/keys", json=asked, headers=server.headers, timeout=60)
    assert made.status_code == 201, made.text
    key = made.json()["secret"]
    for run in WRONG:
        about = {"name": run, "dataset_id": dataset, "metadata": {"model": MODELS[run]}}
        told = {"run": about, "results": [answered(run, at) for at in range(ITEMS)]}
        post(server, key, "/api/v1/experiments/results", told)
        spans = [called(run, at) for at in range(ITEMS)]
        post(server, key, "/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})

    def is_known() -> bool:
        listed = server.get("/api/v1/experiments")["data"]
        return len(listed) == len(WRONG) and all(
            one["summary"] and one["summary"]["unknown_cost_cases"] == 0 and one["items"] == ITEMS for one in listed
        )

    until(is_known, SETTLED_S)


def put_in(there: Tab, folder: Path) -> str:
    """A dataset made by hand out of a file; its id."""
    page = there.open("/datasets")
    page.get_by_role("button", name="Add a dataset").click()
    page.get_by_label("Name").fill("returns")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("returns")
    chosen = page.locator("input[type=file]")
    wrong = folder / "wrong.jsonl"
    wrong.write_text('{"id": "q00", "input": "Order 0?"}\nnot JSON\n')
    chosen.set_input_files(wrong)
    expect(page.get_by_text("Line 2:")).to_be_visible()
    expect(page.get_by_role("button", name="Put them in")).to_be_disabled()
    right = folder / "right.jsonl"
    lines = [
        {"id": f"q{at:02}", "input": f"Order {at}?", "expected_output": f"Send order {at} back within 30 days."}
        for at in range(ITEMS)
    ]
    right.write_text("\n".join(json.dumps(line) for line in lines))
    chosen.set_input_files(right)
    expect(page.get_by_text("It would be 30 new")).to_be_visible()
    page.get_by_role("button", name="Put them in").click()
    expect(page.get_by_text("Kept: 30 new")).to_be_visible()
    page.get_by_role("button", name="Archive q29").click()
    expect(page.get_by_role("button", name="Take up again q29")).to_be_visible()
    page.get_by_role("button", name="Versions of q29").click()
    expect(page.locator("tr.version")).to_have_count(2)
    return page.url.rsplit("/", 1)[1]


def compare(page: Page) -> None:
    """The dear run with the two others, then only what became worse."""
    for run in WRONG:
        page.get_by_label(f"Choose {run}", exact=True).check()
    page.get_by_role("button", name="Compare 3 runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare runs")
    runs = page.get_by_role("region", name="Runs, table")
    expect(runs).to_contain_text("$0.105000")
    expect(runs).to_contain_text("\N{MINUS SIGN}$0.098700")
    expect(page.get_by_role("note")).to_contain_text("exact@2")
    page.get_by_label("Worse by at most").fill("0.3")
    expect(page.locator(".choice")).to_contain_text("cheap is the cheapest run that is not worse than the baseline")
    strip = page.get_by_role("region", name="Beside the baseline, table")
    strip.get_by_role("link", name="↓ 20").click()
    items = page.get_by_role("table", name="Items by run")
    expect(items).to_have_attribute("aria-rowcount", "21")
    page.keyboard.press("n")
    expect(items.locator("[aria-current=true]")).to_contain_text("q00")
    expect(items.locator("[aria-current=true] ins").first).to_have_text("14")
    expect(items.locator("[aria-current=true]").get_by_role("link", name="Trace")).to_have_count(3)


def add_a_call(page: Page) -> None:
    """An item more, out of what was said."""
    page.get_by_role("button", name="Add to dataset").click()
    dialog = page.get_by_role("dialog", name="Add to dataset")
    dialog.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="returns").click()
    dialog.get_by_role("button", name="Look what it would be").click()
    expect(dialog.get_by_role("status")).to_contain_text("It would be 1 new")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("Added: 1 new")


def judge_as_it_comes(page: Page) -> None:
    """A rule that is tried on what was said, then started."""
    page.get_by_role("button", name="Judge…").click()
    dialog = page.get_by_role("dialog", name="Judge as it comes")
    dialog.get_by_label("Score").fill("on its way")
    dialog.get_by_role("combobox", name="Judged by").click()
    page.get_by_role("option", name="Contains all of").click()
    expect(dialog.get_by_role("button", name="Start")).to_be_disabled()
    dialog.get_by_label("Texts").fill("On its way")
    dialog.get_by_role("button", name="Try on the latest 5").click()
    expect(dialog.get_by_role("table").get_by_text("On its way.")).to_have_count(5)
    dialog.get_by_role("button", name="Start").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("switch", name="on its way is on")).to_be_checked()


def test_from_a_file_to_the_cheapest_run_that_is_good_enough(there: Tab, server: ServerProcess, tmp_path: Path) -> None:
    dataset = put_in(there, tmp_path)
    tried(server, dataset)
    compare(there.open("/experiments"))
    judge_as_it_comes(there.open("/experiments"))
    add_a_call(there.open(f"/requests/{trace('dear', 0)}-{1:016x}"))
    expect(there.open(f"/datasets/{dataset}").get_by_text("Where is order 0?")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/datasets", "/datasets/returns", "/experiments", "/experiments/compare?runs=dear,cheap,hasty"]
)
def test_axe_finds_nothing(there: Tab, path: str) -> None:
    need(AXE.is_file(), "The web UI's packages are not installed")
    page = there.open(path)
    page.evaluate(AXE.read_text())
    assert {theme: found(there, theme) for theme in THEMES} == {"light": [], "dark": []}
