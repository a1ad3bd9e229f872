"""Attributes as today's libraries send them, and what was used besides tokens."""

import json
from typing import Any

import pytest

from farthing.normalize.quantities import used


def usage(**told: Any) -> dict[str, Any]:
    return {"farthing.usage": json.dumps(told)}


@pytest.mark.parametrize(
    ("attributes", "model", "expected"),
    [
        (
            usage(server_tool_use={"web_search_requests": 3, "web_fetch_requests": 1}),
            "claude-opus-5",
            {"web_searches": 3, "web_fetches": 1},
        ),
        (usage(server_tool_use={"web_search_requests": 0, "web_fetch_requests": 0}), "claude-opus-5", {}),
        (
            {"farthing.tools": '{"web_searches": 2, "file_searches": 1}'},
            "gpt-5",
            {"web_searches": 2, "file_searches": 1},
        ),
        ({"farthing.tools": '{"web_searches": 2}'}, "gemini-3-flash-preview", {"web_searches": 2}),
        ({"farthing.tools": '{"web_searches": 2}'}, "models/gemini-2.5-flash", {"grounding": 1}),
        ({"gen_ai.usage.details.web_search_requests": 4}, "claude-opus-5", {"web_searches": 4}),
        ({"gen_ai.usage.details.web_search_requests": 4}, "gemini-2.0-flash", {"grounding": 1}),
        (usage(server_side_tool_usage_details={"web_search_calls": 5}), "grok-4", {"web_searches": 5}),
        (usage(tool_usage={"web_search": {"num_requests": 2}}), "gpt-5", {"web_searches": 2}),
        (
            usage(prompt_tokens=33, num_search_queries=18, citation_tokens=20337),
            "sonar-deep-research",
            {"web_searches": 18, "citation": 20337},
        ),
        (usage(prompt_tokens=33, search_context_size="high"), "sonar-pro", {"request.high": 1}),
        (usage(billed_units={"search_units": 2}), "rerank-v3.5", {"reranks": 2}),
        (usage(type="duration", seconds=61.2), "whisper-1", {"audio_seconds": 62}),
        ({"langfuse.observation.usage_details": '{"input": 9, "web_search_queries": 2}'}, "gpt-5", {"web_searches": 2}),
        ({"gen_ai.request.audio_duration": 59.01}, "best", {"audio_seconds": 60}),
        ({"gen_ai.response.audio.duration": 12.0}, "whisper-1", {"audio_seconds": 12}),
        (
            {
                "gen_ai.response.image": ["https://x/1", "https://x/2"],
                "gen_ai.request.image_size": "1024x1792",
                "gen_ai.request.image_quality": "hd",
            },
            "dall-e-3",
            {"images.hd.1024x1792": 2},
        ),
        ({"gen_ai.response.image": ["[base64_image_data]"]}, "dall-e-3", {"images": 1}),
        ({"gen_ai.usage.web_searches": -1, "gen_ai.usage.images": "many"}, "gpt-5", {}),
        ({"gen_ai.usage.web_searches": float("nan"), "farthing.tools": "[1]"}, "gpt-5", {}),
        ({"farthing.usage": "{", "farthing.tools": '{"doubloons": 4}'}, "gpt-5", {}),
        (
            usage(server_tool_use={"web_search_requests": 3}) | {"farthing.tools": '{"web_searches": 5}'},
            "claude-opus-5",
            {"web_searches": 3},
        ),
    ],
)
def test_what_was_used_is_counted_once(attributes: dict[str, Any], model: str, expected: dict[str, int]) -> None:
    assert used(attributes, model) == expected


def test_images_told_twice_are_counted_once() -> None:
    told = {
        "gen_ai.usage.images": 2,
        "gen_ai.response.image": ["", ""],
        "gen_ai.request.image_size": "512x512",
        "gen_ai.request.image_quality": "standard",
    }
    assert used(told, "dall-e-2") == {"images.standard.512x512": 2}
