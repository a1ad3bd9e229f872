"""Posted calls as spans: ids that stay the same, fields under the field's own names, bounds, and what each is priced by."""

from typing import Any

import pytest

from farthing.intake.direct_calls import incoming
from farthing.intake.direct_shapes import FieldError
from farthing.model import money
from farthing.model.call import Call
from farthing.model.ledger import Cost
from farthing.model.span import STATUS_ERROR
from farthing.prepare import Sender, make_rows, prepare
from farthing.pricing import base
from farthing.pricing.cost import price

NOW = 1_795_217_047_000_000_000
CALL: dict[str, Any] = {
    "externalRequestId": "req-1",
    "provider": "openai",
    "model": "gpt-4o-mini",
    "inputTokens": 1200,
    "outputTokens": 300,
    "latencyMs": 820,
    "status": "success",
}


def priced(call: Call, _: object) -> Cost:
    return price(call, base.load())


def test_posted_again_it_is_the_same_span_and_in_another_project_it_is_not() -> None:
    first, again, other = (
        incoming(CALL, project, "", now) for project, now in (("p", NOW), ("p", NOW + 9), ("q", NOW))
    )
    assert (first.key, first.span.span_id, first.span.trace_id) == (again.key, again.span.span_id, again.span.trace_id)
    assert first.body == again.body
    assert len({first.key, other.key}) == len({first.span.span_id, other.span.span_id}) == 2
    assert incoming({**CALL, "inputTokens": 1}, "p", "", NOW).body != first.body


def test_without_a_time_of_its_own_it_ended_now() -> None:
    span = incoming(CALL, "p", "", NOW).span
    assert (span.end_ns, span.end_ns - span.start_ns) == (NOW, 820_000_000)


@pytest.mark.parametrize("told", ["2026-11-20T09:30:00Z", "2026-11-20T09:30:00", 1_795_167_000, 1_795_167_000_000])
def test_times_in_each_notation(told: str | int) -> None:
    assert incoming({**CALL, "createdAt": told}, "p", "", NOW).span.start_ns == 1_795_167_000 * 10**9


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"createdAt": "yesterday"}, "createdAt"),
        ({"createdAt": 1}, "createdAt"),
        ({"createdAt": NOW // 10**9 + 2 * 86_400}, "createdAt"),
        ({"inputTokens": -1}, "inputTokens"),
        ({"costUsd": "much"}, "costUsd"),
        ({"model": ""}, "model"),
        ({"externalRequestId": ""}, "externalRequestId"),
        ({"externalRequestId": "a\0b"}, "externalRequestId"),
        ({"region": "x" * 64}, "region"),
        ({f"own{n}": n for n in range(201)}, ""),
    ],
)
def test_an_error_names_the_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldError) as caught:
        incoming({**CALL, **changed}, "p", "", NOW)
    assert caught.value.wrong.field == field


def test_a_traceparent_places_it_and_an_odd_one_is_warned_of() -> None:
    placed = incoming({**CALL, "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}, "p", "", NOW)
    assert (placed.span.trace_id, placed.span.parent_span_id) == (b"\xab" * 16, b"\xcd" * 8)
    odd = incoming({**CALL, "traceparent": "00-nothing"}, "p", "", NOW)
    assert odd.span.trace_id == odd.key
    assert odd.warnings


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"cachedInputTokens": 9, "cacheWriteTokens": 2}, "inputTokens"),
        ({"reasoningTokens": 6}, "outputTokens"),
        ({"totalTokens": 16}, "totalTokens"),
        ({"cachedInputTokens": 8, "cacheWriteTokens": 2, "reasoningTokens": 5, "totalTokens": 15}, ""),
    ],
)
def test_counts_that_can_not_be_are_warned_of(told: dict[str, Any], field: str) -> None:
    warned = incoming({**CALL, "inputTokens": 10, "outputTokens": 5, **told}, "p", "", NOW).warnings
    assert [one.partition(":")[0] for one in warned] == ([field] if field else [])


def test_what_may_be_said_instead_is_told() -> None:
    with pytest.raises(FieldError, match="status: one of success, error"):
        incoming({**CALL, "status": "ok"}, "p", "", NOW)


def test_attribution_extras_and_errors() -> None:
    told = {**CALL, "endpointTag": "a", "featureTag": "b", "tenantId": "t", "own": 7, "metadata": {"plan": "pro"}}
    found = incoming({**told, "status": "error", "errorCode": "timeout"}, "p", "staging", NOW).span
    attributes = found.attributes
    assert (attributes["feature"], attributes["featureTag"], attributes["tenant"]) == ("a", "b", "t")
    assert (attributes["environment"], attributes["metadata"]) == ("staging", {"plan": "pro", "own": 7})
    assert (found.status, attributes["error.type"]) == (STATUS_ERROR, "timeout")


def test_web_searches_are_a_line_of_the_cost() -> None:
    told = {**CALL, "model": "gpt-4o-mini-search-preview", "webSearches": 3}
    (line,) = [one for one in lines_of(told) if one.bucket == "web_searches"]
    assert (line.quantity, line.amount) == (3, 3 * (line.rate or 0) // line.per)
    assert line.rate
    assert not [one for one in lines_of(CALL) if one.bucket == "web_searches"]


@pytest.mark.parametrize(
    ("model", "used", "line", "usd"),
    [
        ("dall-e-3", {"images": 2, "imageQuality": "hd", "imageSize": "1024x1792"}, "images.hd.1024x1792", "0.24"),
        ("dall-e-3", {"images": 1}, "images", "0.04"),
        ("gpt-image-1.5", {"outputTokens": 1056, "imageOutputTokens": 1000}, "image_output", "0.032"),
        ("gpt-image-1", {"inputTokens": 210, "imageInputTokens": 200, "outputTokens": 0}, "image_input", "0.002"),
        ("whisper-1", {"audioSeconds": 12.3}, "audio_seconds", "0.0013"),
        ("tts-1", {"characters": 100}, "characters", "0.0015"),
        ("gpt-5", {"outputTokens": 1, "codeSessions": 1}, "code_sessions", "0.03"),
    ],
)
def test_what_is_used_besides_text_is_a_line_too(model: str, used: dict[str, Any], line: str, usd: str) -> None:
    told = {"externalRequestId": "r", "provider": "openai", "model": model, "status": "success", **used}
    assert {one.bucket: money.to_text(one.amount) for one in lines_of(told)}[line] == usd


def lines_of(told: dict[str, Any]) -> Any:
    prepared = prepare(Sender("p"), [incoming(told, "p", "", NOW).span], priced, rows_later=True)
    return prepared.derived[0][0].cost.lines


def test_rows_made_later_are_the_rows_made_at_once() -> None:
    groups = [
        [incoming({**CALL, "externalRequestId": f"{group}-{n}", "inputTokens": n}, "p", "", NOW).span for n in range(3)]
        for group in range(4)
    ]
    at_once = [prepare(Sender("p", "k"), spans, priced) for spans in groups]
    later = [prepare(Sender("p", "k"), spans, priced, rows_later=True) for spans in groups]
    assert all(request.calls is None for request in later)
    assert make_rows("p", later) == []
    for one, other in zip(at_once, later, strict=True):
        assert one.calls is not None and other.calls is not None
        assert one.calls.equals(other.calls)
        assert (one.pieces, one.spans) == (other.pieces, other.spans)
