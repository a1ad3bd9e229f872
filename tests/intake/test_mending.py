"""Spans, log records and points that are odd, over both encodings: mended alone, marked and counted, or refused alone."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from farthing.intake import otlp, otlp_logs, otlp_metrics
from farthing.intake.mending import DEEPEST, MOST_ATTRIBUTES, MOST_EVENTS
from farthing.model.flaw import DROPPED_ATTRIBUTES, DROPPED_EVENTS, REPAIRED, DropReason, Repair
from farthing.model.span import Span

NOW = 1_790_000_000_000_000_000
START = NOW - 10**9
Decode = Callable[[dict[str, Any]], otlp.Decoded]


def plain(**more: Any) -> dict[str, Any]:
    """A good span as OTLP/JSON would write it, and with what is odd about it."""
    told = {
        "traceId": "74" * 16,
        "spanId": "73" * 8,
        "name": "chat",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 5),
    }
    return told | more


def attribute(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


def by_json(odd: dict[str, Any]) -> otlp.Decoded:
    spans = [plain(spanId="01" * 8), odd, plain(spanId="02" * 8)]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    return otlp.decode_json(body.encode("utf-8", "surrogateescape"), NOW)


def by_protobuf(odd: dict[str, Any]) -> otlp.Decoded:
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for told in (plain(spanId="01" * 8), odd, plain(spanId="02" * 8)):
        span = spans.add(
            trace_id=bytes.fromhex(told["traceId"]),
            span_id=bytes.fromhex(told["spanId"]),
            parent_span_id=bytes.fromhex(told.get("parentSpanId", "")),
            name=told["name"],
            start_time_unix_nano=int(told["startTimeUnixNano"]),
            end_time_unix_nano=int(told["endTimeUnixNano"]),
        )
        span.attributes.extend(pair(one) for one in told.get("attributes", ()))
        for event in told.get("events", ()):
            span.events.add(name=event["name"])
    return otlp.decode_protobuf(request.SerializeToString(), NOW)


def pair(told: dict[str, Any]) -> KeyValue:
    ((kind, value),) = told["value"].items()
    found = KeyValue(key=told["key"])
    match kind:
        case "intValue":
            found.value.int_value = int(value)
        case "doubleValue":
            found.value.double_value = float(value)
        case "arrayValue":
            found.value.CopyFrom(nested(value))
        case _:
            found.value.string_value = value
    return found


def nested(raw: dict[str, Any]) -> AnyValue:
    found = at = AnyValue()
    while raw["values"]:
        at = at.array_value.values.add()
        raw = raw["values"][0]["arrayValue"]
    at.array_value.SetInParent()
    return found


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"values": []}
    for _ in range(levels):
        found = {"values": [{"arrayValue": found}]}
    return found


def mended(decode: Decode, odd: dict[str, Any], *repairs: Repair) -> Span:
    decoded = decode(odd)
    assert [span.span_id[0] for span in decoded.spans] == [1, 0x73, 2]
    assert not decoded.flaws.rejected
    assert decoded.flaws.repaired == dict.fromkeys(repairs, 1)
    first, span, last = decoded.spans
    assert REPAIRED not in first.attributes and REPAIRED not in last.attributes
    assert span.attributes[REPAIRED] == sorted(repair.value for repair in repairs)
    return span


BOTH = pytest.mark.parametrize("decode", [by_json, by_protobuf])


@BOTH
def test_a_span_that_ends_before_it_starts_lasts_no_time(decode: Decode) -> None:
    for end, repair in ((START - 1, Repair.END_BEFORE_START), (0, Repair.NO_END)):
        span = mended(decode, plain(endTimeUnixNano=str(end)), repair)
        assert (span.start_ns, span.end_ns) == (START, START)


@BOTH
def test_a_span_that_is_its_own_parent_is_a_root(decode: Decode) -> None:
    assert mended(decode, plain(parentSpanId="73" * 8), Repair.OWN_PARENT).parent_span_id == b""


@BOTH
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_no_numbers(decode: Decode, value: float) -> None:
    odd = plain(attributes=[attribute("gen_ai.usage.input_tokens", doubleValue=value), attribute("x", intValue="7")])
    span = mended(decode, odd, Repair.NUMBER_NOT_FINITE)
    assert (span.attributes["gen_ai.usage.input_tokens"], span.attributes["x"]) == (None, 7)


@BOTH
def test_of_equal_keys_the_last_one_stays(decode: Decode) -> None:
    odd = plain(attributes=[attribute("a", stringValue="1"), attribute("a", stringValue="2")])
    assert mended(decode, odd, Repair.DUPLICATE_KEYS).attributes["a"] == "2"


@BOTH
def test_of_too_many_attributes_those_stay_that_tell_of_the_call(decode: Decode) -> None:
    odd = plain(attributes=[attribute(f"k{n}", intValue=str(n)) for n in range(10_000)])
    odd["attributes"].append(attribute("gen_ai.usage.input_tokens", intValue="21"))
    span = mended(decode, odd, Repair.TOO_MANY_ATTRIBUTES)
    assert len(span.attributes) == MOST_ATTRIBUTES + 2
    assert (span.attributes["gen_ai.usage.input_tokens"], span.attributes["k0"]) == (21, 0)
    assert span.attributes[DROPPED_ATTRIBUTES] == 10_001 - MOST_ATTRIBUTES


@BOTH
def test_of_too_many_events_the_first_and_the_last_stay(decode: Decode) -> None:
    span = mended(decode, plain(events=[{"name": str(n)} for n in range(100_000)]), Repair.TOO_MANY_EVENTS)
    assert (len(span.events), span.events[0].name, span.events[-1].name) == (MOST_EVENTS, "0", "99999")
    assert span.attributes[DROPPED_EVENTS] == 100_000 - MOST_EVENTS


@BOTH
@pytest.mark.parametrize("levels", [DEEPEST + 2, 40])
def test_what_nests_too_deep_is_left_out(decode: Decode, levels: int) -> None:
    span = mended(decode, plain(attributes=[attribute("deep", arrayValue=deep(levels))]), Repair.NESTED_TOO_DEEP)
    assert "deep" in span.attributes


def test_protobuf_that_nests_without_end_costs_that_value_alone() -> None:
    value = b""
    for _ in range(3_000):
        value = delimited(5, delimited(1, value))  # AnyValue.array_value, ArrayValue.values
    pairs = delimited(9, delimited(1, b"deep") + delimited(2, value)) + delimited(9, delimited(1, b"kept"))
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    span.start_time_unix_nano = span.end_time_unix_nano = START
    body = delimited(1, delimited(2, delimited(2, span.SerializeToString() + pairs)))
    (found,) = otlp.decode_protobuf(body, NOW).spans
    assert (list(found.attributes), found.attributes[REPAIRED]) == (["deep", "kept", REPAIRED], ["nested_too_deep"])


def delimited(number: int, value: bytes) -> bytes:
    size, length = len(value), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([number << 3 | 2]) + bytes(length) + bytes([size]) + value


@pytest.mark.parametrize("levels", [900, 5_000, 50_000])
def test_json_that_nests_without_end_costs_that_value_alone(levels: int) -> None:
    good, odd = json.dumps(plain(spanId="01" * 8)), json.dumps(plain(attributes=[attribute("deep", stringValue="!")]))
    odd = odd.replace('{"stringValue": "!"}', '{"arrayValue":{"values":[' * levels + "]}}" * levels)
    decoded = otlp.decode_json(f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{good},{odd}]}}]}}]}}'.encode(), NOW)
    assert [span.attributes.get(REPAIRED) for span in decoded.spans] == [None, ["nested_too_deep"]]


@BOTH
def test_broken_text_is_replaced(decode: Decode) -> None:
    found = _with_bytes(decode, b"caf\xe9")
    assert [span.attributes.get("marked") for span in found.spans] == [None, "caf\ufffd", None]
    assert found.spans[1].attributes[REPAIRED] == ["text_not_utf8"]
    assert found.flaws.repaired == {Repair.TEXT_NOT_UTF8: 1}


def _with_bytes(decode: Decode, held: bytes) -> otlp.Decoded:
    text = "X" * len(held)
    if decode is by_json:
        odd = json.dumps(plain(attributes=[attribute("marked", stringValue=text)]))
        body = (
            f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{json.dumps(plain())},{odd},{json.dumps(plain())}]}}]}}]}}'
        )
        return otlp.decode_json(body.encode().replace(text.encode(), held), NOW)
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in range(3):
        span = spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, start_time_unix_nano=START, end_time_unix_nano=START)
        if number == 1:
            span.attributes.add(key="marked").value.string_value = text
    return otlp.decode_protobuf(request.SerializeToString().replace(text.encode(), held), NOW)


@pytest.mark.parametrize(
    "value",
    [
        {"intValue": 2**64}, {"intValue": "9" * 30}, {"intValue": 1.5}, {"intValue": "abc"}, {"intValue": True},
        {"boolValue": "false"}, {"doubleValue": {}}, {"stringValue": 7}, {"bytesValue": "A"}, {"arrayValue": {"values": 1}},
        {"kvlistValue": {"values": [1]}},
    ],
)  # fmt: skip
def test_a_json_value_of_another_kind_is_no_value(value: dict[str, Any]) -> None:
    span = mended(by_json, plain(attributes=[{"key": "a", "value": value}]), Repair.VALUE_UNREADABLE)
    assert span.attributes["a"] is None


def test_a_list_of_pairs_may_hold_empty_values() -> None:
    values: list[Any] = [{"key": "x"}, {"key": "y", "value": {}}]
    (_, span, _) = by_json(plain(attributes=[attribute("a", kvlistValue={"values": values})])).spans
    assert span.attributes == {"a": {"x": None, "y": None}}


def test_nan_as_python_writes_it_costs_that_value_alone() -> None:
    body = json.dumps(plain(attributes=[attribute("a", doubleValue=math.nan)])).encode()
    decoded = otlp.decode_json(b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + body + b"]}]}]}", NOW)
    assert decoded.spans[0].attributes == {"a": None, REPAIRED: ["number_not_finite"]}


@BOTH
@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"traceId": ""}, DropReason.BAD_TRACE_ID),
        ({"traceId": "74" * 15}, DropReason.BAD_TRACE_ID),
        ({"spanId": "00" * 8}, DropReason.BAD_SPAN_ID),
        ({"parentSpanId": "73"}, DropReason.BAD_PARENT_ID),
        ({"startTimeUnixNano": "1", "endTimeUnixNano": "2"}, DropReason.TOO_OLD),
        ({"startTimeUnixNano": str(4_102_444_800 * 10**9)}, DropReason.IN_THE_FUTURE),
    ],
)
def test_what_cannot_be_mended_is_refused_alone_and_shown(
    decode: Decode, odd: dict[str, Any], reason: DropReason
) -> None:
    decoded = decode(plain(**odd))
    assert [span.span_id[0] for span in decoded.spans] == [1, 2]
    assert decoded.flaws.rejected == {reason: 1}
    (refused,) = decoded.flaws.samples
    assert (refused.reason, refused.item.name) == (reason, "chat")


def test_ids_that_are_no_hex_are_no_ids() -> None:
    assert by_json(plain(traceId="AAECAwQFBgcICQoLDA0ODw==")).flaws.rejected == {DropReason.BAD_TRACE_ID: 1}


def test_a_resource_is_mended_once_and_marked() -> None:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    for number in range(3_000):
        group.resource.attributes.add(key=f"k{number}").value.int_value = number
    group.resource.attributes.add(key="service.name").value.string_value = "XX"
    for number in (1, 2):
        span = group.scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=bytes([number]) * 8)
        span.start_time_unix_nano = span.end_time_unix_nano = START
    decoded = otlp.decode_protobuf(request.SerializeToString().replace(b"XX", b"\xff\xff"), NOW)
    resource = decoded.spans[0].resource
    assert resource is decoded.spans[1].resource
    assert resource.attributes[REPAIRED] == ["text_not_utf8", "too_many_attributes"]
    assert decoded.flaws.repaired == {Repair.TEXT_NOT_UTF8: 1, Repair.TOO_MANY_ATTRIBUTES: 1}


def test_log_records_and_points_are_mended_alike() -> None:
    logs = ExportLogsServiceRequest()
    records = logs.resource_logs.add().scope_logs.add().log_records
    for value in (1.0, math.nan):
        records.add(time_unix_nano=NOW).attributes.add(key="a").value.double_value = value
    found = otlp_logs.decode_protobuf(logs.SerializeToString(), NOW)
    assert [r.attributes for r in found.records] == [{"a": 1.0}, {"a": None, REPAIRED: ["number_not_finite"]}]
    assert found.flaws.repaired == {Repair.NUMBER_NOT_FINITE: 1}
    metrics = ExportMetricsServiceRequest()
    metric = metrics.resource_metrics.add().scope_metrics.add().metrics.add(name="mXX")
    for number in (1.0, math.nan):
        metric.gauge.data_points.add(as_double=number, time_unix_nano=NOW)
    told = otlp_metrics.decode_protobuf(metrics.SerializeToString().replace(b"XX", b"\xff\xff"), NOW)
    assert [(p.metric.name, p.value, p.attributes) for p in told.points] == [
        ("m\ufffd\ufffd", 1.0, {}),
        ("m\ufffd\ufffd", None, {}),
    ]
    assert told.flaws.repaired == {Repair.TEXT_NOT_UTF8: 1, Repair.NUMBER_NOT_FINITE: 1}
