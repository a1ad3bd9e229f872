"""A log record as it was received, whatever wire format it came in: decoded, not yet understood."""

import msgspec

from farthing.model.span import Attributes, Resource, Scope, Value


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One log record. `time_ns` is Unix time in nanoseconds; ids are raw bytes, b"" where it belongs to no span."""

    time_ns: int
    trace_id: bytes
    span_id: bytes
    severity: int
    severity_text: str
    event_name: str
    body: Value
    scope: Scope
    resource: Resource
    attributes: Attributes
