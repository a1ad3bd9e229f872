"""Usage objects as the providers' APIs shape them, and what stands in the buckets."""

import json
from typing import Any

import pytest

from farthing.normalize import provider_usage

OPENAI_CHAT = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0, "accepted_prediction_tokens": 0},
}
OPENAI_RESPONSES = {
    "input_tokens": 2006,
    "input_tokens_details": {"cached_tokens": 1920},
    "output_tokens": 300,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 2306,
}
ANTHROPIC = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 2048,
    "cache_read_input_tokens": 1024,
    "cache_creation": {"ephemeral_5m_input_tokens": 2000, "ephemeral_1h_input_tokens": 48},
    "output_tokens": 42,
    "service_tier": "standard",
}
BEDROCK = {
    "inputTokens": 12,
    "outputTokens": 42,
    "totalTokens": 3126,
    "cacheReadInputTokens": 1024,
    "cacheWriteInputTokens": 2048,
}
GEMINI = {
    "promptTokenCount": 2000,
    "cachedContentTokenCount": 500,
    "candidatesTokenCount": 100,
    "thoughtsTokenCount": 900,
    "toolUsePromptTokenCount": 6,
    "totalTokenCount": 3006,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1900}, {"modality": "AUDIO", "tokenCount": 100}],
    "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 30}],
}
OPENAI_WITH_LIFETIMES = {
    "input_tokens": 5000,
    "input_tokens_details": {
        "cached_tokens": 1000,
        "cache_write_tokens": 3000,
        "cache_write_tokens_details": {"ttl_30m_tokens": 2000, "ttl_12h_tokens": 700},
    },
    "output_tokens": 50,
    "output_tokens_details": {"reasoning_tokens": 10},
}
BEDROCK_WITH_LIFETIMES = BEDROCK | {
    "cacheDetails": [{"ttl": "5m", "inputTokens": 2000}, {"ttl": "1h", "inputTokens": 48}]
}
GEMINI_VIDEO = {
    "promptTokenCount": 3000,
    "candidatesTokenCount": 100,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 400}, {"modality": "VIDEO", "tokenCount": 2600}],
}
REALTIME = {
    "input_tokens": 800,
    "output_tokens": 300,
    "input_token_details": {
        "text_tokens": 200,
        "audio_tokens": 600,
        "cached_tokens": 500,
        "cached_tokens_details": {"text_tokens": 100, "audio_tokens": 400},
    },
    "output_token_details": {"text_tokens": 60, "audio_tokens": 240},
}
DEEP_RESEARCH = {
    "prompt_tokens": 33,
    "completion_tokens": 7163,
    "citation_tokens": 20337,
    "num_search_queries": 18,
    "reasoning_tokens": 3997,
}
LITELLM_ANTHROPIC = {
    "prompt_tokens": 3084,
    "completion_tokens": 42,
    "total_tokens": 3126,
    "prompt_tokens_details": {"cached_tokens": 1024},
    "cache_creation_input_tokens": 2048,
    "cache_read_input_tokens": 1024,
}


SHAPES: list[tuple[dict[str, Any], dict[str, int]]] = [
    (
        OPENAI_CHAT,
        {"input": 86, "cache_read": 1920, "output": 236, "reasoning": 64, "audio_input": 0, "audio_output": 0},
    ),
    (OPENAI_RESPONSES, {"input": 86, "cache_read": 1920, "output": 236, "reasoning": 64}),
    (ANTHROPIC, {"input": 12, "cache_read": 1024, "cache_write": 2000, "cache_write_1h": 48, "output": 42}),
    (BEDROCK, {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}),
    (
        GEMINI,
        {
            "input": 1436,
            "cache_read": 470,
            "audio_cache_read": 30,
            "audio_input": 70,
            "output": 100,
            "reasoning": 900,
        },
    ),
    (
        OPENAI_WITH_LIFETIMES,
        {
            "input": 1000,
            "cache_read": 1000,
            "cache_write_30m": 2000,
            "cache_write_12h": 700,
            "cache_write": 300,
            "output": 40,
            "reasoning": 10,
        },
    ),
    (
        BEDROCK_WITH_LIFETIMES,
        {"input": 12, "cache_read": 1024, "cache_write": 2000, "cache_write_1h": 48, "output": 42},
    ),
    (GEMINI_VIDEO, {"input": 400, "video_input": 2600, "output": 100}),
    (
        REALTIME,
        {
            "input": 100,
            "audio_input": 200,
            "cache_read": 100,
            "audio_cache_read": 400,
            "output": 60,
            "audio_output": 240,
        },
    ),
    (DEEP_RESEARCH, {"input": 33, "output": 7163, "reasoning": 3997}),
    (LITELLM_ANTHROPIC, {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}),
    ({"prompt_tokens": 16, "total_tokens": 16}, {"input": 16, "output": 0}),
    ({"input_tokens": 9, "output_tokens": 3}, {"input": 9, "output": 3}),
]


@pytest.mark.parametrize(("raw", "buckets"), SHAPES)
def test_each_providers_shape_has_its_convention(raw: dict[str, Any], buckets: dict[str, int]) -> None:
    for given in (raw, json.dumps(raw)):
        shaped = provider_usage.of(given)
        assert shaped is not None
        assert shaped.settled().buckets == buckets
        assert shaped.settled().flags == ()


def test_modalities_may_stand_in_an_object() -> None:
    shaped = provider_usage.of(GEMINI | {"promptTokensDetails": {"text": 1900, "audio": 100}})
    assert shaped is not None
    assert shaped.settled().buckets["audio_input"] == 70


@pytest.mark.parametrize(
    "raw", [None, "", "null", "[]", "{", "{}", 7, {"input_tokens": None}, {"prompt_tokens": "many"}]
)
def test_what_tells_no_count_is_unknown(raw: Any) -> None:
    assert provider_usage.of(raw) is None
