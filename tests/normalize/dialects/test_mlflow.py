"""Attribute sets as MLflow exports them, natively and as GenAI spans, and the calls they mean."""

import json
from typing import Any

from farthing.model import money
from farthing.model.span import STATUS_ERROR, Resource, Scope, Span, SpanEvent
from farthing.model.usage import MISSING
from farthing.normalize.dialects import mlflow
from farthing.normalize.reading import Reading
from farthing.privacy.scrub import scrub

PIECE = "mlflow.chunk.value"


def read(attributes: dict[str, Any], status: int = 1, events: tuple[SpanEvent, ...] = ()) -> Reading | None:
    scope = Scope("mlflow.tracing.provider")
    span = Span(b"t" * 16, b"s" * 8, b"", "Completions", 1, 0, 10**9, status, "", scope, Resource(), attributes, events)
    return mlflow.read(scrub(span))


def native(attributes: dict[str, Any], kind: str = "CHAT_MODEL", **more: Any) -> Reading:
    reading = read({"mlflow.spanType": json.dumps(kind)} | attributes, **more)
    assert reading is not None
    return reading


def test_values_are_json_and_the_response_has_the_details() -> None:
    response = {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "service_tier": "default",
        "choices": [{"finish_reason": "length"}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "prompt_tokens_details": {"cached_tokens": 80},
            "completion_tokens_details": {"reasoning_tokens": 20},
        },
    }
    call = native(
        {
            "mlflow.spanInputs": '{"model": "gpt-4o", "messages": []}',
            "mlflow.spanOutputs": json.dumps(response),
            "mlflow.llm.model": '"gpt-4o-2024-08-06"',
            "mlflow.llm.provider": '"openai"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 100, "output_tokens": 50, "total_tokens": 150}',
            "mlflow.llm.cost": '{"input_cost": 0.001, "output_cost": 0.002, "total_cost": 0.003}',
            "model": '"gpt-4o"',
            "stream": "true",
        }
    ).call
    assert (call.provider, call.request_model, call.response_model) == ("openai", "gpt-4o", "gpt-4o-2024-08-06")
    assert (call.response_id, call.finish_reason, call.served_tier) == ("chatcmpl-1", "length", "default")
    assert call.streaming is True
    assert dict(call.usage.buckets) == {"input": 20, "cache_read": 80, "output": 30, "reasoning": 20}
    assert call.reported_cost == money.to_units("0.003")


def test_without_the_response_its_own_counts_are_used() -> None:
    usage = {"input_tokens": 3084, "output_tokens": 42, "total_tokens": 3126, "cache_read_input_tokens": 1024}
    written = {"cache_creation_input_tokens": 2048, "cache_creation_input_tokens_above_1hr": 48}
    call = native({"mlflow.chat.tokenUsage": json.dumps(usage | written), "mlflow.message.format": '"anthropic"'}).call
    assert dict(call.usage.buckets) == {
        "input": 12,
        "cache_read": 1024,
        "cache_write": 2000,
        "cache_write_1h": 48,
        "output": 42,
    }


def test_early_counts_of_anthropics_calls_may_lack_the_cache() -> None:
    usage = '{"input_tokens": 12, "output_tokens": 42, "total_tokens": 54}'
    early = native({"mlflow.chat.tokenUsage": usage, "mlflow.message.format": '"anthropic"'}).call.usage
    assert (early.input_tokens, early.output_tokens) == (None, 42)
    openai = native({"mlflow.chat.tokenUsage": usage, "mlflow.message.format": '"openai"'}).call.usage
    assert openai.input_tokens == 12


def test_a_streams_pieces_tell_when_the_output_is_mere_text() -> None:
    first = {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"delta": {"content": "words"}}],
        "usage": None,
    }
    last: dict[str, Any] = {"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 17}}
    events = (
        SpanEvent("mlflow.chunk.item.0", 300, {PIECE: json.dumps(first)}),
        SpanEvent("mlflow.chunk.item.1", 500, {PIECE: json.dumps(last)}),
    )
    call = native({"mlflow.spanOutputs": '"words and more words"'}, events=events).call
    assert (call.response_id, call.usage.input_tokens, call.usage.output_tokens) == ("chatcmpl-1", 21, 17)
    assert (call.streaming, call.ttft_ns) == (True, 300)


def test_an_embeddings_tokens_stand_in_the_response_alone() -> None:
    response = {"data": [{"embedding": [0.1]}], "model": "text-embedding-3-small", "usage": {"prompt_tokens": 16}}
    call = native({"mlflow.spanOutputs": json.dumps(response)}, "EMBEDDING").call
    assert (call.operation, call.usage.input_tokens, call.usage.output_tokens) == ("embeddings", 16, 0)


def test_an_agents_sum_counts_only_when_nothing_within_does() -> None:
    usage = '{"input_tokens": 205, "output_tokens": 42, "total_tokens": 247}'
    assert native({"mlflow.chat.tokenUsage": usage}, "AGENT").wrapper
    assert read({"mlflow.spanType": '"CHAIN"', "mlflow.spanOutputs": '{"id": "chatcmpl-1", "usage": {}}'}) is None
    assert read({"mlflow.spanType": '"TOOL"', "mlflow.chat.tokenUsage": usage}) is None


def test_a_failed_call_has_no_usage() -> None:
    call = native({"mlflow.spanInputs": '{"model": "gpt-4o"}', "model": '"gpt-4o"'}, status=STATUS_ERROR).call
    assert (call.status, call.request_model, call.usage) == ("error", "gpt-4o", MISSING)


def test_as_genai_spans_a_streams_pieces_still_have_the_details() -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
    }
    usage = {"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 80}}
    events = (SpanEvent("mlflow.chunk.item.0", 300, {PIECE: json.dumps({"id": "chatcmpl-1", "usage": usage})}),)
    reading = read(attributes, events=events)
    assert reading is not None
    assert dict(reading.call.usage.buckets) == {"input": 20, "cache_read": 80, "output": 50}
    plain = read(attributes)
    assert plain is not None
    assert dict(plain.call.usage.buckets) == {"input": 100, "output": 50}
