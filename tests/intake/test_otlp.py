"""OTLP bodies, good, odd and broken: what is kept, what is refused and why."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from farthing.errors import BadRequestError
from farthing.intake.otlp import decode_json, decode_protobuf
from farthing.model.flaw import REPAIRED, DropReason, Repair

NOW = 1_790_000_000_000_000_000
START = NOW - 10**9


def wire_request(*spans: WireSpan) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    resource = group.resource.attributes.add()
    resource.key = "service.name"
    resource.value.string_value = "shop"
    scoped = group.scope_spans.add()
    scoped.scope.name = "my.app"
    scoped.spans.extend(spans)
    return request


def wire_span(**more: Any) -> WireSpan:
    fields: dict[str, Any] = {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "name": "chat",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 5,
    }
    return WireSpan(**(fields | more))


def json_request(*spans: Any) -> bytes:
    body = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "my.app"}, "spans": list(spans)}]}]}
    return json.dumps(body).encode()


def json_span(**more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "traceId": "74" * 16,
        "spanId": "73" * 8,
        "name": "chat",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": START + 5,
    }
    return fields | more


def test_every_kind_of_value_survives_protobuf() -> None:
    span = wire_span()
    for key, kind, value in (
        ("text", "string_value", "é"),
        ("empty", "string_value", ""),
        ("int", "int_value", -5),
        ("double", "double_value", 0.5),
        ("bool", "bool_value", False),
        ("bytes", "bytes_value", b"\x00"),
    ):
        pair = span.attributes.add()
        pair.key = key
        setattr(pair.value, kind, value)
    span.attributes.add().key = "none"
    array = span.attributes.add()
    array.key = "array"
    array.value.array_value.values.add().string_value = "a"
    found = decode_protobuf(wire_request(span).SerializeToString(), NOW).spans[0]
    assert found.attributes == {
        "text": "é",
        "empty": "",
        "int": -5,
        "double": 0.5,
        "bool": False,
        "bytes": b"\x00",
        "none": None,
        "array": ["a"],
    }
    assert found.resource.attributes == {"service.name": "shop"}
    assert (found.start_ns, found.end_ns, found.parent_span_id) == (START, START + 5, b"")


def test_json_takes_numbers_and_strings_both_spellings_and_unknown_fields() -> None:
    attributes: list[dict[str, Any]] = [
        {"key": "a", "value": {"intValue": "7"}},
        {"key": "b", "value": {"intValue": 7}},
        {"key": "c", "value": {"doubleValue": "NaN"}},
        {"key": "d", "value": {"kvlistValue": {"values": [{"key": "x", "value": {"boolValue": True}}]}}},
        {"key": "e", "value": {}},
    ]
    camel = json_span(attributes=attributes, kind="SPAN_KIND_CLIENT", status={"code": "STATUS_CODE_ERROR"}, novel=1)
    snake = {
        "trace_id": "74" * 16,
        "span_id": "75" * 8,
        "parent_span_id": "0" * 16,
        "start_time_unix_nano": START,
        "end_time_unix_nano": START,
    }
    decoded = decode_json(json_request(camel, snake), NOW)
    assert not decoded.flaws.rejected
    first, second = decoded.spans
    assert (first.attributes["a"], first.attributes["b"], first.attributes["d"]) == (7, 7, {"x": True})
    assert first.attributes["c"] is None
    assert first.attributes["e"] is None
    assert first.attributes[REPAIRED] == ["number_not_finite"]
    assert (first.kind, first.status) == (3, 2)
    assert second.parent_span_id == b""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"trace_id": b""}, DropReason.BAD_TRACE_ID),
        ({"trace_id": bytes(16)}, DropReason.BAD_TRACE_ID),
        ({"span_id": b"short"}, DropReason.BAD_SPAN_ID),
        ({"parent_span_id": b"x"}, DropReason.BAD_PARENT_ID),
        ({"start_time_unix_nano": 0}, DropReason.TOO_OLD),
        ({"start_time_unix_nano": 2**64 - 1}, DropReason.IN_THE_FUTURE),
        ({"end_time_unix_nano": 2**63}, DropReason.IN_THE_FUTURE),
    ],
)
def test_one_bad_span_rejects_one_span(change: dict[str, Any], reason: DropReason) -> None:
    body = wire_request(wire_span(), wire_span(**change), wire_span(span_id=b"u" * 8)).SerializeToString()
    decoded = decode_protobuf(body, NOW)
    assert len(decoded.spans) == 2
    assert dict(decoded.flaws.rejected) == {reason: 1}


def test_broken_text_in_one_span_is_mended_in_that_span_alone() -> None:
    marked = wire_request(wire_span(name="good"), wire_span(name="bad!", span_id=b"b" * 8)).SerializeToString()
    decoded = decode_protobuf(marked.replace(b"bad!", b"b\xff\xfe!"), NOW)
    assert [span.name for span in decoded.spans] == ["good", "b\ufffd\ufffd!"]
    assert [span.attributes for span in decoded.spans] == [{}, {REPAIRED: ["text_not_utf8"]}]
    assert decoded.spans[0].resource.attributes == {"service.name": "shop"}
    assert decoded.spans[0].scope.name == "my.app"
    assert not decoded.flaws.rejected
    assert decoded.flaws.repaired == {Repair.TEXT_NOT_UTF8: 1}


@pytest.mark.parametrize(
    "broken",
    [
        5,
        json_span(traceId="xyz"),
        json_span(startTimeUnixNano="soon"),
        json_span(startTimeUnixNano=10**40),
        json_span(attributes=[1]),
        json_span(attributes={"key": "a"}),
        json_span(events=["x"]),
        json_span(name=7),
    ],
)
def test_a_malformed_json_span_costs_that_span_alone(broken: Any) -> None:
    decoded = decode_json(json_request(json_span(), broken), NOW)
    assert len(decoded.spans) == 1
    assert decoded.flaws.rejected.total() == 1


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"resourceSpans": 1}', b"[" * 100_000])
def test_what_is_no_json_request_is_refused_whole(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        decode_json(body, NOW)


@pytest.mark.parametrize("body", [b"\x0a", b"\x0a\xff\xff\xff\xff\x0f", b"\x07", b"{}"])
def test_what_is_no_protobuf_request_is_refused_whole(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        decode_protobuf(body, NOW)


def test_an_empty_request_is_fine() -> None:
    assert decode_protobuf(b"", NOW).spans == []
    assert decode_json(b"{}", NOW).spans == []
