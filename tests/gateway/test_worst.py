"""The most a request can use: never less than what it is charged for, and honest about what it doesn't know."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farthing.gateway.kinds import Kind, find
from farthing.gateway.worst import (
    ASSUMED_OUTPUT,
    IMAGE_TOKENS,
    NOTHING,
    REFERRED_TOKENS,
    TOOLS_INPUT,
    Worst,
    as_sent,
    of_request,
)
from farthing.model.usage import Bucket


def worst(path: str, body: dict[str, Any]) -> Worst:
    return worst_of(path, msgspec.json.encode(body))


def worst_of(path: str, encoded: bytes) -> Worst:
    found = of_request(kind(path), encoded, msgspec.json.decode(encoded, type=dict[str, msgspec.Raw]))
    assert found is not None
    return found


def kind(path: str) -> Kind:
    found = find(f"/v1/{path}", "POST")
    assert found is not None
    return found.kind


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("chat/completions", "max_tokens"),
        ("chat/completions", "max_completion_tokens"),
        ("responses", "max_output_tokens"),
        ("messages", "max_tokens"),
        ("completions", "max_tokens"),
    ],
)
def test_a_cap_bounds_the_output(path: str, name: str) -> None:
    found = worst(path, {"model": "gpt-4o", name: 50})
    assert (found.usage.buckets[Bucket.OUTPUT], found.is_certain) == (50, True)


def test_answers_are_charged_each() -> None:
    assert worst("chat/completions", {"max_tokens": 50, "n": 3}).usage.buckets[Bucket.OUTPUT] == 150
    assert worst("completions", {"max_tokens": 50, "n": 2, "best_of": 5}).usage.buckets[Bucket.OUTPUT] == 250


def test_each_prompt_of_a_list_is_answered() -> None:
    for prompt, answers in ((["a"] * 50, 50), ([[1, 2], [3]], 2), ([1, 2, 3], 1), ("a", 1), ([], 1)):
        found = worst("completions", {"prompt": prompt, "max_tokens": 10, "n": 2})
        assert found.usage.buckets[Bucket.OUTPUT] == 10 * 2 * answers, prompt


def test_of_two_caps_the_looser_counts() -> None:
    both = {"max_completion_tokens": 1, "max_tokens": 100}
    assert worst("chat/completions", both).usage.buckets[Bucket.OUTPUT] == 100


def test_what_a_variant_sets_counts() -> None:
    body = msgspec.json.encode({"model": "gpt-4o", "max_tokens": 1, "messages": []})
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    sent = as_sent(body, members, {"max_tokens": 400, "n": 3, "tools": [{"type": "web_search"}]}, "Be brief. " * 100)
    found = of_request(kind("chat/completions"), *sent)
    assert found
    assert found.usage.buckets[Bucket.OUTPUT] == 1_200
    assert found.usage.buckets[Bucket.INPUT] > len(body) + 1_000 + REFERRED_TOKENS


@pytest.mark.parametrize("cap", [None, 0, -1, True, "50", 1.5, []])
def test_without_a_cap_the_bound_is_no_certain_one(cap: object) -> None:
    found = worst("chat/completions", {"max_tokens": cap})
    assert (found.usage.buckets[Bucket.OUTPUT], found.is_certain) == (ASSUMED_OUTPUT, False)


@given(st.text(max_size=300))
def test_no_text_has_more_tokens_than_bytes(text: str) -> None:
    found = worst("chat/completions", {"messages": [{"role": "user", "content": text}]})
    assert found.usage.buckets[Bucket.INPUT] >= len(text.encode())


def test_what_a_body_only_refers_to_has_bounds_of_its_own() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    assert worst("chat/completions", {"messages": [{"content": [image]}]}).usage.buckets[Bucket.INPUT] > IMAGE_TOKENS
    escaped = msgspec.json.encode({"messages": [{"content": [image]}]}).replace(b"image_url", b"im\\u0061ge_url")
    assert worst_of("chat/completions", escaped).usage.buckets[Bucket.INPUT] > IMAGE_TOKENS
    film = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
    for path, body in (
        ("responses", {"previous_response_id": "resp_1", "input": "more"}),
        ("responses", {"prompt": {"id": "pmpt_1"}, "input": "more"}),
        ("responses", {"input": [{"type": "item_reference", "id": "msg_1"}]}),
        ("chat/completions", {"messages": [{"content": [film]}]}),
    ):
        assert worst(path, body).usage.buckets[Bucket.INPUT] > REFERRED_TOKENS, body


def test_the_dearest_kind_of_input_counts() -> None:
    cached = [{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}]
    assert Bucket.CACHE_WRITE in worst("messages", {"system": cached, "max_tokens": 1}).usage.buckets
    cached[0]["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
    assert Bucket.CACHE_WRITE_1H in worst("messages", {"system": cached, "max_tokens": 1}).usage.buckets
    spoken = {"type": "input_audio", "input_audio": {"data": "UklGRg=="}}
    found = worst(
        "chat/completions", {"messages": [{"content": [spoken]}], "modalities": ["text", "audio"], "max_tokens": 9}
    )
    assert set(found.usage.buckets) == {Bucket.AUDIO_INPUT, Bucket.AUDIO_OUTPUT}


def test_other_kinds_of_calls() -> None:
    assert set(worst("embeddings", {"input": "hi"}).usage.buckets) == {Bucket.INPUT}
    drawn = worst("images/generations", {"model": "dall-e-3", "quality": "hd", "size": "1024x1792", "n": 2})
    assert drawn.usage.buckets == {"images.hd.1024x1792": 2}
    assert worst("images/generations", {"model": "gpt-image-1"}).usage.buckets[Bucket.IMAGE_OUTPUT] > 6_240
    assert worst("audio/speech", {"input": "seven c"}).usage.buckets == {Bucket.CHARACTERS: 7}
    heard = of_request(kind("audio/transcriptions"), bytes(5_001), {})
    assert heard
    assert heard.usage.buckets == {Bucket.AUDIO_SECONDS: 11}
    assert worst("models", {}) == worst("messages/count_tokens", {"model": "claude"}) == NOTHING
    assert of_request(kind("proxy/openai/v1/skills"), b"", {}) is None


@pytest.mark.parametrize("path", ["batches", "messages/batches", "fine_tuning/jobs", "videos", "evals/eval_1/runs"])
def test_what_asks_models_later_is_not_free(path: str) -> None:
    assert of_request(kind(path), b"", {}) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "models"),
        ("GET", "batches"),
        ("POST", "batches/b_1/cancel"),
        ("POST", "files"),
        ("GET", "proxy/openai/organization/costs"),
        ("POST", "responses/resp_1/cancel"),
        ("POST", "moderations"),
    ],
)
def test_what_asks_no_model_is_free(method: str, path: str) -> None:
    found = find(f"/v1/{path}", method)
    assert found
    assert of_request(found.kind, b"{}", {}) is NOTHING


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("images/generations", b'{"model":"dall-e-3","prompt":"x","n":1e999}'),
        ("images/generations", b'{"model":"dall-e-3","prompt":"x","quality":"\xff"}'),
        ("audio/speech", b'{"model":"tts-1","input":"\xff"}'),
    ],
)
def test_what_can_not_be_read_breaks_nothing(path: str, body: bytes) -> None:
    assert worst_of(path, body).usage.buckets


def test_other_ways_to_ask_for_a_search() -> None:
    ways: tuple[tuple[str, dict[str, Any]], ...] = (
        ("chat/completions", {"web_search_options": {}}),
        ("messages", {"mcp_servers": [{"type": "url", "url": "https://example.com"}]}),
        ("chat/completions", {"plugins": [{"id": "web"}]}),
    )
    for path, body in ways:
        found = worst(path, {"max_tokens": 9, **body})
        assert (found.usage.buckets[Bucket.INPUT] > REFERRED_TOKENS, found.is_certain) == (True, False), body


def test_tools_are_made_known_and_what_the_provider_finds_is_read() -> None:
    called = {"type": "function", "function": {"name": "weather"}}
    with_tool = worst("chat/completions", {"tools": [called], "max_tokens": 9})
    assert (with_tool.usage.buckets[Bucket.INPUT] > TOOLS_INPUT, with_tool.is_certain) == (True, True)
    searching = worst("responses", {"tools": [{"type": "web_search_preview"}], "max_output_tokens": 9})
    assert (searching.usage.buckets[Bucket.INPUT] > REFERRED_TOKENS, searching.is_certain) == (True, False)
