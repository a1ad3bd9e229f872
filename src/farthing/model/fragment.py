"""What one event tells of an observation or a trace: a span comes in many of them, in any order."""

import msgspec

from farthing.model.span import Attributes


class Fragment(msgspec.Struct, frozen=True, gc=False):
    """One event, scrubbed. None: it tells nothing of that. Ids are raw bytes, times Unix nanoseconds."""

    trace_id: bytes
    span_id: bytes
    event_id: bytes
    """A digest of the event's own id: an event that is sent again is the same fragment."""
    time_ns: int
    """When the event was made: of two fragments that tell the same, the later one holds."""
    is_update: bool
    """At the same moment, after what it updates."""
    name: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    parent_span_id: bytes | None = None
    scope_version: str | None = None
    attributes: Attributes = {}
    content: Attributes = {}
    """The values that were taken out of the attributes, where content is kept."""
