"""Attribute sets as OpenInference's instrumentations of 2025 and now send them, and the calls they mean."""

import json
from typing import Any

import pytest

from farthing.model import money
from farthing.model.call import Status
from farthing.model.span import STATUS_ERROR, Resource, Scope, Span, SpanEvent
from farthing.model.usage import MISSING
from farthing.normalize.dialects import openinference
from farthing.normalize.reading import Reading
from farthing.privacy.scrub import scrub

SCOPE = "openinference.instrumentation."


def read(
    attributes: dict[str, Any],
    library: str = "openai",
    version: str = "0.1.66",
    status: int = 1,
    events: tuple[SpanEvent, ...] = (),
) -> Reading | None:
    scope = Scope(SCOPE + library, version)
    held = {"openinference.span.kind": "LLM"} | attributes
    return openinference.read(
        scrub(Span(b"t" * 16, b"s" * 8, b"", "span", 1, 0, 10**9, status, "", scope, Resource(), held, events))
    )


def called(attributes: dict[str, Any], library: str = "openai", version: str = "0.1.66", **more: Any) -> Reading:
    reading = read(attributes, library, version, **more)
    assert reading is not None
    return reading


def counts(prompt: int, completion: int, **parts: int) -> dict[str, int]:
    named = {f"llm.token_count.{name.replace('__', '.')}": count for name, count in parts.items()}
    return {"llm.token_count.prompt": prompt, "llm.token_count.completion": completion} | named


def test_the_response_names_itself_in_its_content() -> None:
    response = {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "service_tier": "flex",
        "choices": [{"finish_reason": "stop", "message": {"content": "secret words"}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 7},
    }
    call = called(
        counts(9, 7)
        | {
            "llm.model_name": "gpt-4o-2024-08-06",
            "llm.invocation_parameters": '{"model": "gpt-4o", "stream": true, "service_tier": "auto"}',
            "output.value": json.dumps(response),
        }
    ).call
    assert (call.response_id, call.request_model, call.response_model) == ("chatcmpl-1", "gpt-4o", "gpt-4o-2024-08-06")
    assert (call.requested_tier, call.served_tier, call.finish_reason) == ("auto", "flex", "stop")
    assert call.streaming is True
    assert call.provider == "openai"
    assert dict(call.usage.buckets) == {"input": 9, "output": 7}


def test_without_content_the_attributes_tell() -> None:
    call = called(
        counts(100, 50, prompt_details__cache_read=80, completion_details__reasoning=20)
        | {"llm.model_name": "gpt-4o-2024-08-06", "output.value": "__REDACTED__", "input.value": "__REDACTED__"}
    ).call
    assert dict(call.usage.buckets) == {"input": 20, "cache_read": 80, "output": 30, "reasoning": 20}
    assert (call.request_model, call.response_model, call.response_id) == ("", "gpt-4o-2024-08-06", "")


@pytest.mark.parametrize(
    ("request_text", "known"),
    [
        ('{"stream": true, "messages": [{"role": "user", "content": "hi"}]}', True),
        ('{"stream": true, "system": [{"text": "long", "cache_control": {"type": "ephemeral"}}]}', False),
        ('{"stream": true, "messages": [{"content": "say \\"cache_control\\": please"}]}', True),
        ("__REDACTED__", False),
    ],
)
def test_an_old_stream_of_anthropics_is_whole_only_if_no_caching_was_asked_for(request_text: str, known: bool) -> None:
    said: dict[str, Any] = {
        "messages": [{"role": "assistant", "content": [], "input_tokens": "12", "output_tokens": "42"}]
    }
    call = called(
        counts(12, 42, total=54) | {"input.value": request_text, "output.value": json.dumps(said)},
        "anthropic",
        "0.1.18",
    ).call
    assert call.usage.output_tokens == 42
    assert call.usage.input_tokens == (12 if known else None)


def test_a_new_stream_of_anthropics_counts_all_input() -> None:
    call = called(
        counts(3084, 42, prompt_details__cache_read=1024, prompt_details__cache_write=2048)
        | {"input.value": '{"stream": true, "cache_control": {}}'},
        "anthropic",
        "3.1.0",
    ).call
    assert dict(call.usage.buckets) == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}


def test_the_providers_object_knows_how_long_the_cache_lives() -> None:
    response = {
        "id": "msg_1",
        "usage": {
            "input_tokens": 12,
            "cache_read_input_tokens": 1024,
            "cache_creation_input_tokens": 2048,
            "cache_creation": {"ephemeral_5m_input_tokens": 48, "ephemeral_1h_input_tokens": 2000},
            "output_tokens": 42,
        },
    }
    call = called(counts(3084, 42) | {"output.value": json.dumps(response)}, "anthropic", "3.1.0").call
    assert call.usage.input_tokens == 3084
    assert call.usage.buckets["cache_write_1h"] == 2000


def test_bedrocks_converse_counts_the_cache_apart_and_its_total_says_so() -> None:
    call = called(
        counts(12, 42, total=1078, prompt_details__cache_read=1024) | {"llm.model_name": "anthropic.claude-3"},
        "bedrock",
    ).call
    assert call.provider == "aws.bedrock"
    assert call.usage.input_tokens == 1036


def test_litellms_early_counts_leave_out_what_was_written_to_the_cache() -> None:
    parts = {"prompt_details__cache_read": 1024, "prompt_details__cache_write": 2048}
    call = called(
        counts(1036, 42, total=1078, **parts)
        | {"llm.invocation_parameters": '{"model": "anthropic/claude-sonnet-4-5"}'},
        "litellm",
    ).call
    assert call.provider == "anthropic"
    assert dict(call.usage.buckets) == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}


def test_vertexs_thoughts_are_output() -> None:
    response = {
        "model_version": "gemini-2.5-pro",
        "usage_metadata": {"prompt_token_count": 10, "candidates_token_count": 20, "thoughts_token_count": 30},
    }
    call = called(counts(10, 20, total=60) | {"output.value": json.dumps(response)}, "vertexai").call
    assert dict(call.usage.buckets) == {"input": 10, "output": 20, "reasoning": 30}
    assert call.response_model == "gemini-2.5-pro"


def langchain(message: dict[str, Any], llm_output: dict[str, Any] | None = None) -> str:
    held = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": message}
    generation = {"text": "words", "generation_info": None, "message": held}
    return json.dumps({"generations": [[generation]], "llm_output": llm_output, "type": "LLMResult"})


def test_langchains_early_versions_take_over_anthropics_counting() -> None:
    usage = {
        "input_tokens": 5000,
        "cache_read_input_tokens": 1024,
        "cache_creation_input_tokens": 0,
        "output_tokens": 42,
    }
    output = langchain({"id": "run--1-0"}, {"id": "msg_1", "model": "claude-sonnet-4-5", "usage": usage})
    call = called(
        counts(5000, 42, prompt_details__cache_read=1024)
        | {"output.value": output, "metadata": '{"ls_provider": "anthropic"}'},
        "langchain",
        "0.1.43",
    ).call
    assert (call.response_id, call.provider) == ("msg_1", "anthropic")
    assert call.usage.input_tokens == 6024


def test_langchains_own_run_id_is_no_response_id() -> None:
    output = langchain(
        {"id": "run-12345-0", "usage_metadata": {"input_tokens": 21, "output_tokens": 17, "total_tokens": 38}}
    )
    call = called(counts(21, 17) | {"output.value": output}, "langchain").call
    assert call.response_id == ""
    assert (call.usage.input_tokens, call.usage.output_tokens) == (21, 17)


def test_javascripts_instrumentations_say_it_in_their_own_spelling() -> None:
    output = {
        "generations": [[{"text": "words"}]],
        "llmOutput": {"tokenUsage": {"promptTokens": 21, "completionTokens": 17}},
    }
    scope = Scope("@arizeai/openinference-instrumentation-langchain", "4.0.0")
    held = {"openinference.span.kind": "LLM", "output.value": json.dumps(output), "llm.model_name": "gpt-4o"}
    reading = openinference.read(
        scrub(Span(b"t" * 16, b"s" * 8, b"", "span", 1, 0, 10**9, 1, "", scope, Resource(), held | counts(21, 17)))
    )
    assert reading is not None
    assert dict(reading.call.usage.buckets) == {"input": 21, "output": 17}


def test_an_embedding_has_no_output() -> None:
    call = called(
        {
            "openinference.span.kind": "EMBEDDING",
            "embedding.model_name": "text-embedding-3-small",
            "embedding.embeddings.0.embedding.text": "words",
            "llm.token_count.prompt": 16,
            "llm.token_count.total": 16,
        }
    ).call
    assert call.operation == "embeddings"
    assert (call.usage.input_tokens, call.usage.output_tokens) == (16, 0)


def test_a_failed_call_names_the_model_asked_for() -> None:
    call = called({"llm.model_name": "gpt-4o"}, status=STATUS_ERROR).call
    assert (call.status, call.request_model, call.response_model) == (Status.ERROR, "gpt-4o", "")
    assert call.usage == MISSING


def test_agents_and_chains_count_only_for_themselves() -> None:
    assert read({"openinference.span.kind": "CHAIN", "output.value": '{"id": "chatcmpl-1"}'}) is None
    assert read({"openinference.span.kind": "TOOL"} | counts(1, 1)) is None
    assert called({"openinference.span.kind": "AGENT"} | counts(20, 10), "agno").wrapper


def test_the_first_token_says_that_it_was_a_stream() -> None:
    events = (SpanEvent("First Token Stream Event", 250_000_000),)
    call = called(counts(21, 17), events=events).call
    assert (call.streaming, call.ttft_ns) == (True, 250_000_000)


def test_a_reported_cost_stands_beside_ours_and_zero_is_none() -> None:
    cost = called(counts(21, 17) | {"llm.cost.total": 0.0042}, "litellm").call.reported_cost
    assert cost is not None
    assert money.to_text(cost) == "0.0042"
    assert called(counts(21, 17) | {"llm.cost.total": 0.0}, "litellm").call.reported_cost is None
