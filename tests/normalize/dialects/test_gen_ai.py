"""Attribute sets of every generation of the GenAI conventions, and of the Anthropic SDK's own spans, and the calls they mean."""

import json
from typing import Any

import pytest

from farthing.model.call import Call
from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.normalize import registry
from farthing.privacy.scrub import scrub

SECOND = 10**9
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"


def called(
    attributes: dict[str, Any], scope: str = "opentelemetry.instrumentation.genai.openai", *events: SpanEvent
) -> Call:
    span = Span(
        *(b"t" * 16, b"s" * 8, b"", "chat gpt-4o", 3, 0, SECOND, 0, ""), Scope(scope), Resource(), attributes, events
    )
    reading = registry.read(scrub(span))
    assert reading is not None
    return reading.call


@pytest.mark.parametrize(
    "told",
    [
        {"gen_ai.usage.prompt_tokens": 21, "gen_ai.usage.completion_tokens": 17},
        {INPUT: 21, OUTPUT: 17},
        {INPUT: "21", OUTPUT: 17.0},
    ],
)
def test_old_and_new_names_of_input_and_output(told: dict[str, Any]) -> None:
    assert called(CHAT | told).usage.buckets == {"input": 21, "output": 17}


@pytest.mark.parametrize(
    "write", ["cache_write.input_tokens", "cache_creation.input_tokens", "cache_creation_input_tokens"]
)
@pytest.mark.parametrize("read", ["cache_read.input_tokens", "cache_read_input_tokens"])
def test_names_of_the_cache(write: str, read: str) -> None:
    told = {INPUT: 3084, OUTPUT: 42, f"gen_ai.usage.{write}": 2048, f"gen_ai.usage.{read}": 1024}
    usage = called(CHAT | told).usage
    assert usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert (usage.convention, usage.flags) == ("inclusive", ())


def test_reasoning_and_modalities_are_parts() -> None:
    told = {
        INPUT: 118,
        OUTPUT: 177,
        "gen_ai.usage.reasoning.output_tokens": 100,
        "gen_ai.usage.audio.input_tokens": 100,
        "gen_ai.usage.audio.output_tokens": 60,
    }
    usage = called(CHAT | told).usage
    assert usage.buckets == {"input": 18, "audio_input": 100, "output": 17, "reasoning": 100, "audio_output": 60}
    assert (usage.input_tokens, usage.output_tokens) == (118, 177)


def test_more_cached_than_input_was_counted_apart_and_is_flagged() -> None:
    usage = called(CHAT | {INPUT: 12, OUTPUT: 42, "gen_ai.usage.cache_read.input_tokens": 1024}).usage
    assert (usage.input_tokens, usage.convention, usage.flags) == (1036, "exclusive", ("cache_exceeds_input",))


def test_a_total_that_adds_the_cache_says_it_was_counted_apart() -> None:
    told = {INPUT: 2000, OUTPUT: 42, "gen_ai.usage.cache_read.input_tokens": 1024}
    assert called(CHAT | told | {"gen_ai.usage.total_tokens": 2042}).usage.input_tokens == 2000
    usage = called(CHAT | told | {"gen_ai.usage.total_tokens": 3066}).usage
    assert (usage.input_tokens, usage.convention, usage.flags) == (3024, "exclusive", ("total_adds_cache",))


def test_parts_larger_than_the_whole_are_kept_and_flagged() -> None:
    usage = called(CHAT | {INPUT: 21, OUTPUT: 17, "gen_ai.usage.reasoning.output_tokens": 100}).usage
    assert (usage.buckets["output"], usage.buckets["reasoning"]) == (17, 100)
    assert usage.flags == ("parts_exceed_output",)


def test_content_in_events_neither_disturbs_nor_counts() -> None:
    details = {
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]),
        INPUT: 1000,
        OUTPUT: 1000,
        "gen_ai.response.id": "another",
        "error.type": "none of ours",
    }
    events = [
        SpanEvent(name, 5, details)
        for name in ("gen_ai.client.inference.operation.details", "gen_ai.user.message", "gen_ai.choice")
    ]
    call = called(CHAT | {INPUT: 21, OUTPUT: 17}, "opentelemetry.util.genai.handler", *events)
    assert call == called(CHAT | {INPUT: 21, OUTPUT: 17}, "opentelemetry.util.genai.handler")
    assert (call.usage.input_tokens, call.response_id, call.status) == (21, "", "ok")


def test_a_call_without_usage_has_none() -> None:
    assert called(CHAT).usage.input_tokens is None


def test_the_anthropic_sdk_tells_lifetimes_of_the_cache() -> None:
    told = {
        "gen_ai.provider.name": "anthropic",
        INPUT: 3084,
        OUTPUT: 1042,
        "gen_ai.usage.cache_write.input_tokens": 2048,
        "gen_ai.usage.cache_read.input_tokens": 1024,
        "gen_ai.usage.reasoning.output_tokens": 1000,
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": 48,
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 2000,
        "anthropic.response.service_tier": "priority",
        "anthropic.message.stop_reason": "end_turn",
        "gen_ai.response.time_to_first_chunk": 0.5,
        "gen_ai.request.stream": True,
    }
    call = called(CHAT | told, "com.anthropic.sdk.python")
    assert call.dialect == "anthropic_sdk"
    assert call.usage.buckets == {
        "input": 12,
        "cache_read": 1024,
        "cache_write": 48,
        "cache_write_1h": 2000,
        "output": 42,
        "reasoning": 1000,
    }
    assert (call.served_tier, call.finish_reason, call.ttft_ns) == ("priority", "end_turn", SECOND // 2)
