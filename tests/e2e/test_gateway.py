"""The gateway in front of a provider, used by the real `openai` and `anthropic`: nothing is noticed, and all is in the ledger.

One server for all tests: starting it takes longer than most of them.
"""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stub_provider.anthropic
import stub_provider.openai
from e2e.odd_provider import OddProvider
from e2e.waiting import until
from environments import environment_for
from server_process import ServerProcess, free_port
from stub_provider import StubProvider

SAID = [{"role": "user", "content": "How is the café?"}]
APPS = Path(__file__).parents[2] / "sdk/python/tests/apps"
RELEASES = ("openai_1_109", "openai_3")
APPS_AHEAD = [APPS / release for release in RELEASES]
"""Made before they are asked for."""


@pytest.fixture(scope="module")
def provider() -> Generator[StubProvider]:
    """A provider as it should be."""
    with StubProvider() as running:
        yield running


@pytest.fixture(scope="module")
def odd() -> Generator[OddProvider]:
    """One that misbehaves."""
    with OddProvider() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, provider: StubProvider, odd: OddProvider
) -> Generator[ServerProcess]:
    """A server with default accounts at both, at nobody's and where TLS is expected in vain."""
    running = ServerProcess(
        tmp_path_factory.mktemp("gateway"),
        {
            "OPENAI_API_KEY": "sk-stub",
            "FARTHING_OPENAI_BASE_URL": f"{provider.url}/v1",
            "ANTHROPIC_API_KEY": "sk-stub",
            "FARTHING_ANTHROPIC_BASE_URL": provider.url,
            "FARTHING_GROQ_BASE_URL": odd.url,
            "FARTHING_MISTRAL_BASE_URL": f"http://127.0.0.1:{free_port()}",
            "FARTHING_XAI_BASE_URL": provider.url.replace("http://", "https://"),
        },
    )
    running.start()
    yield running
    running.kill()


def same_id(prefix: str) -> str:
    return prefix + "0" * 24


def every_kind(release: str, openai: str, anthropic: str, key: str) -> dict[str, Any]:
    """What an application gets of every kind of call."""
    done = subprocess.run(
        [environment_for(APPS / release) / "bin" / "python", APPS / "every_kind.py", "plain"],
        env={
            "PATH": os.environ["PATH"],
            "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": openai,
            "ANTHROPIC_API_KEY": key,
            "ANTHROPIC_BASE_URL": anthropic,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kept(server: ServerProcess, number: int, **filters: str) -> list[dict[str, Any]]:
    """The calls of the ledger, once there are so many."""
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        found[:] = server.get("/api/v1/calls", limit="200", **filters)["data"]
        return len(found) >= number

    until(enough, 60)
    assert len(found) == number
    return found


def chat(server: ServerProcess, model: str, **more: Any) -> httpx.Response:
    """One call."""
    body = {"model": model, "messages": SAID, **more}
    return httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=server.headers, timeout=30)


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_noticed(
    release: str, provider: StubProvider, gateway: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dialect in (stub_provider.openai, stub_provider.anthropic):
        # The same ids each time, so that answers can be compared to the last byte.
        monkeypatch.setattr(dialect, "_id", same_id)
    direct = every_kind(release, provider.url + "/v1", provider.url, "sk-stub")
    base = f"{gateway.url}/api/genai"
    through = every_kind(release, f"{base}/v1", base, gateway.key)
    assert through == direct


def test_an_answer_that_was_given_is_in_the_ledger_though_the_server_is_killed(gateway: ServerProcess) -> None:
    for stream in (False, True):
        assert chat(gateway, "gpt-4o-mini", stream=stream, user="killed").status_code == 200
    gateway.kill()
    gateway.start()
    found = kept(gateway, 2, user="killed")
    assert {(one["streaming"], one["cost_usd"]) for one in found} == {(False, "0.00001335"), (True, "0.00001335")}
    gateway.restart()
    assert len(kept(gateway, 2, user="killed")) == 2


def test_ids_and_attribution(gateway: ServerProcess, provider: StubProvider) -> None:
    told = "0b6f9c1e-1f0a-4c58-9b0e-5a4f4c2e9d11"
    headers = {
        "x-api-key": gateway.key, "x-farthing-request-id": told, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        "x-llmops-session-id": "s1",
    }  # fmt: skip
    body = {"model": "@openai/gpt-4o-mini", "messages": SAID, "metadata": {"tenantSlug": "acme", "plan": "pro"}}
    answer = httpx.post(f"{gateway.url}/llmops/api/genai/v1/chat/completions", json=body, headers=headers, timeout=30)
    assert answer.headers["x-farthing-request-id"] == answer.headers["x-llmops-request-id"] == told
    assert answer.headers["traceparent"].split("-")[1] == "a" * 32
    assert provider.requests[-1] == ("/v1/chat/completions", {"model": "gpt-4o-mini", "messages": SAID})
    (call,) = kept(gateway, 1, session="s1")
    assert (call["external_request_id"], call["trace_id"]) == (told, "a" * 32)
    assert (call["tenant"], call["session_id"], call["tags"]["plan"]) == ("acme", "s1", "pro")


ODD = ("limited", "broken", "malformed", "short", "cut", "no-http", "silent")


def test_a_misbehaving_provider(gateway: ServerProcess, odd: OddProvider) -> None:
    for way in ODD:
        direct = got(f"{odd.url}/{way}/chat/completions", way, {})
        through = got(f"{gateway.url}/v1/proxy/groq/{way}/chat/completions", way, gateway.headers)
        # What can't be had whole is told, where nothing of it has reached the client.
        assert through == ((502, "upstream_cut") if way in ("short", "no-http", "silent") else direct), way
    assert_leaving_is_noticed(gateway, odd)
    calls = {call["request_model"]: call for call in kept(gateway, len(ODD) + 2, provider="groq")}
    told = {way: (call["status"], call["error_type"], call["cost_usd"]) for way, call in calls.items()}
    assert told == {
        "limited": ("error", "rate_limit_exceeded", None),
        "broken": ("error", "500", None),
        "malformed": ("ok", None, None),
        "short": ("error", "upstream_cut", None),
        "cut": ("error", "upstream_cut", None),
        "no-http": ("error", "upstream_cut", None),
        "silent": ("error", "upstream_cut", None),
        "endless": ("error", "client_disconnected", None),
        "waiting": ("error", "client_disconnected", None),
    }


def got(url: str, way: str, headers: dict[str, str]) -> Any:
    """What a client gets: the answer, or how its connection ended."""
    body = {"model": way, "messages": SAID, "stream": way == "cut"}
    try:
        answer = httpx.post(url, json=body, headers=headers, timeout=30)
    except httpx.RemoteProtocolError as error:
        return type(error).__name__
    if answer.status_code == 502:
        return 502, answer.json()["error"]["code"]
    return answer.status_code, answer.content, answer.headers.get("retry-after"), answer.headers["content-type"]


def assert_leaving_is_noticed(server: ServerProcess, provider: OddProvider) -> None:
    """A client that goes away takes its call with it, while it streams and before anything came."""
    url = f"{server.url}/v1/proxy/groq"
    body = {"model": "endless", "messages": SAID, "stream": True}
    with httpx.stream(
        "POST", f"{url}/endless/chat/completions", json=body, headers=server.headers, timeout=30
    ) as answer:
        assert answer.status_code == 200
        next(answer.iter_bytes())
    assert provider.left.wait(30)
    provider.left.clear()
    body = {"model": "waiting", "messages": SAID}
    with httpx.Client(timeout=httpx.Timeout(30, read=1.0)) as client, pytest.raises(httpx.ReadTimeout):
        client.post(f"{url}/waiting/chat/completions", json=body, headers=server.headers)
    assert provider.asked.is_set()
    assert provider.left.wait(30)


def test_nobody_there(gateway: ServerProcess) -> None:
    refused, no_tls = chat(gateway, "@mistral/x"), chat(gateway, "@xai/x")
    body = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": SAID}
    unknown = httpx.post(f"{gateway.url}/v1/messages", json=body, headers={"x-api-key": "fk_nobody"}, timeout=30)
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "upstream_unreachable")
    assert "127.0.0.1" not in refused.text
    assert no_tls.status_code == 502
    assert "TLS" in no_tls.json()["error"]["message"]
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (401, "authentication_error")
