"""Every example of the guides, and every field of a record, told to the real server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from server_process import plain_environment

import farthing_sdk

if TYPE_CHECKING:
    from server_process import ServerProcess

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "docs/sdk-python.md", ROOT / "sdk/python/README.md")


def examples(page: Path) -> list[str]:
    """The page's blocks of Python, in order."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def calls(server: ServerProcess, expected: int, **filters: str) -> list[dict[str, Any]]:
    """The calls the server knows, as soon as there are so many: what is kept is read a moment later."""
    deadline = time.monotonic() + 20
    while True:
        found: list[dict[str, Any]] = server.get("/api/v1/calls", limit="100", **filters)["data"]
        if len(found) >= expected or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_every_example_runs_and_is_told_of(server: ServerProcess, tmp_path: Path) -> None:
    environment = {
        **plain_environment(),
        "PYTHONPATH": str(Path(farthing_sdk.__file__).parents[1]),
        "FARTHING_ENDPOINT": server.url,
        "FARTHING_API_KEY": server.key,
        "TMPDIR": str(tmp_path),
    }
    for page in PAGES:
        for example in examples(page):
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", example],
                env=environment, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (0, ""), example
    told = calls(server, 11)
    features = sorted(call["feature"] for call in told if call["feature"])
    assert features == [
        "batch.classify", "chat", "invoice.extract", "search.rerank", "summary", "summary", "support.reply",
        "support.reply",
    ]  # fmt: skip
    assert len(told) == len(features) + 3
    assert {call["external_request_id"] for call in told} >= {"invoice-2291"}
    assert not [call for call in told if call["cost_usd"] is None]


def test_every_field_arrives_and_a_replay_counts_once(server: ServerProcess) -> None:
    heard: list[farthing_sdk.Result] = []
    client = farthing_sdk.init(server.url, server.key, on_result=heard.append, raise_errors=True)
    for _ in range(2):
        client.track(
            external_request_id="order-1", provider="openai", model="gpt-4o-mini",
            response_model="gpt-4o-mini-2024-07-18", operation="chat", input_tokens=1000, cached_input_tokens=400,
            output_tokens=100, reasoning_tokens=20, total_tokens=1100, latency_ms=850, ttft_ms=120, streaming=True,
            service_tier="default", region="eu-west-1", cache_write_30m_tokens=0, cost_usd="0.5", attempts=2, feature="f", user_id="u", session_id="s", team="t",
            tenant="acme", environment="staging", prompt_version="v3", created_at=1_762_000_000.0,
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", metadata={"plan": "pro", "n": 3},
        )  # fmt: skip
        assert client.flush(20)
    assert [one.status for one in heard] == ["accepted", "duplicate"]
    # 600 at 0.15, 400 at 0.075, 100 at 0.60 dollars a million.
    assert [one.cost_usd for one in heard] == ["0.00018", "0.00018"]
    [call] = calls(server, 1, **{"from": "2025-11-01T00:00:00Z"})
    expected = {
        "external_request_id": "order-1", "provider": "openai", "request_model": "gpt-4o-mini",
        "response_model": "gpt-4o-mini-2024-07-18", "input_tokens": 1000, "cached_input_tokens": 400,
        "output_tokens": 100, "reasoning_tokens": 20, "latency_ms": 850, "ttft_ms": 120, "streaming": True,
        "cost_usd": "0.00018", "reported_cost_usd": "0.5", "feature": "f", "user_id": "u", "session_id": "s", "team": "t",
        "tenant": "acme", "environment": "staging", "prompt_version": "v3", "status": "ok",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }  # fmt: skip
    assert {name: call[name] for name in expected} == expected
    assert (call["tags"]["plan"], call["tags"]["attempts"]) == ("pro", "2")


def test_a_wrong_key_is_told_once_and_harms_nothing(server: ServerProcess, caplog: pytest.LogCaptureFixture) -> None:
    client = farthing_sdk.init(server.url, "fk_wrong")
    client.track(provider="openai", model="gpt-4o-mini")
    client.track(provider="openai", model="gpt-4o-mini")
    assert client.flush(20)
    assert client.stats().rejected == 2
    assert [record.getMessage()[-200:] for record in caplog.records if "401" in record.getMessage()]


def test_content_that_is_asked_for_is_the_server_s_to_judge(server: ServerProcess) -> None:
    client = farthing_sdk.init(server.url, server.key, capture_content=True, raise_errors=True)
    client.track(provider="openai", model="gpt-4o-mini", input_content=[{"role": "user", "content": "my secret"}])
    assert client.flush(20)
    [call] = calls(server, 1)
    assert "my secret" not in str(server.get(f"/api/v1/calls/{call['id']}"))
