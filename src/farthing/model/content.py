"""What was said in a span, taken out of it as it was received: prompts, answers, arguments of tools; kept apart from it."""

import msgspec

from farthing.model.span import Attributes, Value

NO_RECORD = b"\0" * 16


class Content(msgspec.Struct, frozen=True, gc=False):
    """What was said in one span, or in one log record that belongs to it. Ids are raw bytes, the time Unix nanoseconds."""

    trace_id: bytes
    span_id: bytes
    time_ns: int
    attributes: Attributes = {}
    events: dict[int, Attributes] = {}
    """By the event's place among those of its span."""
    record_id: bytes = NO_RECORD
    """Of the log record it stood in."""
    name: str = ""
    """Of that record's event."""
    body: Value = None
    cut: bool = False
    """Whether some of it was too long to be kept."""
