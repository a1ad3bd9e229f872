"""Log records as real emitters send them, and the spans and calls that are made of them."""

import itertools
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.log import LogRecord
from farthing.model.span import STATUS_UNSET, Resource, Scope, Span
from farthing.model.usage import UsageSource
from farthing.normalize import logs
from farthing.normalize.trace import calls_of, calls_of_linked
from farthing.store.telemetry.log_rows import digest

AT = 1_795_217_047_000_000_000
TRACE, OUTER, INNER = b"t" * 16, b"outer..1", b"inner..2"
OPENLIT = Scope("openlit.instrumentation.openai", "1.45")
DETAILS: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.usage.input_tokens": 21,
    "gen_ai.usage.output_tokens": 17,
}


def record(name: str, attributes: dict[str, Any], **changes: Any) -> LogRecord:
    told: dict[str, Any] = {
        "time_ns": AT,
        "trace_id": TRACE,
        "span_id": INNER,
        "severity": 0,
        "severity_text": "",
        "event_name": name,
        "body": None,
        "scope": OPENLIT,
        "resource": Resource({"service.name": "shop"}),
        "attributes": attributes,
    }
    return LogRecord(**told | changes)


def made(of: LogRecord) -> Span | None:
    return logs.as_span(of, digest(of))


def beside(attributes: dict[str, Any], span_id: bytes = INNER, parent: bytes = b"") -> Span:
    return Span(
        TRACE, span_id, parent, "chat gpt-4o-mini", 3, AT - 10**9, AT, STATUS_UNSET, "", OPENLIT, Resource(), attributes
    )


def owners(*spans: Span | None) -> list[Call]:
    return [call for call in calls_of([span for span in spans if span]) if call.owner is None]


def claude(name: str, attributes: dict[str, Any]) -> LogRecord:
    return record(
        name,
        {"event.name": name, "session.id": "s-1", "user.id": "device", "prompt.id": "p-1", **attributes},
        trace_id=b"",
        span_id=b"",
        body=f"claude_code.{name}",
        scope=Scope("com.anthropic.claude_code.events", "2.1.0"),
    )


def codex(name: str, attributes: dict[str, Any]) -> LogRecord:
    common = {"event.name": name, "conversation.id": "c-1", "user.email": "ada@example.com", "model": "gpt-5-codex"}
    return record(name, common | attributes, trace_id=b"", span_id=b"", scope=Scope("otel"))


@pytest.mark.parametrize("with_id", [True, False])
def test_details_beside_their_span_own_nothing_in_any_order(with_id: bool) -> None:
    told = {key: value for key, value in DETAILS.items() if with_id or key != "gen_ai.response.id"}
    for spans in itertools.permutations([made(record(logs.DETAILS, told)), beside(told)]):
        (owner,) = owners(*spans)
        assert owner.span_id == INNER
        assert len(calls_of([span for span in spans if span])) == 2


def test_details_own_nothing_even_where_their_span_counted_nothing() -> None:
    bare = {key: value for key, value in DETAILS.items() if "usage" not in key}
    (owner,) = owners(made(record(logs.DETAILS, DETAILS)), beside(bare))
    assert owner.span_id == INNER
    assert (owner.usage.input_tokens, owner.usage.output_tokens) == (21, 17)


def test_a_guess_that_a_span_tells_as_one_stays_a_guess() -> None:
    streamed = {**DETAILS, "gen_ai.system": "openai", "gen_ai.request.is_stream": True}
    guessed = msgspec.structs.replace(beside(streamed), scope=Scope("openlit.otel.tracing"))
    (owner,) = owners(made(record(logs.DETAILS, DETAILS)), guessed)
    assert owner.usage.source is UsageSource.ESTIMATED


def test_details_of_a_span_that_never_came_are_the_call() -> None:
    (owner,) = owners(made(record(logs.DETAILS, DETAILS)))
    assert (owner.usage.input_tokens, owner.usage.output_tokens) == (21, 17)
    assert (owner.request_model, owner.trace_id) == ("gpt-4o-mini", TRACE)


def test_details_without_a_trace_restate_the_span_of_their_response() -> None:
    alone = made(record(logs.DETAILS, DETAILS, trace_id=b"", span_id=b""))
    assert alone
    assert alone.trace_id != TRACE
    for spans in itertools.permutations([alone, beside(DETAILS)]):
        calls = calls_of_linked(spans)
        assert [(call.trace_id, call.span_id) for call in calls if call.owner is None] == [(TRACE, INNER)]
        assert {link for call in calls for link in call.links} == set(calls[0].links)


def test_details_without_a_trace_and_an_id_are_no_call() -> None:
    told = {key: value for key, value in DETAILS.items() if key != "gen_ai.response.id"}
    assert made(record(logs.DETAILS, told, trace_id=b"", span_id=b"")) is None


def test_details_of_a_span_that_is_no_call_are_the_call() -> None:
    (owner,) = owners(made(record(logs.DETAILS, DETAILS, span_id=OUTER)), beside({"http.method": "POST"}, OUTER))
    assert owner.usage.input_tokens == 21


def test_the_span_of_a_record_is_always_the_same_one() -> None:
    one, again = made(record(logs.DETAILS, DETAILS)), made(record(logs.DETAILS, dict(DETAILS)))
    later = made(record(logs.DETAILS, DETAILS, time_ns=AT + 1))
    assert one and again and later
    assert one.span_id == again.span_id != later.span_id


@pytest.mark.parametrize(
    "name", ["gen_ai.choice", "gen_ai.user.message", "gen_ai.evaluation.result", "", "api_request"]
)
def test_other_records_are_no_calls(name: str) -> None:
    assert made(record(name, DETAILS)) is None


def test_claude_code_request() -> None:
    told = {
        "model": "claude-sonnet-4-5-20250929",
        "input_tokens": "12",
        "output_tokens": "42",
        "cache_read_tokens": "1024",
        "cache_creation_tokens": "2048",
        "cost_usd": "0.0086532",
        "duration_ms": "1521",
        "request_id": "req_011",
    }
    (call,) = owners(made(claude("api_request", told)))
    assert call.usage.buckets == {"input": 12, "cache_read": 1024, "cache_write": 2048, "output": 42}
    assert call.usage.input_tokens == 3084
    assert call.reported_cost == money.to_units(Decimal("0.0086532"))
    assert (call.provider, call.dialect, call.response_id) == ("anthropic", "claude_code", "req_011")
    assert (call.start_ns, call.duration_ns) == (AT - 1_521_000_000, 1_521_000_000)
    assert (call.attribution.session_id, call.attribution.user_id) == ("s-1", "device")
    assert "model" not in call.attribution.tags


def test_claude_code_calls_of_one_prompt_are_one_trace() -> None:
    told = {"model": "claude-haiku-4-5", "input_tokens": 1, "output_tokens": 1}
    spans = [made(claude("api_request", told | {"request_id": name})) for name in ("a", "b")]
    assert len({span.trace_id for span in spans if span}) == 1
    assert len(owners(*spans)) == 2


def test_claude_code_event_and_span_are_one_call() -> None:
    told: dict[str, Any] = {"model": "claude-haiku-4-5", "input_tokens": 5, "output_tokens": 7, "request_id": "req_1"}
    event = record(
        "api_request", told | {"cost_usd": 0.01}, scope=Scope("com.anthropic.claude_code.events"), span_id=INNER
    )
    span = Span(
        TRACE,
        INNER,
        b"",
        "claude_code.llm_request",
        1,
        AT - 10**9,
        AT,
        STATUS_UNSET,
        "",
        Scope("com.anthropic.claude_code.tracing"),
        Resource(),
        {**told, "gen_ai.system": "anthropic", "gen_ai.request.model": "claude-haiku-4-5"},
    )
    (call,) = owners(made(event), span)
    assert call.span_id == INNER
    assert (call.usage.input_tokens, call.usage.output_tokens) == (5, 7)
    assert call.reported_cost == money.to_units("0.01")


def test_claude_code_error() -> None:
    told = {"model": "claude-haiku-4-5", "error": "overloaded", "status_code": 529, "duration_ms": 20, "attempt": 11}
    (call,) = owners(made(claude("api_error", told)))
    assert (call.status, call.error_type, call.usage.source) == (Status.ERROR, "529", UsageSource.MISSING)


def test_codex_response() -> None:
    told = {
        "event.kind": "response.completed",
        "input_token_count": "2006",
        "cached_token_count": 1920,
        "output_token_count": "300",
        "reasoning_token_count": 120,
        "tool_token_count": "2306",
    }
    (call,) = owners(made(codex("codex.sse_event", told)))
    assert call.usage.buckets == {"input": 86, "cache_read": 1920, "reasoning": 120, "output": 180}
    assert (call.provider, call.request_model, call.dialect) == ("openai", "gpt-5-codex", "codex")
    assert (call.attribution.session_id, call.attribution.user_id) == ("c-1", "ada@example.com")


@pytest.mark.parametrize(
    ("name", "told", "error"),
    [
        ("codex.api_request", {"http.response.status_code": 429}, "429"),
        ("codex.websocket_request", {"error.message": "closed"}, ""),
        ("codex.sse_event", {"event.kind": "response.failed", "error.message": "no"}, "response.failed"),
    ],
)
def test_codex_failures(name: str, told: dict[str, Any], error: str) -> None:
    (call,) = owners(made(codex(name, told)))
    assert (call.status, call.error_type) == (Status.ERROR, error)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("codex.api_request", {"http.response.status_code": 200}),
        ("codex.sse_event", {"event.kind": "response.output_item.done"}),
        ("codex.user_prompt", {"prompt": "hello"}),
    ],
)
def test_codex_events_that_are_no_calls(name: str, told: dict[str, Any]) -> None:
    assert made(codex(name, told)) is None
