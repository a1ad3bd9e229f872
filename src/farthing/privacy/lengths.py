"""A scrubbed span, log record or data point in; the same without what is longer than anyone reads out, marked where it was cut.

It comes after the scrubbing: what is content is gone by then, so a long prompt costs nothing here, and the facts within a long
response have been read.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from farthing.model.flaw import REPAIRED, Repair
from farthing.model.log import LogRecord
from farthing.model.metric import Point
from farthing.model.span import Attributes, Resource, Scope, Span, SpanEvent, Value

LONGEST_VALUE = 65_536
"""Characters of one attribute's value; of a structured one, those of its JSON."""

LONGEST_TOGETHER = 524_288
"""Characters of all values of one set of attributes, or of all events of a span; past this all are cut shorter."""

LONGEST_NAME = 1_024
"""Characters of a key, and of the name of a span, an event, a metric or a scope."""

CUT_MARK = "… [cut]"

_LEAST = 64
_encode = msgspec.json.Encoder(enc_hook=str).encode


def shortened_span(span: Span) -> Span:
    """The very same object when nothing is too long."""
    attributes = _attributes(span.attributes)
    events = span.events
    if events and (sum(map(_size, events)) > LONGEST_TOGETHER or any(_size(e) > LONGEST_NAME for e in events)):
        room = max(_LEAST, LONGEST_TOGETHER // len(events))
        events = tuple(
            [SpanEvent(_name(e.name), e.time_ns, _attributes(e.attributes, room)) for e in events],
        )
        if all(map(_same_event, events, span.events)):
            events = span.events
    changed = _changes(
        span,
        name=_name(span.name),
        status_message=_text(span.status_message, LONGEST_VALUE),
        scope=_scope(span.scope),
        resource=_resource(span.resource),
        attributes=attributes,
        events=events,
    )
    return _marked(span, changed)


def shortened_record(record: LogRecord) -> LogRecord:
    """The very same object when nothing is too long. Bodies have been cut before."""
    changed = _changes(
        record,
        event_name=_name(record.event_name),
        severity_text=_name(record.severity_text),
        scope=_scope(record.scope),
        resource=_resource(record.resource),
        attributes=_attributes(record.attributes),
    )
    return _marked(record, changed)


def shortened_point(point: Point) -> Point:
    """The very same object when nothing is too long. It carries no mark: its attributes name its series."""
    metric = point.metric
    of_metric = _changes(
        metric, name=_name(metric.name), scope=_scope(metric.scope), resource=_resource(metric.resource)
    )
    changed = _changes(point, attributes=_attributes(point.attributes))
    if of_metric:
        changed["metric"] = msgspec.structs.replace(metric, **of_metric)
    return msgspec.structs.replace(point, **changed) if changed else point


def _changes(item: Any, **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not getattr(item, name)}


def _marked(item: Any, changed: dict[str, Any]) -> Any:
    if not changed:
        return item
    attributes: Attributes = changed.get("attributes", item.attributes)
    before: Any = attributes.get(REPAIRED)
    repairs: set[str] = {Repair.VALUE_CUT.value, *(before if isinstance(before, list) else ())}
    changed["attributes"] = attributes | {REPAIRED: sorted(repairs)}
    return msgspec.structs.replace(item, **changed)


def _attributes(attributes: Attributes, together: int = LONGEST_TOGETHER) -> Attributes:
    sizes = {key: _size(value) for key, value in attributes.items()}
    limit = LONGEST_VALUE
    if sum(sizes.values()) > together:
        limit = max(_LEAST, min(limit, together // len(sizes)))
    if max(sizes.values(), default=0) <= limit and all(len(key) <= LONGEST_NAME for key in sizes):
        return attributes
    return {_name(key): _cut(value, limit) if sizes[key] > limit else value for key, value in attributes.items()}


def _size(value: Value) -> int:
    """Characters; none of a number."""
    if isinstance(value, str | bytes):
        return len(value)
    return len(_json(value)) if isinstance(value, list | Mapping | SpanEvent) else 0


def _json(value: Value) -> str:
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return repr(value)


def _cut(value: Value, limit: int) -> str:
    return (value if isinstance(value, str) else _json(value))[:limit] + CUT_MARK


def _text(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + CUT_MARK


def _name(name: str) -> str:
    return _text(name, LONGEST_NAME)


def _scope(scope: Scope) -> Scope:
    if len(scope.name) <= LONGEST_NAME and len(scope.version) <= LONGEST_NAME:
        return scope
    return Scope(_name(scope.name), _name(scope.version))


def _resource(resource: Resource) -> Resource:
    attributes = _attributes(resource.attributes)
    return resource if attributes is resource.attributes else Resource(attributes)


def _same_event(new: SpanEvent, old: SpanEvent) -> bool:
    return new.name is old.name and new.attributes is old.attributes
