"""Attribute sets as the Vercel AI SDK's versions 4 to 7 send them, and the calls they mean."""

import json
import math
from typing import Any

import pytest

from farthing.model import money
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.dialects import vercel_ai
from farthing.normalize.reading import Reading
from farthing.privacy.scrub import scrub

CLIENT, INTERNAL = 3, 1


def read(attributes: dict[str, Any], scope: str = "ai", kind: int = INTERNAL, status: int = 0) -> Reading | None:
    span = Span(b"t" * 16, b"s" * 8, b"", "span", kind, 0, 10**9, status, "", Scope(scope), Resource(), attributes)
    return vercel_ai.read(scrub(span))


def called(attributes: dict[str, Any], scope: str = "ai", kind: int = INTERNAL) -> Reading:
    reading = read(attributes, scope, kind)
    assert reading is not None
    return reading


def v4(provider: str, prompt: float, completion: float, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """A leaf of version 4: everything about caches stands in the provider's metadata."""
    said = {} if metadata is None else {"ai.response.providerMetadata": json.dumps(metadata)}
    return {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.provider": provider,
        "ai.model.id": "some-model",
        "gen_ai.system": provider,
        "gen_ai.request.model": "some-model",
        "ai.response.id": "id-of-the-provider",
        "ai.response.finishReason": "stop",
        "ai.usage.promptTokens": prompt,
        "ai.usage.completionTokens": completion,
        "gen_ai.usage.input_tokens": prompt,
        "gen_ai.usage.output_tokens": completion,
    } | said


def v5(provider: str, model: str = "some-model", **usage: int) -> dict[str, Any]:
    """A stream's leaf of version 5."""
    return {
        "ai.operationId": "ai.streamText.doStream",
        "ai.model.provider": provider,
        "ai.model.id": model,
        "gen_ai.request.model": model,
        **{f"ai.usage.{name}": count for name, count in usage.items()},
        "gen_ai.usage.input_tokens": usage["inputTokens"],
        "gen_ai.usage.output_tokens": usage["outputTokens"],
    }


@pytest.mark.parametrize(
    ("attributes", "buckets"),
    [
        (
            v4(
                "anthropic.messages",
                12,
                42,
                {"anthropic": {"cacheCreationInputTokens": 2048, "cacheReadInputTokens": 1024}},
            ),
            {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42},
        ),
        (
            v4("openai.chat", 2006, 300, {"openai": {"reasoningTokens": 64, "cachedPromptTokens": 1920}}),
            {"input": 86, "cache_read": 1920, "output": 236, "reasoning": 64},
        ),
        (
            v4(
                "amazon-bedrock",
                12,
                42,
                {"bedrock": {"usage": {"cacheReadInputTokens": 1024, "cacheWriteInputTokens": None}}},
            ),
            {"input": 12, "cache_read": 1024, "output": 42},
        ),
        (
            v4("deepseek.chat", 100, 5, {"deepseek": {"promptCacheHitTokens": 64, "promptCacheMissTokens": 36}}),
            {"input": 36, "cache_read": 64, "output": 5},
        ),
    ],
)
def test_version_4_tells_of_the_cache_in_the_providers_own_words(
    attributes: dict[str, Any], buckets: dict[str, int]
) -> None:
    usage = called(attributes).call.usage
    assert usage.buckets == buckets
    assert usage.flags == ()


def test_version_4_sends_nan_for_what_it_does_not_know() -> None:
    usage = called(v4("openai.chat", math.nan, math.nan, {"openai": {}})).call.usage
    assert usage.buckets == {}
    assert usage.input_tokens is None


def test_a_silent_anthropic_span_does_not_tell_its_full_input() -> None:
    silent = called(v4("anthropic.messages", 12, 42)).call.usage
    assert (silent.input_tokens, silent.output_tokens) == (None, 42)
    told = called(v4("anthropic.messages", 12, 42, {"anthropic": {"cacheReadInputTokens": None}})).call.usage
    assert told.input_tokens == 12
    assert called(v4("amazon-bedrock", 12, 42)).call.usage.input_tokens == 12


def test_version_5_repeats_the_providers_usage_object() -> None:
    raw = {
        "input_tokens": 12,
        "cache_creation_input_tokens": 2048,
        "cache_read_input_tokens": 1024,
        "cache_creation": {"ephemeral_5m_input_tokens": 2000, "ephemeral_1h_input_tokens": 48},
        "output_tokens": 42,
    }
    metadata = {"anthropic": {"usage": raw, "cacheCreationInputTokens": 2048, "stopSequence": None}}
    attributes = v5("anthropic.messages", inputTokens=12, outputTokens=42, totalTokens=54, cachedInputTokens=1024)
    usage = called(attributes | {"ai.response.providerMetadata": json.dumps(metadata)}).call.usage
    assert usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2000, "cache_write_1h": 48, "output": 42}


def test_gemini_counts_its_thoughts_beside_the_output() -> None:
    attributes = v5("google.generative-ai", inputTokens=100, outputTokens=20, reasoningTokens=300, totalTokens=420)
    usage = called(attributes).call.usage
    assert usage.buckets == {"input": 100, "output": 20, "reasoning": 300}
    raw = {"promptTokenCount": 100, "candidatesTokenCount": 20, "thoughtsTokenCount": 300, "totalTokenCount": 420}
    attributes["ai.response.providerMetadata"] = json.dumps({"google": {"usageMetadata": raw, "safetyRatings": None}})
    assert called(attributes).call.usage.buckets == {"input": 100, "output": 20, "reasoning": 300}


def test_a_gateways_claude_counts_as_anthropic_does() -> None:
    attributes = v5("gateway", "anthropic/claude-sonnet-4-5", inputTokens=12, outputTokens=42, cachedInputTokens=1024)
    call = called(attributes | {"ai.response.providerMetadata": '{"gateway":{"generationId":"gen_1"}}'}).call
    assert call.provider == "anthropic"
    assert call.usage.buckets == {"input": 12, "cache_read": 1024, "output": 42}
    assert call.reported_cost is None
    other = v5("gateway", "openai/gpt-4o", inputTokens=2006, outputTokens=300, cachedInputTokens=1920)
    assert called(other).call.usage.buckets == {"input": 86, "cache_read": 1920, "output": 300}


@pytest.mark.parametrize(
    ("metadata", "dollars"),
    [
        (
            {"openai": {"serviceTier": "default"}, "gateway": {"cost": "0.0002545", "generationId": "gen_1"}},
            "0.0002545",
        ),
        ({"openrouter": {"usage": {"promptTokens": 21, "completionTokens": 17, "cost": 0.00001335}}}, "0.00001335"),
        ({"gateway": {"cost": "0"}}, None),
        ({"gateway": {"cost": "cheap"}}, None),
    ],
)
def test_a_gateway_reports_its_charge(metadata: dict[str, Any], dollars: str | None) -> None:
    call = called(
        v5("gateway", inputTokens=21, outputTokens=17) | {"ai.response.providerMetadata": json.dumps(metadata)}
    ).call
    assert call.reported_cost == (None if dollars is None else money.to_units(dollars))
    assert call.usage.buckets == {"input": 21, "output": 17}


def test_version_6_counts_the_cache_in_and_says_how() -> None:
    attributes = v5(
        "anthropic.messages", inputTokens=3084, outputTokens=42, totalTokens=3126, cachedInputTokens=1024
    ) | {
        "ai.usage.inputTokenDetails.noCacheTokens": 12,
        "ai.usage.inputTokenDetails.cacheReadTokens": 1024,
        "ai.usage.inputTokenDetails.cacheWriteTokens": 2048,
        "ai.response.msToFirstChunk": 291.5,
        "ai.response.model": "claude-sonnet-4-5-20250929",
    }
    call = called(attributes).call
    assert call.usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert (call.streaming, call.ttft_ns, call.response_model) == (True, 291_500_000, "claude-sonnet-4-5-20250929")


def test_functions_wrap_their_model_calls() -> None:
    for operation in (
        "ai.generateText",
        "ai.streamText",
        "ai.generateObject",
        "ai.streamObject",
        "ai.embedMany",
        "ai.embed",
    ):
        assert called({"ai.operationId": operation, "ai.model.id": "m", "ai.usage.promptTokens": 5}).wrapper
    for operation in ("ai.toolCall", "ai.rerank.doRerank", "ai.generateSpeech"):
        assert read({"ai.operationId": operation, "ai.model.id": "m"}) is None


def test_an_embeddings_output_is_known_to_be_none() -> None:
    call = called(
        {
            "ai.operationId": "ai.embedMany.doEmbed",
            "ai.model.provider": "openai.embedding",
            "ai.model.id": "text-embedding-3-small",
            "ai.usage.tokens": 16,
        }
    ).call
    assert (call.operation, call.provider, call.request_model) == ("embeddings", "openai", "text-embedding-3-small")
    assert call.usage.buckets == {"input": 16, "output": 0}


def test_an_id_of_the_sdks_making_is_none() -> None:
    assert called(v4("openai.chat", 1, 1)).call.response_id == "id-of-the-provider"
    assert called(v4("openai.chat", 1, 1) | {"ai.response.id": "aitxt-k2P9"}).call.response_id == ""


V7 = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.id": "msg_1",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 3084,
    "gen_ai.usage.output_tokens": 42,
    "gen_ai.usage.cache_read.input_tokens": 1024,
    "gen_ai.usage.cache_creation.input_tokens": 2048,
    "gen_ai.client.operation.time_to_first_chunk": 0.25,
}


def test_version_7_speaks_the_conventions() -> None:
    reading = called(V7, "gen_ai", CLIENT)
    assert not reading.wrapper
    assert reading.call.usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert (reading.call.ttft_ns, reading.call.streaming) == (250_000_000, True)
    assert called(V7 | {"gen_ai.operation.name": "invoke_agent"}, "gen_ai").wrapper
    assert read({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"}, "gen_ai") is None
    assert read({"gen_ai.operation.name": "agent_step"}, "gen_ai") is None


def test_version_7_generating_an_object_names_all_but_the_cache_writes() -> None:
    attributes = {k: v for k, v in V7.items() if "cache_creation" not in k}
    attributes["ai.usage.inputTokenDetails.noCacheTokens"] = 12
    assert called(attributes, "gen_ai", CLIENT).call.usage.buckets["cache_write"] == 2048


def test_version_7_tells_an_embedding_twice() -> None:
    embedding = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
    }
    assert called(embedding, "gen_ai", INTERNAL).wrapper
    inner = called(embedding | {"gen_ai.usage.input_tokens": 16}, "gen_ai", CLIENT)
    assert not inner.wrapper
    assert inner.call.usage.buckets == {"input": 16, "output": 0}
