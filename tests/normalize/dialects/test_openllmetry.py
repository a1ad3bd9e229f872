"""Attribute sets as OpenLLMetry's generations send them, and the calls they mean."""

from typing import Any

import pytest

from farthing.model.call import Operation, Status
from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.model.usage import MISSING
from farthing.normalize import registry
from farthing.normalize.attribution import attribute
from farthing.normalize.dialects import openllmetry
from farthing.normalize.reading import Reading
from farthing.privacy.scrub import scrub

MILLISECOND = 10**6
OLD = {
    "llm.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-1",
    "llm.is_streaming": False,
    "gen_ai.prompt.0.content": "Say nothing",
    "gen_ai.completion.0.content": "",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 2006,
    "gen_ai.usage.completion_tokens": 300,
    "llm.usage.total_tokens": 2306,
    "gen_ai.usage.cache_read_input_tokens": 1920,
}


def read(
    attributes: dict[str, Any], scope: str = "opentelemetry.instrumentation.openai.v1", **more: Any
) -> Reading | None:
    events = tuple(SpanEvent(name, at) for name, at in more.get("events", ()))
    span = Span(
        *(b"t" * 16, b"s" * 8, b"", more.get("name", "openai.chat"), 3, 0, 10**9, more.get("status", 0), ""),
        Scope(scope, "0.40.14"),
        Resource(),
        attributes,
        events,
    )
    return registry.read(scrub(span))


def called(attributes: dict[str, Any], **more: Any) -> Reading:
    reading = read(attributes, **more)
    assert reading is not None
    assert reading.call.dialect == openllmetry.NAME
    return reading


def test_the_generation_of_2025() -> None:
    call = called(OLD).call
    assert (call.provider, call.request_model, call.response_model) == ("openai", "gpt-4o", "gpt-4o-2024-08-06")
    assert call.usage.buckets == {"input": 86, "cache_read": 1920, "output": 300}
    assert (call.finish_reason, call.streaming, call.operation) == ("stop", False, Operation.CHAT)
    assert call.usage.flags == ()


@pytest.mark.parametrize(
    ("asked", "operation"),
    [("completion", "text_completion"), ("embedding", "embeddings"), ("rerank", "rerank"), ("unknown", "chat")],
)
def test_what_was_asked_in_its_old_words(asked: str, operation: str) -> None:
    assert called(OLD | {"llm.request.type": asked}, name="openai").call.operation == operation


def test_anthropics_messages_were_called_a_completion() -> None:
    assert called(OLD | {"llm.request.type": "completion"}, name="anthropic.chat").call.operation == Operation.CHAT


def test_an_embedding_has_no_output() -> None:
    embedding = {"llm.request.type": "embedding", "gen_ai.request.model": "e", "gen_ai.usage.prompt_tokens": 16}
    assert called(embedding, name="openai.embeddings").call.usage.buckets == {"input": 16, "output": 0}


@pytest.mark.parametrize("generation", ["gen_ai", "llm"])
def test_the_first_chunk_is_the_first_token(generation: str) -> None:
    chunks = [(f"{generation}.content.completion.chunk", at * MILLISECOND) for at in (120, 130, 140)]
    call = called(OLD | {"llm.is_streaming": True}, events=chunks).call
    assert (call.ttft_ns, call.streaming) == (120 * MILLISECOND, True)


LANGCHAIN = "opentelemetry.instrumentation.langchain"


@pytest.mark.parametrize(("name", "provider"), [("ChatOpenAI.chat", "openai"), ("ChatOfMyOwn.chat", "")])
def test_langchain_is_no_provider_but_its_class_tells(name: str, provider: str) -> None:
    told = {"gen_ai.system": "Langchain", "gen_ai.request.model": "gpt-4o", "gen_ai.operation.name": "chat"}
    reading = called(told, scope=LANGCHAIN, name=name)
    assert (reading.call.provider, reading.wrapper) == (provider, False)


def test_langchains_output_without_input_is_an_unknown_input() -> None:
    told = OLD | {"gen_ai.usage.prompt_tokens": 0, "gen_ai.usage.cache_read_input_tokens": 0}
    usage = called(told, scope=LANGCHAIN).call.usage
    assert (usage.input_tokens, usage.output_tokens) == (None, 300)


def test_a_stream_of_anthropics_counts_its_first_output_twice_so_its_output_is_unknown() -> None:
    told = OLD | {"gen_ai.system": "Anthropic", "llm.is_streaming": True}
    usage = called(told, scope="opentelemetry.instrumentation.anthropic").call.usage
    assert (usage.input_tokens, usage.output_tokens, usage.flags) == (2006, None, ("output_counted_twice",))
    whole = called(told | {"llm.is_streaming": False}, scope="opentelemetry.instrumentation.anthropic").call.usage
    assert whole.output_tokens == 300


def test_nothing_in_and_nothing_out_was_not_counted() -> None:
    told = {**OLD, "gen_ai.usage.prompt_tokens": 0, "gen_ai.usage.completion_tokens": 0}
    told["gen_ai.usage.cache_read_input_tokens"] = 0
    assert called(told, scope="opentelemetry.instrumentation.anthropic").call.usage == MISSING


@pytest.mark.parametrize("kind", ["workflow", "task", "agent"])
def test_what_contains_calls_wraps_them(kind: str) -> None:
    assert read({"traceloop.span.kind": kind, "traceloop.entity.name": "plan"}, "traceloop.tracer") is None
    assert called(OLD | {"traceloop.span.kind": kind}).wrapper


def test_a_tool_is_no_call() -> None:
    assert read(OLD | {"traceloop.span.kind": "tool"}) is None


def test_a_failed_call_keeps_its_model_and_has_no_usage() -> None:
    call = called(
        {"llm.request.type": "chat", "gen_ai.system": "Anthropic", "gen_ai.request.model": "m"}, status=2
    ).call
    assert (call.status, call.provider, call.usage.buckets) == (Status.ERROR, "anthropic", {})


@pytest.mark.parametrize(
    ("scope", "dialect"),
    [
        ("opentelemetry.instrumentation.openai", "openllmetry"),
        ("opentelemetry.instrumentation.openai.v0", "openllmetry"),
        ("opentelemetry.instrumentation.openai_agents", "openllmetry"),
        ("opentelemetry.instrumentation.openai_v2", "gen_ai"),
        ("@traceloop/instrumentation-openai", "openllmetry"),
        ("@opentelemetry/instrumentation-openai", "gen_ai"),
        ("somebody.elses.exporter", "openllmetry"),  # known by its attributes
    ],
)
def test_scopes(scope: str, dialect: str) -> None:
    reading = read(OLD, scope)
    assert reading is not None
    assert reading.call.dialect == dialect


def test_properties_of_an_association_are_attribution() -> None:
    prefix = "traceloop.association.properties."
    found = attribute([{prefix + "user_id": "ada", prefix + "session_id": "s1", prefix + "plan": "gold"}], {})
    assert (found.user_id, found.session_id, found.tags) == ("ada", "s1", {"plan": "gold"})
