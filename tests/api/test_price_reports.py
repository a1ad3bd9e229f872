"""Reports on prices of recorded calls: what has none, what if, what caching saved; exact, through the real server."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from api.conftest import value
from server_process import ServerProcess

NOW = int(time.time()) - 600

CALLS: list[dict[str, Any]] = [
    {"model": "gpt-4o-mini", "input": 1000, "output": 100},
    {"model": "gpt-4o-mini", "input": 3000, "output": 0, "cached": 2000},
    {"model": "claude-sonnet-4-5", "input": 5000, "output": 10, "written": 4000},
    {"model": "claude-sonnet-4-5", "input": 5000, "output": 10, "cached": 4000},
    {"model": "claude-sonnet-4-5", "input": 9000, "output": 10, "written": 8000},
    {"model": "gpt4o-mini", "input": 7, "output": 5},
    {"model": "quill-9", "input": 7, "output": 5},
    {"model": "gpt4o-mini", "input": 3, "output": 5},
]


def body() -> bytes:
    told: list[dict[str, Any]] = []
    for number, call in enumerate(CALLS):
        claude = call["model"].startswith("claude")
        facts: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic" if claude else "openai",
            "gen_ai.request.model": call["model"],
            "gen_ai.usage.input_tokens": call["input"],
            "gen_ai.usage.output_tokens": call["output"],
            "feature": "chat",
        }
        if "cached" in call:
            facts["gen_ai.usage.cache_read.input_tokens"] = call["cached"]
        if "written" in call:
            facts["gen_ai.usage.cache_creation.input_tokens"] = call["written"]
        told.append(
            {
                "traceId": f"{number + 1:032x}",
                "spanId": f"{number + 1:016x}",
                "name": "chat",
                "startTimeUnixNano": str((NOW + number) * 10**9),
                "endTimeUnixNano": str((NOW + number + 1) * 10**9),
                "attributes": [{"key": key, "value": value(of)} for key, of in facts.items()],
            }
        )
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": told}]}]}).encode()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("reports"))
    server.start()
    headers = {"Content-Type": "application/json", **server.headers}
    assert httpx.post(f"{server.url}/v1/traces", content=body(), headers=headers).status_code == 200
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while server.get("/api/v1/spend")["total"]["calls"] < len(CALLS):
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]
    yield server
    server.kill()


def test_what_has_no_price_is_told_with_suggestions(told: ServerProcess) -> None:
    found = told.get("/api/v1/prices/unpriced")
    assert found["unpriced_calls"] == 3
    near, unknown = found["data"]
    assert (near["model"], near["calls"], near["input_tokens"], near["output_tokens"]) == ("gpt4o-mini", 2, 10, 10)
    assert near["first_seen"] < near["last_seen"]
    assert {"provider": "openai", "model": "gpt-4o-mini", "why": "the same letters and digits"} in near["suggestions"]
    assert (unknown["model"], unknown["suggestions"]) == ("quill-9", [])
    assert "no price" in unknown["reason"]


def what_if(server: ServerProcess, **asked: Any) -> dict[str, Any]:
    answer = httpx.post(f"{server.url}/api/v1/prices/what-if", json=asked, headers=server.headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_same_usage_elsewhere(told: ServerProcess) -> None:
    mini = {"model": ["gpt-4o-mini", "quill-9"]}
    found = what_if(told, model="gpt-4o", provider="openai", filters=mini)
    # (1000 x 0.15 + 100 x 0.6 + 1000 x 0.15 + 2000 x 0.075) / 10^6, and with 2.5, 10, 1.25 for the other
    assert found["cost_usd"] == "0.00051"
    assert found["what_if_cost_usd"] == "0.0085"
    assert found["difference_usd"] == "0.00799"
    assert (found["calls"], found["compared_calls"], found["uncovered_calls"]) == (3, 2, 1)
    assert "tokenizer" in found["caveat"]
    assert sum(group["calls"] for group in found["groups"]) == 3
    batch = what_if(told, batch=True, filters={"model": "gpt-4o-mini"})
    # half of input and output; what was cached is no cheaper in a batch
    assert batch["what_if_cost_usd"] == "0.00033"


def test_nothing_else_is_no_question(told: ServerProcess) -> None:
    answer = httpx.post(f"{told.url}/api/v1/prices/what-if", json={}, headers=told.headers)
    assert answer.status_code == 400


def test_what_caching_saved_and_wasted(told: ServerProcess) -> None:
    found = told.get("/api/v1/prices/cache-report")
    rows = {row["model"]: row for row in found["data"]}
    openai, claude = rows["gpt-4o-mini"], rows["claude-sonnet-4-5"]
    assert (openai["read_tokens"], openai["saved_by_reads_usd"], openai["net_saved_usd"]) == (
        2000,
        "0.00015",
        "0.00015",
    )
    # 4000 read at 0.30 instead of 3 dollars per million; 12000 written at 3.75
    assert (claude["saved_by_reads_usd"], claude["extra_for_writes_usd"]) == ("0.0108", "0.009")
    assert claude["net_saved_usd"] == "0.0018"
    assert (claude["written_tokens"], claude["unread_written_tokens"]) == (12000, 8000)
    assert claude["unread_written_cost_usd"] == "0.03"
    assert found["net_saved_usd"] == "0.00195"
