"""One way through the gateway's pages: a config is made, changed, rolled out and tried; its call is in the ledger; axe finds nothing."""

from collections.abc import Generator
from typing import Literal

import httpx
import pytest
from api.conftest import Json
from e2e.waiting import until
from playwright.sync_api import Browser, Page, expect
from server_process import ServerProcess
from stub_provider import StubProvider
from ui.conftest import AXE, PASSWORD, Tab, need, tab_of
from ui.test_accessibility import found

PATH = "/gateway"
VARIANT = "/configs/support/plain"
PARTS = [
    "",
    "/configs",
    "/configs/support",
    f"{VARIANT}?v=2",
    VARIANT,
    "/environments",
    "/rollouts",
    "/keys",
    "/playground",
]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def at_provider(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """A server with a default account."""
    with StubProvider() as provider:
        told = {"OPENAI_API_KEY": "sk-stub", "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1"}
        server = ServerProcess(tmp_path_factory.mktemp("gateway"), {**told, "FARTHING_INIT_ADMIN_PASSWORD": PASSWORD})
        server.start()
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture
def at_gateway(browser: Browser, at_provider: ServerProcess) -> Generator[Tab]:
    """A tab there."""
    yield from tab_of(browser, at_provider)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("dialog").get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def save(page: Page, button: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=button).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_config_is_made_changed_rolled_out_and_tried(at_gateway: Tab, at_provider: ServerProcess) -> None:
    page = at_gateway.open(f"{PATH}/configs")
    page.get_by_role("button", name="Add a config").click()
    page.get_by_label("Slug").fill("support")
    save(page, "Save")
    page.get_by_role("link", name="support", exact=True).click()

    page.get_by_role("button", name="Add a variant").click()
    page.get_by_label("Slug").fill("plain")
    page.get_by_role("dialog").get_by_role("combobox", name="Model").fill("gpt-4o-mini")
    page.get_by_label("System prompt").fill("You help {{ company }}.")
    page.get_by_label("company, to try").fill("Acme")
    expect(page.get_by_label("What the provider would be told")).to_have_text("You help Acme.")
    save(page, "Add it")
    page.get_by_role("link", name="plain", exact=True).click()

    page.get_by_role("button", name="New version").click()
    page.get_by_role("dialog").get_by_role("combobox", name="Model").fill("gpt-4o")
    page.get_by_label("Note").fill("The larger one")
    save(page, "Make it so from now on")
    row = page.get_by_role("region", name="What differs").get_by_role("row", name="Asks")
    expect(row).to_have_text("Asksgpt-4o-minigpt-4o")

    at_gateway.open(f"{PATH}/rollouts")
    page.get_by_role("button", name="Roll a variant out").click()
    choose(page, "Config", "support")
    choose(page, "Variant", "plain")
    page.get_by_label("Conditions").fill('{"!=": [{"var": "user"}, "u1"]}')
    expect(page.get_by_text("It is for: user is not “u1”")).to_be_visible()
    save(page, "Save")
    expect(page.get_by_role("img", name="support in all environments: plain 100 %")).to_be_visible()

    call = _tried(at_gateway, at_provider)
    assert (call["config"], call["variant"], call["feature"]) == ("support", "plain", "playground")


def _tried(tab: Tab, server: ServerProcess) -> Json:
    page = tab.open(f"{PATH}/playground?p_config=support")
    page.get_by_label("Variable company").fill("Acme")
    page.get_by_role("textbox", name="Message").fill("How is the café?")
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_role("region", name="Answer")
    expect(answer.get_by_label("What was answered")).to_contain_text("Observability")
    link = answer.get_by_role("link", name="the request")
    expect(link).to_be_visible()
    shown: list[Json] = []
    until(lambda: bool(shown.extend(server.get("/api/v1/calls", limit="1")["data"]) or shown), 30)
    exact = answer.get_by_title(f"${shown[0]['cost_usd']}", exact=True)
    expect(exact).to_be_visible()
    link.click()
    expect(page.get_by_text(str(shown[0]["id"])[:8]).first).to_be_visible()
    return shown[0]


def test_a_connection_that_breaks_is_told_in_words(at_gateway: Tab) -> None:
    at_gateway.expected = lambda complaint: "ERR_CONNECTION" in complaint
    at_gateway.page.route("**/gateway/playground/openai", lambda route: route.abort("connectionreset"))
    page = at_gateway.open(f"{PATH}/playground?p_model=gpt-4o-mini")
    page.get_by_role("textbox", name="Message").fill("How is it?")
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_role("region", name="Answer")
    expect(answer.get_by_role("alert")).to_contain_text("The connection broke off. It ended before the answer did")


def test_a_config_is_found_and_a_long_name_hides_nothing(at_gateway: Tab, at_provider: ServerProcess) -> None:
    for wanted in ({"slug": "long", "name": "w" * 200}, {"slug": "short", "name": "Ünïcode"}):
        path = f"{at_provider.url}/api/v1/gateway/configs"
        assert httpx.post(path, json=wanted, headers=at_provider.headers, timeout=30).status_code == 201
    page = at_gateway.open(f"{PATH}/configs")
    expect(page.get_by_role("button", name="Remove long")).to_be_in_viewport(ratio=1)
    page.get_by_label("Find configs").fill("üNï")
    expect(page.get_by_role("link", name="long", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="short", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Find configs")).to_have_value("üNï")
    expect(page.get_by_role("link", name="long", exact=True)).to_have_count(0)


ASKS = """async ([address, key]) => {
  const body = JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${address}/v1/chat/completions`, { method: "POST", headers, body });
  return [answer.status, answer.headers.has("x-farthing-request-id"), Object.keys(await answer.json())[0]];
}"""


def test_a_page_elsewhere_may_ask_with_a_key(browser: Browser, at_provider: ServerProcess) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        # The same server by another name is another origin.
        page.goto(f"{at_provider.url.replace('127.0.0.1', 'localhost')}/healthz")
        assert page.evaluate(ASKS, [at_provider.url, at_provider.key]) == [200, True, "id"]
        assert page.evaluate(ASKS, [at_provider.url, "fk_nobody"]) == [401, True, "error"]
        assert page.evaluate(ASKS, [at_provider.url, ""]) == [401, False, "error"]
    finally:
        context.close()


def test_an_answer_that_is_cut_off_is_not_called_complete(at_gateway: Tab) -> None:
    half = 'data: {"model":"gpt-4o-mini","choices":[{"delta":{"content":"Half of it"}}]}\n\n'
    at_gateway.page.route(
        "**/gateway/playground/openai",
        lambda route: route.fulfill(status=200, content_type="text/event-stream", body=half),
    )
    page = at_gateway.open(f"{PATH}/playground?p_model=gpt-4o-mini")
    page.get_by_role("textbox", name="Message").fill("How is it?")
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_role("region", name="Answer")
    expect(answer.get_by_role("alert")).to_contain_text("ended before the provider said that it was whole")
    expect(answer.get_by_label("What was answered")).to_have_text("Half of it")
    expect(answer.get_by_text("The answer is complete.")).to_have_count(0)


def test_axe_finds_nothing(at_gateway: Tab) -> None:
    need(AXE.is_file(), "The web UI's packages are not installed")
    troubles: dict[str, list[str]] = {}
    for part in PARTS:
        page = at_gateway.open(PATH + part)
        if part == VARIANT:
            page.get_by_role("button", name="New version").click()
            page.get_by_role("button", name="Add a guard").click()
            expect(page.get_by_label("Parameters of the guard")).to_be_visible()
        page.evaluate(AXE.read_text())
        troubles |= {f"{part} {theme}": told for theme in THEMES if (told := found(at_gateway, theme))}
    assert troubles == {}
