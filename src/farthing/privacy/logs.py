"""A log record or a metric's data point as received in; out as it may be written: no message content, no credentials.

Attributes and resource pass the same gate as a span's. The body of an event is content, but for what names or counts;
an ordinary line of a program's log is kept, cut where it is longer than anyone reads.
"""

from typing import Any, cast

import msgspec

from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.span import NO_PARENT, Attributes, Resource, Scope, Span, Value
from farthing.privacy.scrub import CONTENT_MARK, scrub

LONGEST_BODY = 8192
_NAMES_AND_COUNTS = frozenset({"index", "role", "finish_reason", "id", "type", "name"})
_OF_EVENTS = frozenset(
    {
        "arguments",
        "body",
        "content",
        "function_args",
        "hook_definitions",
        "input",
        "output",
        "prompt",
        "request_text",
        "response",
        "response_text",
        "system_prompt",
        "tool_input",
        "tool_parameters",
        "user_system_prompt",
    }
)
"""Bare names under which coding agents log a conversation when they are told to."""
_LINE = "log.record.line"


def scrub_record(record: LogRecord) -> LogRecord:
    """The same record without content and secrets."""
    body = _event_body(record) if record.event_name else record.body
    line = body[:LONGEST_BODY] if isinstance(body, str) else None
    attributes = record.attributes if line is None else {**record.attributes, _LINE: line}
    passed = scrub(_shell(record.event_name, record.scope, record.resource, attributes))
    kept = dict(passed.attributes)
    if record.event_name:
        kept |= dict.fromkeys(_OF_EVENTS.intersection(record.attributes), CONTENT_MARK)
    return msgspec.structs.replace(
        record,
        attributes={key: value for key, value in kept.items() if key != _LINE},
        resource=passed.resource,
        body=_structured(body) if line is None else kept.get(_LINE),
    )


def scrub_point(point: Point) -> Point:
    """The same point without content and secrets; the very same object when there was nothing to take out."""
    metric = point.metric
    shell = _shell(metric.name, metric.scope, metric.resource, point.attributes)
    passed = scrub(shell)
    if passed is shell:
        return point
    cleaned = msgspec.structs.replace(metric, resource=passed.resource)
    return msgspec.structs.replace(point, metric=cleaned, attributes=passed.attributes)


def _shell(name: str, scope: Scope, resource: Resource, attributes: Attributes) -> Span:
    """A span of these, so that one gate decides about all signals."""
    return Span(b"", b"", NO_PARENT, name, 0, 0, 0, 0, "", scope, resource, attributes)


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
