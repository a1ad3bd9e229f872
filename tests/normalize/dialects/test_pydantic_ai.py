"""Attribute sets as Pydantic AI's versions send them, and the calls they mean."""

from typing import Any

import pytest

from farthing.model import money
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.dialects import pydantic_ai
from farthing.normalize.reading import Reading
from farthing.normalize.trace import calls_of

USAGE = "gen_ai.usage."
DETAILS = "gen_ai.usage.details."


def made(name: str, attributes: dict[str, Any], version: str = "2.68.0", **more: Any) -> Span:
    return Span(
        b"t" * 16,
        more.get("id", b"s" * 8),
        more.get("parent", b""),
        name,
        1,
        10**9,
        2 * 10**9,
        more.get("status", 0),
        "",
        Scope("pydantic-ai", version),
        Resource(),
        attributes,
    )


def read(name: str, attributes: dict[str, Any], version: str = "2.68.0") -> Reading:
    reading = pydantic_ai.read(made(name, attributes, version))
    assert reading is not None
    return reading


def chat(model: str = "gpt-4o", **usage: int) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": model,
        "model_request_parameters": "{}",
    } | {"gen_ai.usage." + name: count for name, count in usage.items()}


def details(**usage: int) -> dict[str, int]:
    return {DETAILS + name: count for name, count in usage.items()}


PARTS: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    (
        "2.68.0",
        chat(input_tokens=3084, output_tokens=42)
        | {USAGE + "cache_creation.input_tokens": 2048, USAGE + "cache_read.input_tokens": 1024}
        | details(cache_creation_input_tokens=2048, cache_read_input_tokens=1024)
        | details(cache_write_tokens=2048, cache_read_tokens=1024),
        {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42},
    ),
    (
        "1.20.0",
        chat(input_tokens=2006, output_tokens=300) | details(cache_read_tokens=1920, reasoning_tokens=64),
        {"input": 86, "cache_read": 1920, "output": 236, "reasoning": 64},
    ),
    (
        "1.20.0",
        chat(input_tokens=118, output_tokens=77)
        | details(input_audio_tokens=100, output_audio_tokens=60, audio_tokens=60),
        {"input": 18, "audio_input": 100, "output": 17, "audio_output": 60},
    ),
    (
        "0.8.1",
        chat(input_tokens=118, output_tokens=77) | details(audio_tokens=60),
        {"input": 118, "output": 17, "audio_output": 60},
    ),
    (
        "0.4.11",
        chat(input_tokens=118, output_tokens=77) | details(audio_tokens=100),
        {"input": 18, "audio_input": 100, "output": 77},
    ),
    (
        "0.4.11",
        chat(input_tokens=2006, output_tokens=300) | details(cached_tokens=1920),
        {"input": 86, "cache_read": 1920, "output": 300},
    ),
    (
        "0.4.11",
        chat("gemini-2.5-pro", input_tokens=100, output_tokens=20) | details(thoughts_tokens=300),
        {"input": 100, "output": 20, "reasoning": 300},
    ),
    (
        "2.68.0",
        chat("gemini-2.5-pro", input_tokens=3000, output_tokens=20)
        | {USAGE + "cache_read.input_tokens": 500}
        | details(audio_prompt_tokens=300, audio_cache_tokens=200, video_prompt_tokens=2000, text_prompt_tokens=700),
        {
            "input": 600 - 200,
            "cache_read": 300,
            "audio_cache_read": 200,
            "audio_input": 100,
            "video_input": 2000,
            "output": 20,
        },
    ),
    (
        "0.8.1",
        chat("gemini-2.5-pro", input_tokens=100, output_tokens=320) | details(thoughts_tokens=300),
        {"input": 100, "output": 20, "reasoning": 300},
    ),
]


@pytest.mark.parametrize(("version", "attributes", "buckets"), PARTS)
def test_parts_stand_among_the_details(version: str, attributes: dict[str, Any], buckets: dict[str, int]) -> None:
    usage = read("chat gpt-4o", attributes, version).call.usage
    assert usage.buckets == buckets
    assert usage.flags == ()


def test_a_run_of_an_agent_repeats_its_calls() -> None:
    old = {"model_name": "gpt-4o", "agent_name": "a", "logfire.msg": "a run", USAGE + "input_tokens": 42}
    now = {
        "model_name": "gpt-4o",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.aggregated_usage.input_tokens": 42,
        "gen_ai.aggregated_usage.cache_read.input_tokens": 2,
    }
    assert read("agent run", old, "0.4.11").wrapper
    assert read("invoke_agent a", old, "1.20.0").wrapper
    run = read("invoke_agent a", now)
    assert run.wrapper
    assert (run.call.request_model, run.call.usage.buckets) == ("gpt-4o", {"input": 40, "cache_read": 2})


def test_a_run_and_its_two_calls_are_two_calls() -> None:
    run = made("agent run", {"model_name": "gpt-4o", USAGE + "input_tokens": 42, USAGE + "output_tokens": 34}, "0.4.11")
    calls = [
        made("chat gpt-4o", chat(input_tokens=21, output_tokens=17), "0.4.11", id=bytes([7] * 7 + [n]), parent=b"s" * 8)
        for n in (1, 2)
    ]
    owners = [call for call in calls_of([run, *calls]) if call.owner is None]
    assert [call.usage.input_tokens for call in owners] == [21, 21]


def test_tools_are_no_calls() -> None:
    for name, operation in (("running tool", None), ("running tools", None), ("execute_tool f", "execute_tool")):
        attributes: dict[str, Any] = {"gen_ai.tool.name": "f"}
        if operation:
            attributes["gen_ai.operation.name"] = operation
        assert pydantic_ai.read(made(name, attributes)) is None


def test_an_attempt_in_vain_was_a_call() -> None:
    attributes = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
    reading = pydantic_ai.read(made("model request attempt gpt-4o", attributes, status=2))
    assert reading is not None
    assert (reading.call.status, reading.call.request_model, reading.wrapper) == ("error", "gpt-4o", False)


def test_a_cost_is_the_emitters_and_zero_is_none() -> None:
    call = read("chat gpt-4o", chat(input_tokens=1) | {"operation.cost": 0.005615}).call
    assert call.reported_cost == money.to_units("0.005615")
    assert read("chat gpt-4o", chat(input_tokens=1) | {"operation.cost": 0.0}).call.reported_cost is None


def test_an_embedding_has_no_output() -> None:
    attributes = chat("text-embedding-3-small", input_tokens=16) | {"gen_ai.operation.name": "embeddings"}
    assert read("embeddings text-embedding-3-small", attributes).call.usage.buckets == {"input": 16, "output": 0}


def test_an_early_stream_of_anthropics_is_miscounted() -> None:
    attributes = chat("claude-sonnet-4-5", input_tokens=21, output_tokens=18) | {
        "gen_ai.system": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5",
    }
    call = read("chat claude-sonnet-4-5", attributes, "0.4.11").call
    assert (call.usage.source, call.usage.buckets, call.streaming) == ("estimated", {}, True)
    assert read("chat claude-sonnet-4-5", attributes, "1.20.0").call.usage.output_tokens == 18
    whole = attributes | {"gen_ai.response.model": "claude-sonnet-4-5-20250929"}
    assert read("chat claude-sonnet-4-5", whole, "0.4.11").call.usage.output_tokens == 18
