"""An OTLP logs request (protobuf or JSON bytes) in; its good records and the counted reasons for the bad ones out.

Source: opentelemetry-proto's logs.proto. A record that belongs to no span has no ids, or ids that are no ids; that is
no flaw. One without a time has the time at which it was seen.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as Message

from farthing.intake import otlp_json, otlp_protobuf
from farthing.intake.otlp import DAY_NS, EARLIEST_NS
from farthing.model.flaw import DropReason, Flaws, Notes, OddError, Refused
from farthing.model.log import LogRecord
from farthing.model.span import Resource, Scope, Value

NAME_ATTRIBUTE = "event.name"
"""Where an event's name stood before log records got a field for it."""

_JSON_NAMES = (("resourceLogs", "resource_logs"), ("scopeLogs", "scope_logs"), ("logRecords", "log_records"))


class Decoded(msgspec.Struct):
    """The records of one request and what was wrong with the others."""

    records: list[LogRecord]
    flaws: Flaws


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportLogsServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    flaws = Flaws()
    found = otlp_protobuf.records(body, "ExportLogsServiceRequest", flaws.repaired)
    return _judged((_from_protobuf(*held, now_ns) for held in found), now_ns, flaws)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    flaws = Flaws()
    found = otlp_json.records(body, flaws.repaired, *_JSON_NAMES)
    return _judged((_from_json(*held, now_ns) for held in found), now_ns, flaws)


def _judged(found: Iterator[tuple[LogRecord, Notes | None] | Refused], now_ns: int, flaws: Flaws) -> Decoded:
    good: list[LogRecord] = []
    for one in found:
        if isinstance(one, Refused):
            flaws.reject(one)
            continue
        record, notes = one
        if record.time_ns < EARLIEST_NS:
            flaws.reject(Refused(DropReason.TOO_OLD, record))
        elif record.time_ns > now_ns + DAY_NS:
            flaws.reject(Refused(DropReason.IN_THE_FUTURE, record))
        else:
            if notes is not None and notes.repairs:
                flaws.repaired.update(notes.repairs)
                record = msgspec.structs.replace(record, attributes=record.attributes | notes.marks())
            good.append(record)
    return Decoded(good, flaws)


def _from_protobuf(
    raw: bytes, scope: Scope, resource: Resource, now_ns: int
) -> tuple[LogRecord, Notes | None] | Refused:
    try:
        return _record(raw, scope, resource, now_ns, None), None
    except (DecodeError, OddError):
        notes = Notes()
    try:
        return otlp_protobuf.mending(
            lambda held: _record(held, scope, resource, now_ns, notes), raw, Message, notes
        ), notes
    except DecodeError:
        return Refused(DropReason.MALFORMED, size=len(raw))


def _record(raw: bytes, scope: Scope, resource: Resource, now_ns: int, notes: Notes | None) -> LogRecord:
    """Raises `DecodeError`, and without notes `OddError`."""
    message = Message.FromString(raw)
    attributes = otlp_protobuf.pairs_of(message.attributes, notes)
    return LogRecord(
        message.time_unix_nano or message.observed_time_unix_nano or now_ns,
        _id(message.trace_id, 16),
        _id(message.span_id, 8),
        message.severity_number & 0xFF,
        message.severity_text,
        message.event_name or _named(attributes.get(NAME_ATTRIBUTE)),
        otlp_protobuf.value_of(message.body, notes),
        scope,
        resource,
        attributes,
    )


def _from_json(raw: Any, scope: Scope, resource: Resource, now_ns: int) -> tuple[LogRecord, Notes | None] | Refused:
    return otlp_json.item(raw, lambda record, notes: _from_object(record, scope, resource, now_ns, notes))


def _from_object(
    record: otlp_json.Json, scope: Scope, resource: Resource, now_ns: int, notes: Notes | None
) -> LogRecord:
    """Raises `TypeError`, `ValueError` (`OddError` among them), `OverflowError`."""
    get, int_of, text_of = otlp_json.get, otlp_json.int_of, otlp_json.text_of
    attributes = otlp_json.attributes_of(record.get("attributes"), notes)
    return LogRecord(
        int_of(get(record, "timeUnixNano", "time_unix_nano"))
        or int_of(get(record, "observedTimeUnixNano", "observed_time_unix_nano"))
        or now_ns,
        _id(otlp_json.id_of(get(record, "traceId", "trace_id")), 16),
        _id(otlp_json.id_of(get(record, "spanId", "span_id")), 8),
        _severity(get(record, "severityNumber", "severity_number")),
        text_of(get(record, "severityText", "severity_text")),
        text_of(get(record, "eventName", "event_name")) or _named(attributes.get(NAME_ATTRIBUTE)),
        otlp_json.value_of(record.get("body"), notes),
        scope,
        resource,
        attributes,
    )


def _id(raw: bytes, length: int) -> bytes:
    return raw if len(raw) == length and raw.strip(b"\0") else b""


def _severity(raw: Any) -> int:
    # By name (SEVERITY_NUMBER_ERROR2) it would need a table; nobody was seen sending that.
    return 0 if isinstance(raw, str) and not raw.isdigit() else otlp_json.int_of(raw) & 0xFF


def _named(value: Value) -> str:
    return value if isinstance(value, str) else ""
