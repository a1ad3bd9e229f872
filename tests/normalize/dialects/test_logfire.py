"""Attribute sets as Logfire's versions 2 to 5 send them, and the calls they mean."""

import json
from typing import Any

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.normalize.dialects import logfire
from farthing.normalize.reading import Reading
from farthing.normalize.trace import calls_of
from farthing.privacy.scrub import scrub

SECOND = 10**9
CHAT_NAME = "Chat Completion with {request_data[model]!r}"
STREAM_NAME = "streaming response from {request_data[model]!r} took {duration:.2f}s"
ANTHROPIC = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 2048,
    "cache_read_input_tokens": 1024,
    "cache_creation": {"ephemeral_5m_input_tokens": 2000, "ephemeral_1h_input_tokens": 48},
    "output_tokens": 42,
}


def made(name: str, attributes: dict[str, Any], scope: str = "logfire.openai", **more: Any) -> Span:
    return scrub(
        Span(
            more.get("trace", b"t" * 16),
            more.get("id", b"s" * 8),
            more.get("parent", b""),
            name,
            1,
            more.get("start", 100 * SECOND),
            more.get("end", 101 * SECOND),
            more.get("status", 0),
            "",
            Scope(scope, "5.4.0"),
            Resource(),
            attributes,
            more.get("events", ()),
        )
    )


def read(name: str, attributes: dict[str, Any], scope: str = "logfire.openai", **more: Any) -> Reading:
    reading = logfire.read(made(name, attributes, scope, **more))
    assert reading is not None
    return reading


def now(usage: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "gen_ai.system": "anthropic",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.response.model": "claude-sonnet-4-5-20250929",
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": "msg_1",
        "gen_ai.usage.raw": json.dumps(usage),
        "request_data": '{"model":"claude-sonnet-4-5"}',
        "operation.cost": 0.0086532,
    } | more


def test_the_providers_usage_object_tells_the_parts() -> None:
    attributes = now(ANTHROPIC, **{"gen_ai.usage.input_tokens": 3084, "gen_ai.usage.output_tokens": 42})
    call = read("Message with {request_data[model]!r}", attributes, "logfire.anthropic").call
    assert call.usage.buckets == {
        "input": 12,
        "cache_read": 1024,
        "cache_write": 2000,
        "cache_write_1h": 48,
        "output": 42,
    }
    assert call.usage.convention == "exclusive"
    assert call.reported_cost == money.to_units("0.0086532")


def test_a_usage_object_of_other_figures_is_not_believed() -> None:
    attributes = now(ANTHROPIC, **{"gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 42})
    assert read("Message with", attributes).call.usage.buckets == {"input": 9, "output": 42}


def test_older_versions_have_nothing_but_request_and_response() -> None:
    usage = {"prompt_tokens": 2006, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1920}}
    attributes = {
        "request_data": json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}),
        "response_data": json.dumps({"message": {"role": "assistant", "content": "hello"}, "usage": usage}),
        "async": False,
        "logfire.span_type": "span",
    }
    call = read(CHAT_NAME, attributes).call
    assert (call.provider, call.request_model, call.response_model, call.operation) == ("openai", "gpt-4o", "", "chat")
    assert call.usage.buckets == {"input": 86, "cache_read": 1920, "output": 300}
    message = {
        "request_data": '{"model":"claude-3-5"}',
        "response_data": json.dumps({"message": {}, "usage": ANTHROPIC}),
    }
    call = read("Message with {request_data[model]!r}", message, "logfire.anthropic").call
    assert call.provider == "anthropic"
    assert call.usage.input_tokens == 3084
    embedding = {
        "request_data": '{"model":"text-embedding-3-small"}',
        "response_data": '{"usage":{"prompt_tokens":16,"total_tokens":16}}',
    }
    call = read("Embedding Creation with {request_data[model]!r}", embedding).call
    assert (call.operation, call.usage.buckets) == ("embeddings", {"input": 16, "output": 0})
    call = read("Embedding Creation with {request_data[model]!r}", embedding | {"gen_ai.usage.input_tokens": 16}).call
    assert call.usage.buckets == {"input": 16, "output": 0}


def test_other_requests_of_the_client_are_no_calls() -> None:
    attributes = {"request_data": "{}", "url": "/files", "gen_ai.provider.name": "openai"}
    assert logfire.read(made("OpenAI API call to {url!r}", attributes)) is None


def opening(**more: Any) -> Span:
    attributes = {
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.operation.name": "chat",
        "request_data": '{"model":"gpt-4o-mini"}',
    }
    return made(
        CHAT_NAME, attributes, "logfire.openai", **{"id": b"o" * 8, "start": 100 * SECOND, "end": 101 * SECOND} | more
    )


def closing(input_tokens: int = 21, said: dict[str, Any] | None = None, **more: Any) -> Span:
    attributes = {
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": input_tokens,
        "gen_ai.usage.output_tokens": 17,
        "request_data": '{"model":"gpt-4o-mini"}',
        "logfire.span_type": "log",
        "duration": 2.5,
    }
    times = {"id": b"c" * 8, "start": 104 * SECOND, "end": 104 * SECOND}
    return made(STREAM_NAME, attributes | (said or {}), "logfire.openai", **times | more)


def owners(*spans: Span) -> list[Call]:
    return [call for call in calls_of(spans) if call.owner is None]


def test_a_stream_is_told_in_two_spans() -> None:
    first, last = logfire.read(opening()), logfire.read(closing())
    assert first is not None and first.opening and first.call.response_model == ""
    assert last is not None and last.closing and last.call.usage.buckets == {"input": 21, "output": 17}
    assert (last.call.start_ns, last.call.duration_ns) == (101_500_000_000, 2_500_000_000)
    (call,) = owners(opening(parent=b"p" * 8), closing(parent=b"p" * 8))
    assert (call.usage.buckets, call.streaming) == ({"input": 21, "output": 17}, True)


def test_the_end_of_a_stream_may_name_the_response() -> None:
    said = {"gen_ai.response.id": "chatcmpl-1", "gen_ai.response.model": "gpt-4o-mini-2024-07-18"}
    (call,) = owners(opening(parent=b"p" * 8), closing(said=said, parent=b"p" * 8))
    assert (call.response_id, call.response_model) == ("chatcmpl-1", "gpt-4o-mini-2024-07-18")


def test_streams_side_by_side_stay_two_calls() -> None:
    spans = [
        opening(parent=b"p" * 8),
        opening(id=b"O" * 8, start=100 * SECOND + 1, parent=b"p" * 8),
        closing(21, {"gen_ai.response.id": "chatcmpl-1"}, parent=b"p" * 8),
        closing(30, {"gen_ai.response.id": "chatcmpl-2"}, id=b"C" * 8, start=105 * SECOND, parent=b"p" * 8),
    ]
    assert sorted(call.usage.input_tokens or 0 for call in owners(*spans)) == [21, 30]


def test_an_error_opens_nothing() -> None:
    event = SpanEvent("exception", 0, {"exception.type": "openai.RateLimitError"})
    reading = logfire.read(opening(status=2, events=(event,)))
    assert reading is not None and not reading.opening
    assert (reading.call.status, reading.call.error_type) == (Status.ERROR, "openai.RateLimitError")


def test_a_run_of_claudes_agent_sdk_is_the_call() -> None:
    run = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.input_tokens": 3084,
        "gen_ai.usage.output_tokens": 42,
        "gen_ai.usage.cache_read.input_tokens": 1024,
        "gen_ai.usage.cache_creation.input_tokens": 2048,
        "operation.cost": 0.0086532,
    }
    within = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.response.id": "msg_1",
        "gen_ai.usage.partial.input_tokens": 3084,
        "gen_ai.usage.partial.output_tokens": 1,
    }
    scope = "logfire.claude_agent_sdk"
    outer = made("invoke_agent", run, scope)
    inner = [made("chat claude-sonnet-4-5", within, scope, id=bytes([n] * 8), parent=b"s" * 8) for n in (1, 2)]
    (call,) = calls_of([outer, *inner])
    assert call.usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert call.reported_cost == money.to_units("0.0086532")
    unfinished = {key: value for key, value in run.items() if "usage" not in key}
    assert calls_of([made("invoke_agent", unfinished, scope)]) == []
