"""An OTLP logs request (protobuf or JSON bytes) in; its good records and the counted reasons for the bad ones out.

Source: opentelemetry-proto's logs.proto. A record that belongs to no span has no ids, or ids that are no ids; that is
no flaw. One without a time has the time at which it was seen.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as Message

from farthing.intake import otlp_json, otlp_protobuf
from farthing.intake.otlp import DAY_NS, EARLIEST_NS
from farthing.model.log import LogRecord
from farthing.model.span import Resource, Scope, Value
from farthing.prepare import DropReason

NAME_ATTRIBUTE = "event.name"
"""Where an event's name stood before log records got a field for it."""

_JSON_NAMES = (("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records"))


class Decoded(msgspec.Struct):
    """The records of one request and what was wrong with the others."""

    records: list[LogRecord]
    rejected: Counter[DropReason]


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportLogsServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    found = otlp_protobuf.records(body, "ExportLogsServiceRequest")
    return _judged((_from_protobuf(*held, now_ns) for held in found), now_ns)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    found = otlp_json.records(body, *_JSON_NAMES)
    return _judged((_from_json(*held, now_ns) for held in found), now_ns)


def _judged(found: Iterator[LogRecord | None], now_ns: int) -> Decoded:
    out = Decoded([], Counter())
    for record in found:
        if record is None:
            out.rejected[DropReason.MALFORMED] += 1
        elif record.time_ns < EARLIEST_NS:
            out.rejected[DropReason.TOO_OLD] += 1
        elif record.time_ns > now_ns + DAY_NS:
            out.rejected[DropReason.IN_THE_FUTURE] += 1
        else:
            out.records.append(record)
    return out


def _from_protobuf(raw: bytes, scope: Scope, resource: Resource, now_ns: int) -> LogRecord | None:
    try:
        message = Message.FromString(raw)
    except DecodeError:
        return None
    attributes = {pair.key: otlp_protobuf.value_of(pair.value) for pair in message.attributes}
    return LogRecord(
        message.time_unix_nano or message.observed_time_unix_nano or now_ns,
        _id(message.trace_id, 16),
        _id(message.span_id, 8),
        message.severity_number & 0xFF,
        message.severity_text,
        message.event_name or _named(attributes.get(NAME_ATTRIBUTE)),
        otlp_protobuf.value_of(message.body),
        scope,
        resource,
        attributes,
    )


def _from_json(raw: Any, scope: Scope, resource: Resource, now_ns: int) -> LogRecord | None:
    if not isinstance(raw, dict):
        return None
    record = cast("otlp_json.Json", raw)
    get, int_of, text_of = otlp_json.get, otlp_json.int_of, otlp_json.text_of
    try:
        attributes = otlp_json.attributes_of(record.get("attributes"))
        return LogRecord(
            int_of(get(record, "timeUnixNano", "time_unix_nano"))
            or int_of(get(record, "observedTimeUnixNano", "observed_time_unix_nano"))
            or now_ns,
            _id(otlp_json.id_of(get(record, "traceId", "trace_id")), 16),
            _id(otlp_json.id_of(get(record, "spanId", "span_id")), 8),
            _severity(get(record, "severityNumber", "severity_number")),
            text_of(get(record, "severityText", "severity_text")),
            text_of(get(record, "eventName", "event_name")) or _named(attributes.get(NAME_ATTRIBUTE)),
            otlp_json.value_of(record.get("body"), 0),
            scope,
            resource,
            attributes,
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _id(raw: bytes, length: int) -> bytes:
    return raw if len(raw) == length and raw.strip(b"\0") else b""


def _severity(raw: Any) -> int:
    # By name (SEVERITY_NUMBER_ERROR2) it would need a table; nobody was seen sending that.
    return 0 if isinstance(raw, str) and not raw.isdigit() else otlp_json.int_of(raw) & 0xFF


def _named(value: Value) -> str:
    return value if isinstance(value, str) else ""
