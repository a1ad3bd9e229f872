"""What Prometheus reads of a running server: cost, tokens and durations beside the server's own counters."""

import json
import time
from decimal import Decimal

import httpx
from api.conftest import value
from server_process import ServerProcess


def test_what_was_spent_is_a_counter(server: ServerProcess) -> None:
    now = time.time_ns()
    facts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "feature": "checkout",
    }
    span = {
        "traceId": f"{1:032x}",
        "spanId": f"{1:016x}",
        "name": "chat",
        "startTimeUnixNano": str(now - 250_000_000),
        "endTimeUnixNano": str(now),
        "attributes": [{"key": key, "value": value(of)} for key, of in facts.items()],
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    headers = {"Content-Type": "application/json", **server.headers}
    assert httpx.post(f"{server.url}/v1/traces", content=body, headers=headers).status_code == 200
    cursor = server.get("/api/v1/calls/tail", cursor="1")["next_cursor"]
    while server.get("/api/v1/spend")["total"]["calls"] < 1:
        cursor = server.get("/api/v1/calls/tail", cursor=cursor)["next_cursor"]
    text = httpx.get(f"{server.url}/metrics", timeout=30).text
    labels = 'project="default",provider="openai",model="gpt-4o-mini",feature="checkout"'
    told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert Decimal(told[f"gen_ai_usage_cost_usd{{{labels}}}"]) == Decimal("0.00021")
    assert told[f'gen_ai_usage_tokens{{{labels},type="input"}}'] == "1000"
    assert told[f"gen_ai_usage_duration_seconds_sum{{{labels}}}"] == "0.25"
    assert "farthing_price_data_age_seconds" in told
    assert "farthing_spans_kept_total" in told
