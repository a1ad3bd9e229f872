"""Attribute sets as OpenLIT's versions 1.34 to 1.45 send them, and the calls they mean."""

from typing import Any

from farthing.model import money
from farthing.model.span import STATUS_ERROR, Resource, Scope, Span, SpanEvent
from farthing.model.usage import UsageSource
from farthing.normalize.dialects import openlit
from farthing.normalize.reading import Reading
from farthing.privacy.scrub import scrub

OLD = "openlit.otel.tracing"
NEW = "openlit.instrumentation."


def read(
    attributes: dict[str, Any], scope: str = NEW + "openai", name: str = "chat m", status: int = 1
) -> Reading | None:
    events = (SpanEvent("exception", 1, {"exception.type": "RateLimitError"}),) if status == STATUS_ERROR else ()
    span = Span(b"t" * 16, b"s" * 8, b"", name, 3, 0, 10**9, status, "", Scope(scope), Resource(), attributes, events)
    return openlit.read(scrub(span))


def called(attributes: dict[str, Any], scope: str = NEW + "openai") -> Reading:
    reading = read(attributes, scope)
    assert reading is not None
    return reading


def chat(provider: str, prompt: int, completion: int, **more: Any) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": "some-model",
        "gen_ai.usage.input_tokens": prompt,
        "gen_ai.usage.output_tokens": completion,
        "gen_ai.response.id": "chatcmpl-1",
    } | more


CACHE = {"gen_ai.usage.cache_read.input_tokens": 1024, "gen_ai.usage.cache_creation.input_tokens": 2048}
STREAM = {"gen_ai.request.stream": True}


def test_anthropics_input_excludes_the_cache() -> None:
    usage = called(chat("anthropic", 5000, 42) | CACHE, NEW + "anthropic").call.usage
    assert dict(usage.buckets) == {"input": 5000, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert usage.convention == "exclusive"


def test_through_a_framework_it_includes_the_cache() -> None:
    usage = called(chat("anthropic", 5000, 42) | CACHE, NEW + "langchain").call.usage
    assert usage.input_tokens == 5000


def test_before_the_cache_was_reported_anthropics_input_is_unknown() -> None:
    usage = called(chat("anthropic", 12, 42), OLD).call.usage
    assert (usage.input_tokens, usage.output_tokens) == (None, 42)
    assert called(chat("openai", 12, 42), OLD).call.usage.input_tokens == 12


def test_a_streams_counts_are_guesses_unless_the_cache_is_counted_too() -> None:
    guessed = called(chat("openai", 37, 31) | STREAM).call.usage
    assert (guessed.source, guessed.input_tokens) == (UsageSource.ESTIMATED, None)
    told = called(chat("openai", 21, 17) | STREAM | {"gen_ai.usage.cache_read.input_tokens": 0}).call.usage
    assert (told.source, told.input_tokens) == (UsageSource.PROVIDER, 21)
    responses = called(chat("openai", 21, 17) | STREAM | {"gen_ai.response.id": "resp_1"}, OLD).call.usage
    assert responses.input_tokens == 21


def test_googles_thoughts_stand_beside_the_output() -> None:
    usage = called(
        chat("gcp.gemini", 10, 20) | {"gen_ai.usage.reasoning_tokens": 30}, NEW + "google_ai_studio"
    ).call.usage
    assert dict(usage.buckets) == {"input": 10, "output": 20, "reasoning": 30}


def test_frameworks_repeat_what_stands_within_them() -> None:
    assert called(chat("openai", 1, 1) | {"gen_ai.operation.name": "invoke_workflow"}, NEW + "crewai").wrapper
    assert called(chat("openai", 1, 1) | {"gen_ai.operation.name": "graph_execution"}, NEW + "pydantic_ai").wrapper
    assert not called(chat("openai", 1, 1) | {"gen_ai.operation.name": "speech_to_text"}).wrapper
    assert not called(chat("openai", 1, 1)).wrapper


def test_a_failed_call_may_have_nothing_but_its_name() -> None:
    reading = read({}, name="chat rate-limited", status=STATUS_ERROR)
    assert reading is not None
    assert (reading.call.request_model, reading.call.error_type) == ("rate-limited", "RateLimitError")
    assert read({}, name="chat rate-limited") is None


def test_a_reported_cost_of_zero_is_none() -> None:
    assert called(chat("openai", 1, 1) | {"gen_ai.usage.cost": 0.0}).call.reported_cost is None
    assert called(chat("openai", 1, 1) | {"gen_ai.usage.cost": 0.5}).call.reported_cost == money.to_units("0.5")
