"""Applications that name a config, in Python and JavaScript, in front of a provider; whose variant answers, and what the ledger tells."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stub_provider.anthropic
import stub_provider.openai
from e2e import node
from e2e.gateway_accounts import accounts_with
from e2e.test_gateway import kept, same_id
from e2e.waiting import until
from server_process import ServerProcess
from stub_provider import StubProvider

USERS = 100
SAID = [{"role": "user", "content": "hi"}]


@pytest.fixture(scope="module")
def provider() -> Generator[StubProvider]:
    with StubProvider() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, provider: StubProvider) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path_factory.mktemp("gateway"), accounts_with(provider))
    running.start()
    yield running
    running.kill()


def configure(server: ServerProcess, slug: str, weights: dict[str, int], **content: Any) -> None:
    """A config with these variants, of so much weight each."""
    content.setdefault("targets", [{"model": "gpt-4o-mini"}])
    with httpx.Client(base_url=f"{server.url}/api/v1/gateway", headers=server.headers, timeout=30) as api:
        made = [api.post("/configs", json={"slug": slug})]
        for variant, weight in weights.items():
            made.append(api.post(f"/configs/{slug}/variants", json={"slug": variant, **content}))
            made.append(api.post("/rollouts", json={"config": slug, "variant": variant, "weight": weight}))
    assert {one.status_code for one in made} == {201}, [one.text for one in made]


def ask(server: ServerProcess, config: str, **more: Any) -> httpx.Response:
    headers = server.headers | {"x-farthing-config": config} | more.pop("headers", {})
    body = {"model": "gpt-4o-mini", "messages": SAID, **more}
    return httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=60)


def run(server_url: str, anthropic_url: str, key: str, program: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": server_url,
        "ANTHROPIC_API_KEY": key,
        "ANTHROPIC_BASE_URL": anthropic_url,
    }
    folder = node.folder_for("sdks_node")
    done = subprocess.run(
        ["node", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_libraries_for_javascript_notice_nothing(
    gateway: ServerProcess, provider: StubProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dialect in (stub_provider.openai, stub_provider.anthropic):
        monkeypatch.setattr(dialect, "_id", same_id)
    direct: dict[str, Any] = json.loads(run(f"{provider.url}/v1", provider.url, "sk-stub", "every_kind.mjs"))
    through: dict[str, Any] = json.loads(run(f"{gateway.url}/v1", gateway.url, gateway.key, "every_kind.mjs"))
    for name, told in direct.items():
        assert through[name] == told, name
    assert len(direct) == 28
    refused = [name for name, (value, _) in direct.items() if isinstance(value, list) and 429 in value]
    assert len(refused) == 4


def test_printed_examples_work_with_another_address(gateway: ServerProcess) -> None:
    configure(gateway, "your-config-id", {"first": 10_000})
    request_id = run(f"{gateway.url}/llmops/api/genai/v1", gateway.url, gateway.key, "llmops.mjs").strip()
    rows = {row["user_id"]: row for row in kept(gateway, 3, config="your-config-id")}
    told = {user: (row["tenant"], row["feature"], row["variant"], row["cost_usd"]) for user, row in rows.items()}
    cost = "0.00001335"
    assert told == {
        "user_123": ("acme-corp", "customer-support", "first", cost),
        "user_456": ("acme-corp", None, "first", cost),
        "user_789": ("globex-inc", None, "first", cost),
    }
    assert rows["user_123"]["external_request_id"] == request_id
    spent = gateway.get("/api/v1/spend", **{"from": "now-1h", "by": "tag.tenantSlug", "config": "your-config-id"})
    assert {one["tag.tenantSlug"]: one["cost_usd"] for one in spent["groups"]} == {
        "acme-corp": "0.0000267",
        "globex-inc": cost,
    }


def test_nine_to_one_by_user(gateway: ServerProcess) -> None:
    configure(gateway, "shared", {"new": 1_000, "old": 9_000})

    headers = gateway.headers | {"x-farthing-config": "shared"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=60) as client, ThreadPoolExecutor(8) as threads:

        def twice(number: int) -> None:
            body = {"model": "gpt-4o-mini", "messages": SAID, "user": f"user-{number}"}
            for _ in range(2):
                assert client.post("/v1/chat/completions", json=body).status_code == 200

        list(threads.map(twice, range(USERS)))
    rows = kept(gateway, 2 * USERS, config="shared")
    by_user = Counter((row["user_id"], row["variant"]) for row in rows)
    assert set(by_user.values()) == {2}
    found = Counter(variant for _, variant in by_user)
    # Five standard deviations of so many draws at 10 %.
    assert abs(found["new"] - USERS * 0.1) <= 5 * (USERS * 0.09) ** 0.5
    spent = gateway.get("/api/v1/spend", **{"from": "now-1h", "by": "variant", "config": "shared"})
    assert {one["variant"]: one["calls"] for one in spent["groups"]} == {name: 2 * n for name, n in found.items()}


def test_an_answer_from_the_cache_costs_nothing_and_tells_what_it_saved(gateway: ServerProcess) -> None:
    configure(gateway, "kept", {"only": 1}, cache_ttl_s=60)
    first, again = ask(gateway, "kept", stream=True), ask(gateway, "kept", stream=True)
    assert (again.headers["x-farthing-cache"], again.content) == ("hit", first.content)
    hit, miss = sorted(kept(gateway, 2, config="kept"), key=lambda row: row["cost_usd"])
    assert (hit["cost_usd"], hit["input_tokens"], hit["output_tokens"], hit["cost_status"]) == ("0", 0, 0, "computed")
    assert hit["tags"] == {"gateway.cache": "hit"}
    assert (miss["cost_usd"], miss["tags"]) == ("0.00001335", {})
    attributes = gateway.get(f"/api/v1/calls/{hit['id']}")["attributes"]
    assert attributes["farthing.saved_usd"] == "0.00001335"
    total = gateway.get("/api/v1/spend", **{"from": "now-1h", "config": "kept"})["total"]
    assert (total["calls"], total["cost_usd"], total["unknown_usage_calls"]) == (2, "0.00001335", 0)


def test_what_was_said_is_kept_where_the_config_says_so_and_the_client_does_not_forbid_it(
    gateway: ServerProcess,
) -> None:
    configure(gateway, "read", {"only": 1}, keeps_content="always", system_prompt="Be calm.")
    ask(gateway, "read", stream=True, user="anybody")
    ask(gateway, "read", user="shy", headers={"x-farthing-content": "none"})
    calls = {call["user_id"]: call["id"] for call in kept(gateway, 2, config="read")}
    told = gateway.get(f"/api/v1/calls/{calls['anybody']}")
    said = told["messages"]
    assert [part["text"] for one in said["input"] for part in one["parts"]] == ["Be calm.", "hi"]
    assert said["output"][0]["parts"][0]["text"].startswith("Observability tells")
    assert told["cost_usd"] == "0.00001335"
    trace = gateway.get(f"/api/v1/traces/{told['trace_id']}")
    assert trace["messages"]["output"] == said["output"]
    quiet = gateway.get(f"/api/v1/calls/{calls['shy']}")
    assert quiet["messages"] is None
    assert "the client forbade it" in quiet["no_messages_because"]


def test_what_a_guard_blocks_and_marks(gateway: ServerProcess) -> None:
    guard: dict[str, Any] = {"name": "no cards", "kind": "pii", "parameters": {"kinds": ["card"]}}
    mark: dict[str, Any] = {
        "name": "is json",
        "kind": "json_schema",
        "on": "response",
        "action": "mark",
        "parameters": {"schema": {}},
    }
    configure(gateway, "guarded", {"only": 1}, guards=[guard, mark])
    refused = ask(gateway, "guarded", messages=[{"role": "user", "content": "pay with 4111 1111 1111 1111"}])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "guard_blocked")
    assert ask(gateway, "guarded").status_code == 200
    (row,) = kept(gateway, 1, config="guarded")
    assert row["tags"] == {"guard.is json": "marked"}
    found = gateway.get("/api/v1/calls", **{"tag.guard.is json": "marked"})["data"]
    assert [one["id"] for one in found] == [row["id"]]


def test_what_broke_off_may_have_been_charged(gateway: ServerProcess) -> None:
    url = f"{gateway.url}/v1/chat/completions"
    body = {"model": "gpt-4o-mini", "messages": SAID, "stream": True, "user": "gone"}
    with httpx.stream("POST", url, json=body, headers=gateway.headers, timeout=60) as answer:
        assert answer.status_code == 200

    def total() -> dict[str, Any]:
        return gateway.get("/api/v1/spend", **{"from": "now-1h", "user": "gone"})["total"]

    until(lambda: total()["calls"] == 1, 60)
    found = total()
    (row,) = kept(gateway, 1, user="gone")
    assert found["unknown_usage_calls"] == (row["error_type"] == "client_disconnected")
