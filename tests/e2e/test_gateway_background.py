"""Responses that are made in the background, through the gateway: what they used is known once somebody looks, and counts once."""

import time
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e.background_provider import BackgroundProvider
from e2e.test_budgets import make, standing
from e2e.waiting import until
from server_process import ServerProcess

COST = "0.000027"
"""100 tokens in and 20 out of gpt-4o-mini."""


@pytest.fixture(scope="module")
def provider() -> Generator[BackgroundProvider]:
    with BackgroundProvider() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, provider: BackgroundProvider) -> Generator[ServerProcess]:
    running = ServerProcess(
        tmp_path_factory.mktemp("background"),
        {"OPENAI_API_KEY": "sk-stub", "FARTHING_OPENAI_BASE_URL": provider.url},
    )
    running.start()
    yield running
    running.kill()


def asked(server: ServerProcess, feature: str) -> str:
    body = {
        "model": "gpt-4o-mini", "input": "Think long", "background": True,
        "metadata": {"feature": feature, "created": int(time.time())},
    }  # fmt: skip
    answer = httpx.post(f"{server.url}/v1/responses", json=body, headers=server.headers, timeout=30)
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    return answer.json()["id"]


def look(server: ServerProcess, path: str, method: str = "GET") -> httpx.Response:
    answer = httpx.request(method, f"{server.url}/v1/{path}", headers=server.headers, timeout=30)
    assert answer.status_code == 200
    return answer


def calls(server: ServerProcess, feature: str) -> list[dict[str, Any]]:
    return server.get("/api/v1/calls", limit="200", feature=feature)["data"]


def costs(server: ServerProcess, feature: str) -> list[str | None]:
    return [one["cost_usd"] for one in calls(server, feature)]


PATHS = {
    "whole": "responses/{}",
    "stream": "responses/{}?stream=true&starting_after=0",
    "proxied": "proxy/openai/v1/responses/{}",
}


@pytest.mark.parametrize("name", PATHS)
def test_what_it_used_is_known_when_somebody_looks(
    name: str, gateway: ServerProcess, provider: BackgroundProvider
) -> None:
    response = asked(gateway, name)
    path = PATHS[name].format(response)
    until(lambda: costs(gateway, name) == [None], 60)
    look(gateway, path)  # not done yet
    provider.become(response, "completed")
    for _ in range(3):
        look(gateway, path)
    until(lambda: costs(gateway, name) == [COST], 60)
    (call,) = calls(gateway, name)
    assert (call["input_tokens"], call["output_tokens"], call["finish_reason"]) == (100, 20, "completed")
    # Whoever looks does so in a trace of its own, and that is no call.
    gateway.restart()
    look(gateway, path)
    asked(gateway, f"{name}-after")
    until(lambda: costs(gateway, f"{name}-after") == [None], 60)
    assert costs(gateway, name) == [COST]


def test_whoever_looks_at_once_is_heard_too(gateway: ServerProcess, provider: BackgroundProvider) -> None:
    response = asked(gateway, "soon")
    provider.become(response, "incomplete")
    look(gateway, f"responses/{response}")
    until(lambda: costs(gateway, "soon") == [COST], 60)


def test_one_that_is_stopped_says_what_it_says(gateway: ServerProcess, provider: BackgroundProvider) -> None:
    silent, telling = asked(gateway, "silent"), asked(gateway, "telling")
    provider.become(telling, "in_progress")
    for response in (silent, telling):
        assert look(gateway, f"responses/{response}/cancel", "POST").json()["status"] == "cancelled"
    until(lambda: costs(gateway, "telling") == [COST], 60)
    assert costs(gateway, "silent") == [None]


def test_its_reservation_is_needed_until_it_told_what_it_used(
    gateway: ServerProcess, provider: BackgroundProvider
) -> None:
    budget = make(gateway, limit_usd="1", enforcement="block", filters={"feature": "reserved"})

    def reserved() -> Decimal:
        return Decimal(standing(gateway, budget)["reserved_usd"])

    waits = asked(gateway, "reserved")
    one = reserved()
    assert one > 0
    response = asked(gateway, "reserved")
    until(lambda: costs(gateway, "reserved") == [None, None], 60)
    # Nobody asks a provider what a former process asked for.
    gateway.kill()
    gateway.start()
    assert reserved() == 2 * one
    provider.become(response, "completed")
    for _ in range(2):
        for each in (response, waits):
            look(gateway, f"responses/{each}")

    def is_settled() -> bool:
        found = standing(gateway, budget)
        return (Decimal(found["reserved_usd"]), found["spent_usd"]) == (one, COST)

    until(is_settled, 60)
    gateway.restart()
    until(is_settled, 60)


def test_what_others_made_is_no_call_of_ours(
    gateway: ServerProcess, provider: BackgroundProvider, tmp_path: Path
) -> None:
    other = ServerProcess(tmp_path, {"OPENAI_API_KEY": "sk-stub", "FARTHING_OPENAI_BASE_URL": provider.url})
    other.start()
    try:
        response = asked(gateway, "elsewhere")
        provider.become(response, "completed")
        look(other, f"responses/{response}")
        asked(other, "here")
        until(lambda: costs(other, "here") == [None], 60)
        assert len(other.get("/api/v1/calls", limit="200")["data"]) == 1
    finally:
        other.kill()
