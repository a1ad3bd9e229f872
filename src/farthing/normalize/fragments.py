"""All fragments of one span in, in any order and any number of times; the span they make together out. Pure.

What a later fragment doesn't tell, it doesn't erase. Metadata are merged key by key, at any depth; tags are collected. A span
begins with the earliest moment any fragment speaks of: so what is merged of more fragments never begins later, and of two
versions that were kept the earlier start is the fuller one.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from farthing.model.fragment import Fragment
from farthing.model.span import NO_PARENT, STATUS_ERROR, STATUS_OK, Attributes, Resource, Scope, Span, Value

SCOPE = "langfuse-sdk"
TAGS = "langfuse.trace.tags"
TRACE_ID = "farthing.langfuse.trace_id"
"""The attribute with the trace's id as it was told, where that is none of OpenTelemetry's."""
OF_TRACE = "farthing.langfuse.trace"
"""The attribute of a span that stands for the trace itself, and is no observation."""
OPEN = "farthing.langfuse.open"
"""The attribute of an observation of which nobody said when it ended."""
LEVEL, MESSAGE = "langfuse.observation.level", "langfuse.observation.status_message"

_METADATA = ("langfuse.observation.metadata.", "langfuse.trace.metadata.")
_RESOURCE = Resource()
_MOST_TAGS = 64
_DEEPEST = 32


def merged(fragments: Iterable[Fragment]) -> Span:
    """The span, with its content. There is at least one fragment."""
    told = sorted(fragments, key=lambda one: (one.time_ns, one.is_update, one.event_id))
    attributes: Attributes = {}
    for one in told:
        _take(attributes, one.attributes | one.content)
    start = min(one.time_ns if one.start_ns is None else one.start_ns for one in told)
    end = _last([one.end_ns for one in told])
    if end is None:
        attributes[OPEN] = True
    message = attributes.get(MESSAGE)
    return Span(
        told[0].trace_id,
        told[0].span_id,
        _last([one.parent_span_id for one in told]) or _parent(told[0].trace_id, attributes),
        _last([one.name for one in told]) or "",
        1,
        start,
        start if end is None else max(start, end),
        STATUS_ERROR if attributes.get(LEVEL) == "ERROR" else STATUS_OK,
        message if isinstance(message, str) else "",
        Scope(SCOPE, _last([one.scope_version for one in told]) or ""),
        _RESOURCE,
        attributes,
    )


def own_span(trace_id: bytes) -> bytes:
    """The id of the span that stands for a trace itself."""
    return blake2b(trace_id, digest_size=8, person=b"trace").digest()


def _parent(trace_id: bytes, attributes: Attributes) -> bytes:
    """Of an observation of which none was told: the trace's own span; none in traces of which OpenTelemetry tells, too."""
    return own_span(trace_id) if TRACE_ID in attributes and OF_TRACE not in attributes else NO_PARENT


def _last(values: list[Any]) -> Any:
    return next((value for value in reversed(values) if value is not None), None)


def _take(into: Attributes, told: Mapping[str, Value]) -> None:
    for name, value in told.items():
        if name == TAGS and isinstance(value, list):
            both = [*cast("list[Value]", into.get(TAGS, [])), *cast("list[Value]", value)]
            into[TAGS] = list(dict.fromkeys(tag for tag in both if isinstance(tag, str)))[:_MOST_TAGS]
        elif name.startswith(_METADATA) and name in into:
            into[name] = _together(into[name], value)
        else:
            into[name] = value


def _together(old: Value, new: Value) -> Value:
    """Two values of metadata, both JSON."""
    before, after = _object(old), _object(new)
    if before is None or after is None:
        return new
    return msgspec.json.encode(_deep(before, after, 0)).decode()


def _deep(old: Mapping[str, Any], new: Mapping[str, Any], depth: int) -> dict[str, Any]:
    found = dict(old)
    for key, value in new.items():
        was = found.get(key)
        if isinstance(was, dict) and isinstance(value, dict) and depth < _DEEPEST:
            found[key] = _deep(cast("dict[str, Any]", was), cast("dict[str, Any]", value), depth + 1)
        else:
            found[key] = value
    return found


def _object(value: Value) -> Mapping[str, Any] | None:
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None
