"""A running server that holds a known day of calls."""

import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from server_process import ServerProcess

DAY = 1_790_000_000 - 1_790_000_000 % 86_400
"""A midnight in UTC, in Unix seconds."""

CALLS = 40


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


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServerProcess]:
    """The server, once everything sent can be read."""
    server = ServerProcess(tmp_path_factory.mktemp("api"))
    server.start()
    answer = httpx.post(
        f"{server.url}/v1/traces",
        content=body(range(CALLS)),
        headers={"Content-Type": "application/json", **server.headers},
    )
    assert answer.status_code == 200, answer.text
    asked = {"from": str(DAY), "to": str(DAY + 86_400)}
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while server.get("/api/v1/spend", **asked)["total"]["calls"] < CALLS:
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]
    yield server
    server.kill()
