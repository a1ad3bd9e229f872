"""Apps instrumented by libraries we didn't write: what they spent, told by `farthing tail`, `farthing spend` and the API."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from e2e.conftest import APPS, RunApp
from e2e.tail import Tail
from server_process import ServerProcess
from stub_provider import StubProvider

APPS_AHEAD = [APPS / name for name in ("openai_v2", "openlit", "openlit_1_34", "genai", "handwritten")]
"""Made before they are asked for."""
SHOWN_WITHIN = 2.0
"""Seconds between the end of the app, which sends what it still holds, and the line in `farthing tail`."""


@dataclass
class Outcome:
    """What one run of an app left behind."""

    tail: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    spend: dict[str, Any]
    table: str

    def call(self, model: str) -> dict[str, Any]:
        """The one call that asked for `model`."""
        (call,) = [call for call in self.calls if call["request_model"] == model]
        return call

    def cost_by_model(self) -> dict[str, str | None]:
        """As `/api/v1/spend?by=model` tells it."""
        return {group["model"]: group["cost_usd"] for group in self.spend["groups"]}


def run_and_ask(server: ServerProcess, run_app: RunApp, app: str, *wrapper: str, calls: int) -> Outcome:
    """Run the app, watch the calls arrive, then ask everywhere what they cost."""
    with Tail(server) as tail:
        run_app(app, *wrapper)

        def enough(shown: set[str]) -> bool:
            known = {call["id"] for call in server.get("/api/v1/calls")["data"]}
            return len(known) == calls and known <= shown

        shown = tail.calls(enough, since=time.monotonic(), within=SHOWN_WITHIN)
    listed = server.get("/api/v1/calls")
    assert listed["next_cursor"] is None
    final = {call["id"] for call in listed["data"]}
    # What a log record or another instrumentation told some seconds earlier may have been shown, and has given way since.
    given_way = [call["id"] for call in shown if call["id"] not in final]
    assert all(server.get(f"/api/v1/calls/{call_id}")["restated"] for call_id in given_way)
    shown = [call for call in shown if call["id"] in final]
    spend = server.get("/api/v1/spend", by="model")
    outcome = Outcome(shown, listed["data"], spend, server.run_cli("spend", "--by", "model"))
    assert_everybody_agrees(outcome)
    return outcome


def assert_everybody_agrees(outcome: Outcome) -> None:
    """The same calls and the same cost to the last digit, wherever one asks."""
    by_id = {call["id"]: call["cost_usd"] for call in outcome.calls}
    assert {call["id"]: call["cost_usd"] for call in outcome.tail} == by_id
    total = sum((Decimal(cost) for cost in by_id.values() if cost), Decimal(0))
    assert Decimal(outcome.spend["total"]["cost_usd"]) == total
    assert outcome.spend["total"]["calls"] == len(by_id)
    assert sum(Decimal(group["cost_usd"] or 0) for group in outcome.spend["groups"]) == total
    for group in outcome.spend["groups"]:
        (line,) = [line for line in outcome.table.splitlines() if group["model"] in line.split()]
        if group["cost_usd"]:
            assert group["cost_usd"] in line


def test_openai_v2(server: ServerProcess, provider: StubProvider, run_app: RunApp) -> None:
    outcome = run_and_ask(server, run_app, "openai_v2", "opentelemetry-instrument", calls=1)
    assert [path for path, _ in provider.requests] == ["/v1/chat/completions"]
    assert outcome.cost_by_model() == {"gpt-4o-mini": "0.00001335"}
    call = outcome.call("gpt-4o-mini")
    assert call["provider"] == "openai"
    assert call["operation"] == "chat"
    assert call["status"] == "ok"
    assert (call["input_tokens"], call["output_tokens"]) == (21, 17)
    assert (call["input_cost_usd"], call["output_cost_usd"]) == ("0.00000315", "0.0000102")
    assert call["usage_source"] == "provider"
    assert call["reported_cost_usd"] is None


@pytest.mark.parametrize("app", ["openlit", "openlit_1_34"])
def test_openlit(server: ServerProcess, run_app: RunApp, app: str) -> None:
    outcome = run_and_ask(server, run_app, app, calls=1)
    assert outcome.cost_by_model() == {"gpt-4o-mini": "0.00001335"}
    call = outcome.call("gpt-4o-mini")
    assert (call["input_tokens"], call["output_tokens"]) == (21, 17)
    assert call["streaming"] is False
    # What the library made of its own price list, in floats, stands beside our cost and never in it.
    assert call["reported_cost_usd"] == "0.00005500000000000001"


def test_genai_openai_and_anthropic(server: ServerProcess, provider: StubProvider, run_app: RunApp) -> None:
    # Anthropic's SDK tells its calls itself, and the instrumentation tells them again: four calls, six spans.
    outcome = run_and_ask(server, run_app, "genai", "opentelemetry-instrument", calls=4)
    assert len(provider.requests) == 4
    assert outcome.cost_by_model() == {
        "gpt-4o": "0.005615",
        "o4-mini": "0.0053009",
        "claude-sonnet-4-5": "0.0086532",
        "claude-haiku-4-5": "0.000106",
    }
    assert outcome.spend["total"]["cost_usd"] == "0.0196751"

    cached = outcome.call("gpt-4o")
    assert (cached["input_tokens"], cached["cached_input_tokens"], cached["output_tokens"]) == (2006, 1920, 300)
    reasoning = outcome.call("o4-mini")
    assert (reasoning["output_tokens"], reasoning["reasoning_tokens"]) == (1186, 1024)
    assert reasoning["streaming"] is True
    assert reasoning["ttft_ms"] is not None
    written = outcome.call("claude-sonnet-4-5")
    assert written["provider"] == "anthropic"
    assert written["input_tokens"] == 3084
    assert (written["cached_input_tokens"], written["cache_write_tokens"]) == (1024, 2048)


def test_handwritten_attributes(server: ServerProcess, run_app: RunApp) -> None:
    outcome = run_and_ask(server, run_app, "handwritten", calls=3)
    assert outcome.spend["total"]["cost_usd"] == "0.00001335"
    assert outcome.spend["total"]["errors"] == 1

    ok, failed = [
        next(c for c in outcome.calls if c["request_model"] == "gpt-4o-mini" and c["status"] == status)
        for status in ("ok", "error")
    ]
    streamed = outcome.call("gpt-4o")
    for call in (ok, failed, streamed):
        assert (call["user_id"], call["team"], call["environment"]) == ("u-81", "growth", "prod")
    assert [call["feature"] for call in (ok, failed, streamed)] == [
        "document_summary",
        "document_summary",
        "chat_reply",
    ]

    assert (ok["cost_usd"], ok["reported_cost_usd"]) == ("0.00001335", "0.000013")
    assert failed["error_type"] == "rate_limit_exceeded"
    assert failed["cost_usd"] is None
    # A stream that nobody asked for its usage: unknown, and told as such.
    assert streamed["streaming"] is True
    assert streamed["ttft_ms"] is not None
    assert (streamed["usage_source"], streamed["cost_status"], streamed["cost_usd"]) == ("missing", "unknown", None)
    assert outcome.spend["total"]["unknown_usage_calls"] >= 1

    by_feature = server.get("/api/v1/spend", by="feature,team")
    assert {(g["feature"], g["team"]): g["calls"] for g in by_feature["groups"]} == {
        ("document_summary", "growth"): 2,
        ("chat_reply", "growth"): 1,
    }
