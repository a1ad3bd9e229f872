"""A running server that holds a known day of calls."""

import json
from collections.abc import Generator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from server_process import ServerProcess

DAY = 1_790_000_000 - 1_790_000_000 % 86_400
"""A midnight in UTC, in Unix seconds."""

RANGE = {"from": str(DAY), "to": str(DAY + 86_400)}
RATES = {"gpt-4o-mini": (Decimal("0.15"), Decimal("0.6")), "gpt-4o": (Decimal("2.5"), Decimal(10))}
"""Dollars for a million tokens in and out."""

CALLS = 40

Json = dict[str, Any]


def told(number: int) -> dict[str, Any]:
    """The attributes of the n-th call."""
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "quill-9" if number % 10 == 9 else ("gpt-4o-mini", "gpt-4o")[number % 2],
        "gen_ai.response.id": f"r{number}",
        "gen_ai.usage.input_tokens": 100 + number,
        "gen_ai.usage.output_tokens": 10,
        "feature": ("chat", "search", "")[number % 3],
        "user_id": f"u{number % 4}",
        "tenantSlug": ("acme", "globex")[number % 2],
    }
    if number % 8 == 7:
        del attributes["gen_ai.usage.input_tokens"], attributes["gen_ai.usage.output_tokens"]
    if number % 20 == 3:
        attributes |= {"error.type": "openai.RateLimitError"}
    return attributes


def value(of: Any) -> dict[str, Any]:
    return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}


def body(numbers: range) -> bytes:
    """OTLP/JSON of these calls, one every half hour from midnight on, each a trace of its own."""
    spans = [
        {
            "traceId": f"{number + 1:032x}",
            "spanId": f"{number + 1:016x}",
            "name": "chat",
            "startTimeUnixNano": str((DAY + 1_800 * number) * 10**9 + 5),
            "endTimeUnixNano": str((DAY + 1_800 * number) * 10**9 + (number + 1) * 10**6 + 5),
            "attributes": [{"key": key, "value": value(of)} for key, of in told(number).items()],
        }
        for number in numbers
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def cost(attributes: Json) -> Decimal | None:
    """Dollars of a call with ten tokens out by the list prices; None when nobody can know."""
    rates = RATES.get(attributes["gen_ai.request.model"])
    if rates is None or "gen_ai.usage.input_tokens" not in attributes:
        return None
    return (rates[0] * attributes["gen_ai.usage.input_tokens"] + rates[1] * 10) / 10**6


def every(server: ServerProcess, path: str, **parameters: str) -> list[Json]:
    """All pages of a list."""
    rows: list[Json] = []
    while True:
        page = server.get(path, **RANGE, **parameters)
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        parameters["cursor"] = page["next_cursor"]


def fill(server: ServerProcess, sent: bytes, calls: int) -> None:
    """Send OTLP/JSON, and come back once so many calls can be read."""
    headers = {"Content-Type": "application/json", **server.headers}
    answer = httpx.post(f"{server.url}/v1/traces", content=sent, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while server.get("/api/v1/spend", **RANGE)["total"]["calls"] < calls:
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """The server, once everything sent can be read."""
    server = ServerProcess(tmp_path_factory.mktemp("api"))
    server.start()
    try:
        fill(server, body(range(CALLS)), CALLS)
        yield server
    finally:
        server.kill()
