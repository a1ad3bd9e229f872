"""Usage details as Langfuse's SDKs and their users write them, and what stands in the buckets."""

import json
from typing import Any

import pytest

from farthing.normalize import langfuse_usage

TOLD = [
    pytest.param(
        {
            "completion_tokens": 77,
            "prompt_tokens": 118,
            "total_tokens": 195,
            "completion_tokens_details": {"audio_tokens": 60, "reasoning_tokens": 0},
            "prompt_tokens_details": {"audio_tokens": 100, "cached_tokens": 0},
        },
        {
            "audio_input": 100,
            "image_input": None,
            "input": 18,
            "cache_read": 0,
            "reasoning": 0,
            "audio_output": 60,
            "output": 17,
        },
        id="the Python drop-in passes on what OpenAI said",
    ),
    pytest.param(
        {
            "input": 86,
            "output": 17,
            "total": 2106,
            "input_cached_tokens": 1920,
            "input_audio_tokens": 0,
            "output_reasoning_tokens": 64,
            "output_audio_tokens": 0,
            "output_accepted_prediction_tokens": 4,
            "output_rejected_prediction_tokens": 15,
        },
        {"input": 86, "cache_read": 1920, "audio_input": 0, "output": 36, "reasoning": 64, "audio_output": 0},
        id="the JavaScript drop-in takes every detail out",
    ),
    pytest.param(
        {"input": 12, "output": 42, "cache_creation_input_tokens": 2048, "cache_read_input_tokens": 1024},
        {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42},
        id="buckets are disjoint by convention",
    ),
    pytest.param(
        {"input": 2006, "output": 300, "cache_read_input_tokens": 1920, "total": 2306},
        {"input": 86, "cache_read": 1920, "output": 300},
        id="a total shows who does not keep to it",
    ),
    pytest.param(
        {"input": 86, "output": 300, "input_cached_tokens": 1920, "output_reasoning": 64, "total": 2306},
        {"input": 86, "cache_read": 1920, "output": 236, "reasoning": 64},
        id="on either side",
    ),
    pytest.param(
        {
            "input": 10,
            "output": 5,
            "input_cache_read": 20,
            "input_cache_creation": 3,
            "output_reasoning": 7,
            "total": 45,
        },
        {"input": 10, "cache_read": 20, "cache_write": 3, "output": 5, "reasoning": 7},
        id="LangChain's details",
    ),
    pytest.param(
        {
            "input": 12,
            "output": 42,
            "cache_creation_input_tokens": 2048,
            "cache_creation_ephemeral_5m_input_tokens": 2000,
            "cache_creation_ephemeral_1h_input_tokens": 48,
        },
        {"input": 12, "cache_write": 2000, "cache_write_1h": 48, "output": 42},
        id="writes by lifetime",
    ),
    pytest.param(
        {"input": 12, "input_cache_creation_5m": 2000, "input_cache_creation_1h": 48, "output": 42},
        {"input": 12, "cache_write": 2000, "cache_write_1h": 48, "output": 42},
        id="writes by lifetime, in short",
    ),
    pytest.param(
        {"input": 12, "input_modality_video": 2600, "output": 42, "web_search_queries": 2},
        {"input": 12, "video_input": 2600, "output": 42},
        id="video, and searches beside",
    ),
    pytest.param(
        {
            "input": 0,
            "output": 0,
            "total": 150,
            "input_modality_TEXT": 60,
            "input_modality_AUDIO": 20,
            "cached_modality_TEXT": 40,
            "cached_content_token_count": 40,
            "output_modality_TEXT": 20,
            "thoughts_token_count": 10,
        },
        {"input": 60, "audio_input": 20, "cache_read": 40, "output": 20, "reasoning": 10},
        id="Gemini's modalities",
    ),
    pytest.param(
        {"input_tokens": 12, "output_tokens": 42, "cache_read_input_tokens": 1024},
        {"input": 12, "cache_read": 1024, "output": 42},
        id="Anthropic's own object",
    ),
    pytest.param({"promptTokens": 3, "completionTokens": 2, "totalTokens": 5}, {"input": 3, "output": 2}, id="legacy"),
    pytest.param({"input": 16}, {"input": 16}, id="an embedding"),
    pytest.param({"total": 100}, {}, id="a total alone says nothing of the sides"),
    pytest.param({"input": None, "output": "many"}, {}, id="no counts"),
    pytest.param({}, {}, id="nothing"),
]


@pytest.mark.parametrize(("told", "buckets"), TOLD)
def test_details_become_buckets(told: dict[str, Any], buckets: dict[str, int | None]) -> None:
    usage = langfuse_usage.read(json.dumps(told))
    assert usage.buckets == {bucket: tokens for bucket, tokens in buckets.items() if tokens is not None}
    assert usage.flags == ()


@pytest.mark.parametrize("raw", [None, "", "[", "[1]", 7, "null"])
def test_what_is_no_object_is_missing(raw: Any) -> None:
    assert langfuse_usage.read(raw).buckets == {}
