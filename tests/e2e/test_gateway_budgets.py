"""Budgets that block, in front of a provider: never overshot by any mix of calls, whatever dies meanwhile, and nothing leaks."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e.gateway_accounts import accounts_with
from e2e.test_budgets import make, standing
from e2e.waiting import until
from server_process import ServerProcess
from stub_provider import StubProvider

from farthing.gateway.records import CLIENT_GONE

CALLERS = 200
EACH = Decimal("0.00001335")
"""21 tokens in at $0.15 a million, 17 out at $0.60: what the provider charges for each call."""
LIMIT = 50 * EACH
KNOWN_BEFORE = (
    "provider", "model", "request_model", "operation", "streaming", "user", "environment", "config", "variant", "prompt_version", "key",
    "dialect", "tag.tier",
)  # fmt: skip
SAID = [{"role": "user", "content": "hi"}]


@pytest.fixture
def provider() -> Generator[StubProvider]:
    with StubProvider() as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path, provider: StubProvider) -> Generator[ServerProcess]:
    running = ServerProcess(tmp_path, accounts_with(provider))
    running.start()
    yield running
    running.kill()


def body(number: int, **more: Any) -> dict[str, Any]:
    told = {"model": "gpt-4o-mini", "messages": SAID, "max_tokens": 17, **more}
    return told | {"stream": True} if number % 2 else told


async def call(client: httpx.AsyncClient, number: int) -> int:
    """One caller's call: every other one streams, every tenth hangs up in the middle. Its status; 0 when it got none."""
    try:
        async with client.stream("POST", "/v1/chat/completions", json=body(number)) as answer:
            if number % 10 == 9:
                return answer.status_code
            async for _ in answer.aiter_raw():
                pass
            return answer.status_code
    except httpx.HTTPError:
        return 0


async def storm(server: ServerProcess, numbers: range) -> Counter[int]:
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(base_url=server.url, headers=server.headers, timeout=60, limits=limits) as client:
        return Counter(await asyncio.gather(*(call(client, number) for number in numbers)))


def charged(provider: StubProvider) -> Decimal:
    """What the provider would send a bill for."""
    return EACH * sum(one.answer is not None for one in provider.answered)


def test_two_hundred_callers_and_a_budget_for_fifty_calls(provider: StubProvider, gateway: ServerProcess) -> None:
    budget = make(gateway, limit_usd=str(LIMIT), enforcement="block")
    statuses: Counter[int] = Counter()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        last = asyncio.run(storm(gateway, range(CALLERS)))
        statuses += last
        assert charged(provider) <= LIMIT
        if set(last) == {429}:
            break
    assert set(statuses) == {200, 429}
    # What is left is less than the most that one more call may cost, which is twice what it does cost; and what hung up holds its most.
    assert statuses[200] >= 25

    def nothing_is_under_way() -> bool:
        found = standing(gateway, budget)
        unknown = sum(one["error_type"] == CLIENT_GONE and one["cost_usd"] is None for one in rows(gateway))
        return (Decimal(found["reserved_usd"]) > 0) == (unknown > 0)

    until(nothing_is_under_way, 30)
    found = standing(gateway, budget)
    assert Decimal(found["spent_usd"]) + Decimal(found["reserved_usd"]) <= LIMIT
    assert Decimal(found["spent_usd"]) <= charged(provider)


def test_a_kill_in_the_middle_overshoots_nothing_and_leaks_nothing(
    provider: StubProvider, gateway: ServerProcess
) -> None:
    budget = make(gateway, limit_usd=str(LIMIT), enforcement="block")

    async def killed() -> None:
        storming = asyncio.create_task(storm(gateway, range(CALLERS)))
        await asyncio.to_thread(until, lambda: len(provider.answered) >= 10, 30)
        gateway.kill()
        await storming

    asyncio.run(killed())
    gateway.start()
    for _ in range(3):
        asyncio.run(storm(gateway, range(CALLERS)))
        assert charged(provider) <= LIMIT

    def all_told() -> bool:
        return len(rows(gateway)) >= sum(one.answer is not None for one in provider.answered)

    until(all_told, 30)
    found = standing(gateway, budget)
    unknown = [one for one in rows(gateway) if one["cost_usd"] is None and one["error_type"] != "429"]
    assert (Decimal(found["reserved_usd"]) > 0) == bool(unknown)
    assert Decimal(found["spent_usd"]) + Decimal(found["reserved_usd"]) <= LIMIT
    # It is still so after another start: what nobody knows stays reserved until the period is over.
    gateway.stop()
    gateway.start()
    assert standing(gateway, budget)["reserved_usd"] == found["reserved_usd"]


def test_the_answer_names_the_budget(gateway: ServerProcess) -> None:
    make(gateway, name="tests", limit_usd="0.000001", enforcement="block", filters={"feature": "eval"})
    headers = gateway.headers | {"x-farthing-feature": "eval"}
    answer = httpx.post(gateway.url + "/v1/chat/completions", json=body(0), headers=headers, timeout=30)
    assert (answer.status_code, answer.headers["x-should-retry"]) == (429, "false")
    error = answer.json()["error"]
    assert error["code"] == "budget_exceeded"
    assert "'tests' of 0.000001 dollars has 0.000001 left" in error["message"]
    listed = httpx.get(gateway.url + "/api/v1/gateway/refused", headers=gateway.headers, timeout=30).json()
    latest = listed["data"][0]
    assert (latest["code"], latest["status"], latest["model"]) == ("budget_exceeded", 429, body(0)["model"])
    assert (latest["request_id"], latest["message"]) == (answer.headers["x-farthing-request-id"], error["message"])
    assert {one["code"]: one["requests"] for one in listed["counts"]}["budget_exceeded"] >= 1
    answer = httpx.post(gateway.url + "/v1/chat/completions", json=body(0), headers=gateway.headers, timeout=30)
    assert answer.status_code == 200


def test_whatever_the_ledger_counts_a_call_by_a_budget_can_stop_it_by(gateway: ServerProcess) -> None:
    with httpx.Client(base_url=gateway.url, headers=gateway.headers, timeout=30) as client:
        told = [
            client.post("/api/v1/gateway/configs", json={"slug": "c"}),
            client.post(
                "/api/v1/gateway/configs/c/variants", json={"slug": "v", "targets": [{"model": "gpt-4o-mini"}]}
            ),
            client.post("/api/v1/gateway/rollouts", json={"config": "c", "variant": "v"}),
        ]
        assert {one.status_code for one in told} == {201}
        by_config = {"x-farthing-config": "c"}
        calls: list[tuple[dict[str, str], dict[str, Any]]] = [
            ({}, body(0)),
            ({}, body(1, metadata={"environment": "elsewhere", "tier": "gold"})),
            (by_config, body(0)),
            (by_config | {"x-farthing-prompt-version": "mine", "x-farthing-user": "u"}, body(1)),
        ]
        for headers, asked in calls:
            answer = client.post("/v1/chat/completions", json=asked, headers=headers)
            assert answer.status_code == 200
        until(lambda: len(rows(gateway)) == len(calls), 30)
        counted = {
            (dimension, one[dimension]): one["calls"]
            for dimension in KNOWN_BEFORE
            for one in gateway.get("/api/v1/spend", **{"from": "now-1h", "by": dimension})["groups"]
            if one[dimension]
        }
        stopped: dict[tuple[str, str], int] = {}
        for dimension, value in counted:
            budget = make(gateway, limit_usd="0.0000001", enforcement="block", filters={dimension: value})
            answers = [client.post("/v1/chat/completions", json=asked, headers=headers) for headers, asked in calls]
            client.delete(f"/api/v1/budgets/{budget['id']}")
            stopped[dimension, value] = sum(one.status_code == 429 for one in answers)
        assert stopped == counted
        assert {dimension for dimension, _ in counted} == set(KNOWN_BEFORE)


def test_a_model_without_a_price_is_no_way_around(gateway: ServerProcess) -> None:
    make(gateway, limit_usd="1", enforcement="block")
    answer = httpx.post(
        gateway.url + "/v1/chat/completions",
        json=body(0, model="@openai/nobody-knows-me"),
        headers=gateway.headers,
        timeout=30,
    )
    assert answer.status_code == 429
    assert "FARTHING_GATEWAY_UNPRICED=allow" in answer.json()["error"]["message"]


def test_a_budget_that_warns_is_told_of_and_blocks_nothing(gateway: ServerProcess) -> None:
    make(gateway, name="all of it", limit_usd="0.00001", enforcement="warn")

    def warned() -> bool:
        answer = httpx.post(gateway.url + "/v1/chat/completions", json=body(0), headers=gateway.headers, timeout=30)
        assert answer.status_code == 200
        return answer.headers.get("x-farthing-budget") == "exceeded; all%20of%20it"

    until(warned, 30)


def rows(server: ServerProcess) -> list[dict[str, Any]]:
    return server.get("/api/v1/calls", limit="1000")["data"]
