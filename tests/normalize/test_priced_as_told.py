"""Spans as libraries send them, content and all, in; the ledger's lines, out: nothing on the way forgets what costs money."""

import json
from typing import Any

import pytest

from farthing.model.money import to_text
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.trace import calls_of
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.privacy import extract

AT = 1_794_312_000_000_000_000  # 2026-11-10T12:00:00Z

ANTHROPIC: dict[str, Any] = {
    "id": "msg_01",
    "type": "message",
    "model": "claude-opus-4-8",
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 1000,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "output_tokens": 100,
        "inference_geo": "us",
        "service_tier": "standard",
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    },
}
RESPONSES: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "model": "gpt-5.6-sol",
    "status": "completed",
    "service_tier": "default",
    "output": [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "code_interpreter_call", "container_id": "c1"},
        {"type": "file_search_call"},
    ],
    "usage": {
        "input_tokens": 10_000,
        "input_tokens_details": {
            "cached_tokens": 2000,
            "cache_write_tokens": 5000,
            "cache_write_tokens_details": {"ttl_30m_tokens": 4000, "ttl_12h_tokens": 1000},
        },
        "output_tokens": 500,
        "output_tokens_details": {"reasoning_tokens": 200},
    },
}


def lines(scope: str, **attributes: Any) -> dict[str, str | None]:
    """Bucket → amount, of the one call that a span with these attributes tells of."""
    span = Span(b"t" * 16, b"s" * 8, b"", "call", 3, AT, AT + 10**9, 0, "", Scope(scope), Resource(), attributes)
    kept = Span(*(getattr(span, name) for name in Span.__struct_fields__))
    kept.attributes.update(extract.facts(span))
    (call,) = calls_of([kept])
    cost = price(call, base.load())
    assert cost.amount == sum(line.amount or 0 for line in cost.lines)
    return {line.bucket: None if line.amount is None else to_text(line.amount) for line in cost.lines}


def openinference(scope: str, response: dict[str, Any]) -> dict[str, str | None]:
    return lines(
        f"openinference.instrumentation.{scope}",
        **{"openinference.span.kind": "LLM", "llm.model_name": response["model"], "output.value": json.dumps(response)},
    )


def test_searches_and_the_place_of_anthropics_inference_cost_what_they_cost() -> None:
    assert openinference("anthropic", ANTHROPIC) == {
        "input": "0.0055",
        "output": "0.00275",
        "web_searches": "0.02",
        "web_fetches": "0",
    }


def test_anthropics_fast_mode_is_a_tier() -> None:
    usage: dict[str, Any] = ANTHROPIC["usage"] | {"speed": "fast", "inference_geo": "global", "server_tool_use": None}
    fast = ANTHROPIC | {"usage": usage}
    assert openinference("anthropic", fast) == {"input": "0.01", "output": "0.005"}


def test_openais_tools_and_lifetimes_of_its_cache_are_lines() -> None:
    assert openinference("openai", RESPONSES) == {
        "input": "0.012",
        "cache_read": "0.0008",
        "cache_write_30m": "0.02",
        "cache_write_12h": "0.01",
        "output": "0.006",
        "reasoning": "0.004",
        "web_searches": "0.01",
        "file_searches": "0.0025",
        "code_sessions": "0.03",
    }


@pytest.mark.parametrize(("address", "amount"), [("api.openai.com", "0.004"), ("eu.api.openai.com", "0.0044")])
def test_an_address_in_europe_is_charged_as_such(address: str, amount: str) -> None:
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.6-sol",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 0,
        "server.address": address,
    }
    assert lines("opentelemetry.instrumentation.genai", **told)["input"] == amount


def openlit(model: str, operation: str, **more: Any) -> dict[str, str | None]:
    told = {"gen_ai.operation.name": operation, "gen_ai.provider.name": "openai", "gen_ai.request.model": model}
    return lines("openlit.instrumentation.openai", **told, **more)


def test_images_are_charged_by_the_piece_where_no_tokens_are_told() -> None:
    made: dict[str, Any] = {
        "gen_ai.response.image": ["https://x/1", "https://x/2"],
        "gen_ai.request.image_size": "1024x1792",
        "gen_ai.request.image_quality": "hd",
    }
    assert openlit("dall-e-3", "image", **made) == {"images.hd.1024x1792": "0.24"}
    tokens = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 0}
    assert openlit("gpt-image-1", "image", **made, **tokens) == {"input": "0.005"}


def test_audio_is_charged_by_the_second_or_by_the_token_never_by_both() -> None:
    heard: dict[str, Any] = {"gen_ai.response.audio.duration": 60.0}
    assert openlit("whisper-1", "audio", **heard) == {"audio_seconds": "0.006"}
    tokens = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100}
    assert openlit("gpt-4o-mini-transcribe", "audio", **heard, **tokens) == {"input": "0.00125", "output": "0.0005"}
