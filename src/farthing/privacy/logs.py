"""A log record as received in; the record as it may be written out: no message content, no credentials.

Attributes and resource pass the same gate as a span's. The body of an event is content, but for what names or counts;
an ordinary line of a program's log is kept, cut where it is longer than anyone reads.
"""

from typing import Any, cast

import msgspec

from farthing.model.log import LogRecord
from farthing.model.span import NO_PARENT, Span, Value
from farthing.privacy.scrub import CONTENT_MARK, scrub

LONGEST_BODY = 8192
_NAMES_AND_COUNTS = frozenset({"index", "role", "finish_reason", "id", "type", "name"})
_LINE = "log.record.line"


def scrub_record(record: LogRecord) -> LogRecord:
    """The same record without content and secrets."""
    body = _event_body(record) if record.event_name else record.body
    line = body[:LONGEST_BODY] if isinstance(body, str) else None
    attributes = record.attributes if line is None else {**record.attributes, _LINE: line}
    passed = scrub(_shell(record, attributes))
    kept = dict(passed.attributes)
    return msgspec.structs.replace(
        record,
        attributes={key: value for key, value in kept.items() if key != _LINE},
        resource=passed.resource,
        body=_structured(body) if line is None else kept.get(_LINE),
    )


def _shell(record: LogRecord, attributes: dict[str, Any]) -> Span:
    """The record as a span, so that one gate decides about both."""
    at = record.time_ns
    return Span(
        record.trace_id,
        record.span_id,
        NO_PARENT,
        record.event_name,
        0,
        at,
        at,
        0,
        "",
        record.scope,
        record.resource,
        attributes,
    )


def _event_body(record: LogRecord) -> Value:
    body = record.body
    if not isinstance(body, str) or not body:
        return body
    return body if body.endswith(record.event_name) and len(body) <= 2 * len(record.event_name) + 16 else CONTENT_MARK


def _structured(body: Value) -> Value:
    """Of a structured body only what names or counts; numbers and flags say no more than that."""
    if isinstance(body, dict):
        held = cast("dict[str, Any]", body)
        return {
            key: value if key in _NAMES_AND_COUNTS and isinstance(value, str) else _structured(value)
            for key, value in held.items()
        }
    if isinstance(body, list):
        return [_structured(item) for item in cast("list[Any]", body)]
    return CONTENT_MARK if isinstance(body, str | bytes) and body else body
