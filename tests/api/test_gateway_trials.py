"""Accounts asked for their models, prompts shown, and calls made as a person whose browser is signed in."""

import json
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from e2e.waiting import until
from server_process import ServerProcess, free_port
from stub_provider import StubProvider

PATH = "/api/v1/gateway"
PASSWORD = "correct horse battery"
GOOD, BAD = "sk-good", "sk-bad"


class Listing(BaseHTTPRequestHandler):
    """Offers two models to who has the key, and is something else at other addresses."""

    def do_GET(self) -> None:
        status = 401 if self.headers["Authorization"] != f"Bearer {GOOD}" else 200 if self.path == "/v1/models" else 404
        body = json.dumps({"data": [{"id": "a"}, {"id": "b"}]} if status == 200 else {"error": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Nothing."""


@pytest.fixture(scope="module")
def listing() -> Generator[str]:
    """The address of a provider that lists its models."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Listing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def provider() -> Generator[StubProvider]:
    """One that answers."""
    with StubProvider() as running:
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, provider: StubProvider) -> Generator[ServerProcess]:
    """A server whose environment tells of an account with it."""
    server = ServerProcess(
        tmp_path_factory.mktemp("trials"),
        {
            "OPENAI_API_KEY": "sk-stub",
            "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1",
            "FARTHING_INIT_ADMIN_PASSWORD": PASSWORD,
        },
    )
    server.start()
    yield server
    server.kill()


def post(server: ServerProcess, path: str, body: Any = None) -> httpx.Response:
    return httpx.post(server.url + PATH + path, json=body, headers=server.headers, timeout=30)


def test_an_account_is_tested(running: ServerProcess, listing: str) -> None:
    made: dict[str, dict[str, Any]] = {
        "good": {"base_url": listing, "secret": GOOD},
        "wrong": {"base_url": listing, "secret": BAD},
        "elsewhere": {"base_url": f"{listing}/there", "secret": GOOD},
        "nobody": {"base_url": f"http://127.0.0.1:{free_port()}/v1"},
        "off": {"base_url": listing, "enabled": False},
    }
    for slug, fields in made.items():
        assert post(running, "/accounts", {"slug": slug, "provider": "vllm", **fields}).status_code == 201
    found = {slug: post(running, f"/accounts/{slug}/test").json() for slug in made}
    assert [(found["good"][name]) for name in ("works", "status", "models")] == [True, 200, 2]
    assert found["good"]["latency_ms"] >= 0
    assert (found["wrong"]["works"], found["wrong"]["status"]) == (False, 401)
    assert "does not know the key" in found["wrong"]["message"]
    assert (found["elsewhere"]["status"], "base URL" in found["elsewhere"]["message"]) == (404, True)
    assert (found["nobody"]["works"], found["nobody"]["status"]) == (False, None)
    assert "could not be reached" in found["nobody"]["message"]
    assert (found["off"]["status"], "turn it on" in found["off"]["detail"]) == (409, True)
    assert post(running, "/accounts/none/test").status_code == 404
    assert post(running, "/accounts/env:openai/test").json()["works"] is False
    assert GOOD not in json.dumps(found)
    # What they offer is one list, for keys and for the playground.
    for path in ("/v1/models", f"{PATH}/models"):
        listed = httpx.get(running.url + path, headers=running.headers, timeout=30)
        assert [one["id"] for one in listed.json()["data"]] == ["@good/a", "@good/b"]
        left_out = listed.headers["x-farthing-accounts-left-out"].split(", ")
        assert sorted(left_out) == ["elsewhere", "nobody", "openai", "wrong"]


def test_a_prompt_is_shown_as_the_provider_would_be_told_it(running: ServerProcess) -> None:
    told = post(running, "/preview", {"system_prompt": "Dear {{ name }}{{ more }}.", "input": {"name": "Ada"}})
    assert told.json() == {"text": "Dear Ada."}
    assert post(running, "/preview", {"system_prompt": "{{"}).status_code == 400


def test_a_person_calls_as_who_they_are(running: ServerProcess, provider: StubProvider) -> None:
    ours = {"X-Farthing-UI": "1"}
    said = [{"role": "user", "content": "Hello"}]
    wanted = {"model": "gpt-4o", "messages": said, "stream": True, "stream_options": {"include_usage": True}}
    with httpx.Client(base_url=running.url, timeout=30) as browser:
        browser.post("/api/v1/session", json={"login": "admin", "password": PASSWORD}, headers=ours)
        assert browser.post(f"{PATH}/playground/openai", json=wanted).status_code == 403
        headers = {**ours, "X-Farthing-Environment": "staging", "X-Farthing-Feature": "playground"}
        before = len(provider.answered)
        answer = browser.post(f"{PATH}/playground/openai", json=wanted, headers=headers)
        assert (answer.status_code, len(provider.answered)) == (200, before + 1)
        assert '"usage"' in answer.text
        assert answer.text.rstrip().endswith("data: [DONE]")
        refused = browser.post(f"{PATH}/playground/openai", json={"model": "@absent/x", "messages": []}, headers=ours)
        assert (refused.status_code, "absent" in refused.json()["error"]["message"]) == (404, True)
        _, trace, span, _ = answer.headers["traceparent"].split("-")
    call = _settled(running, f"{trace}-{span}")
    assert (call["environment"], call["feature"], call["config"]) == ("staging", "playground", None)
    assert call["cost_usd"] is not None


def _settled(server: ServerProcess, call_id: str) -> dict[str, Any]:
    """The call, once it is in the ledger."""
    found: dict[str, Any] = {}

    def there() -> bool:
        answer = httpx.get(f"{server.url}/api/v1/calls/{call_id}", headers=server.headers, timeout=30)
        found.update(answer.json() if answer.status_code == 200 else {})
        return bool(found)

    until(there, 60)
    return found.get("call", found)


def test_without_a_session_or_a_key_nothing_is_done(running: ServerProcess) -> None:
    for path in ("/playground/openai", "/preview", "/accounts/openai/test"):
        assert httpx.post(running.url + PATH + path, json={}, timeout=30).status_code == 401
