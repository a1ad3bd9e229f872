"""Log requests in both encodings: what is read, what is refused alone, and what belongs to no span."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from farthing.errors import BadRequestError
from farthing.intake.otlp_logs import decode_json, decode_protobuf
from farthing.model.flaw import REPAIRED, DropReason, Repair

NOW = 1_795_217_047_000_000_000
TRACE, SPAN = bytes(range(16)), bytes(range(8))


def request(*records: dict[str, Any]) -> ExportLogsServiceRequest:
    found = ExportLogsServiceRequest()
    group = found.resource_logs.add()
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    scoped = group.scope_logs.add()
    scoped.scope.name, scoped.scope.version = "lib", "1"
    for told in records:
        record = scoped.log_records.add(**{"time_unix_nano": NOW, **told})
        record.attributes.add(key="n").value.int_value = 7
    return found


def as_json(message: ExportLogsServiceRequest) -> bytes:
    """OTLP's JSON, which differs from protobuf's own in the ids."""
    told = json_format.MessageToDict(message, use_integers_for_enums=True)
    for group in told.get("resourceLogs", []):
        for scoped in group["scopeLogs"]:
            for raw, record in zip(
                message.resource_logs[0].scope_logs[0].log_records, scoped["logRecords"], strict=True
            ):
                record |= {"traceId": raw.trace_id.hex(), "spanId": raw.span_id.hex()}
    return json.dumps(told).encode()


def both(*records: dict[str, Any]) -> list[Any]:
    """What either decoder makes of the same records: always the same."""
    message = request(*records)
    binary, text = decode_protobuf(message.SerializeToString(), NOW), decode_json(as_json(message), NOW)
    assert binary == text
    return [binary.records, binary.flaws.rejected]


def test_a_record() -> None:
    (record,), rejected = both(
        {
            "trace_id": TRACE,
            "span_id": SPAN,
            "event_name": "gen_ai.choice",
            "severity_number": 9,
            "severity_text": "INFO",
        }
    )
    assert not rejected
    assert (record.trace_id, record.span_id, record.time_ns) == (TRACE, SPAN, NOW)
    assert (record.event_name, record.severity, record.severity_text) == ("gen_ai.choice", 9, "INFO")
    assert (record.scope.name, record.resource.attributes, record.attributes) == (
        "lib",
        {"service.name": "shop"},
        {"n": 7},
    )


@pytest.mark.parametrize("trace_id", [b"", bytes(16), b"short"])
def test_ids_that_are_none_belong_to_no_span(trace_id: bytes) -> None:
    (record,), _ = both({"trace_id": trace_id})
    assert (record.trace_id, record.span_id) == (b"", b"")


def test_a_record_without_a_time_has_the_one_it_was_seen_at() -> None:
    seen, unseen = both({"time_unix_nano": 0, "observed_time_unix_nano": NOW - 5}, {"time_unix_nano": 0})[0]
    assert (seen.time_ns, unseen.time_ns) == (NOW - 5, NOW)


def test_each_bad_record_is_refused_alone() -> None:
    records, rejected = both({"time_unix_nano": 1}, {}, {"time_unix_nano": NOW + 2 * 86_400 * 10**9})
    assert len(records) == 1
    assert rejected == {DropReason.TOO_OLD: 1, DropReason.IN_THE_FUTURE: 1}


def test_text_that_is_no_utf_8_is_mended_in_its_record() -> None:
    body = request({"severity_text": "marked"}, {}).SerializeToString().replace(b"marked", b"m\xffrked")
    found = decode_protobuf(body, NOW)
    assert [(r.severity_text, r.attributes) for r in found.records] == [
        ("m\ufffdrked", {"n": 7, REPAIRED: ["text_not_utf8"]}),
        ("", {"n": 7}),
    ]
    assert (found.flaws.rejected, found.flaws.repaired) == ({}, {Repair.TEXT_NOT_UTF8: 1})


@pytest.mark.parametrize(
    "record",
    [1, {"attributes": 1}, {"traceId": 7}, {"timeUnixNano": "soon"}, {"attributes": [1]}],
)
def test_json_of_another_shape_costs_its_record(record: Any) -> None:
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record, {"timeUnixNano": str(NOW)}]}]}]})
    found = decode_json(body.encode(), NOW)
    assert (len(found.records), found.flaws.rejected) == (1, {DropReason.MALFORMED: 1})


def test_the_name_of_an_event_may_be_an_attribute() -> None:
    message = request({})
    record = message.resource_logs[0].scope_logs[0].log_records[0]
    record.attributes.add(key="event.name").value.string_value = "api_request"
    (found,) = decode_protobuf(message.SerializeToString(), NOW).records
    assert found.event_name == "api_request"


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[]", b'{"resourceLogs": 1}'])
def test_what_is_no_request_is_refused_whole(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        (decode_protobuf if body == b"\xff" else decode_json)(body, NOW)
