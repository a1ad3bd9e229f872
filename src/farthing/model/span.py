"""A span as it was received, whatever wire format it came in: decoded, not yet understood.

None of these nouns can hold itself, so they are kept from the cycle collector (`gc=False`), which would otherwise
walk hundreds of thousands of them again and again.
"""

from typing import Any

import msgspec

Value = Any
"""An attribute value: None, bool, int, float, str, bytes, list of values or dict of values."""

Attributes = dict[str, Value]

STATUS_UNSET, STATUS_OK, STATUS_ERROR = 0, 1, 2

NO_PARENT = b""


class Scope(msgspec.Struct, frozen=True, gc=False):
    """The instrumentation library that made the span."""

    name: str = ""
    version: str = ""


class Resource(msgspec.Struct, frozen=True, gc=False):
    """The process that made the span (service.name and its kin)."""

    attributes: Attributes = {}


class SpanEvent(msgspec.Struct, frozen=True, gc=False):
    """Something that happened within a span; `time_ns` is Unix time in nanoseconds."""

    name: str
    time_ns: int
    attributes: Attributes = {}


class Span(msgspec.Struct, frozen=True, gc=False):
    """One span. Ids are raw bytes (16 and 8); times are Unix nanoseconds; `parent_span_id` is b"" for a root."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    name: str
    kind: int
    start_ns: int
    end_ns: int
    status: int
    status_message: str
    scope: Scope
    resource: Resource
    attributes: Attributes
    events: tuple[SpanEvent, ...] = ()
    key_id: str = ""
    """The key it was sent with, once it is kept."""
