"""What can be wrong with one span, log record or data point: the closed sets of reasons, and what is told of it."""

from collections import Counter
from enum import StrEnum
from typing import Any

import msgspec

from farthing.model.span import Attributes


class DropReason(StrEnum):
    """Why a span is refused. Every refusal is counted and told to the sender."""

    MALFORMED = "malformed"
    BAD_TRACE_ID = "trace_id is not 16 non-zero bytes"
    BAD_SPAN_ID = "span_id is not 8 non-zero bytes"
    BAD_PARENT_ID = "parent_span_id is not 8 bytes"
    TOO_OLD = "it starts before 2010: its clock is not set"
    IN_THE_FUTURE = "it starts or ends more than a day in the future: check the sender's clock"
    NOT_WRITABLE = "it can't be written"


class Unsettled(StrEnum):
    """Why spans that are kept tell of no calls."""

    TRACE_UNREADABLE = "its trace can't be read; its spans are kept"
    CALLS_NOT_WRITABLE = "its trace's calls can't be written; its spans are kept"


class Repair(StrEnum):
    """What was mended in a span that is kept. Every repair is counted, told to the sender and marked on the span."""

    END_BEFORE_START = "end_before_start"
    """It lasted no time."""
    NO_END = "no_end"
    """Likewise."""
    OWN_PARENT = "own_parent"
    """It is a root."""
    TEXT_NOT_UTF8 = "text_not_utf8"
    """What is no text is replaced by U+FFFD."""
    NUMBER_NOT_FINITE = "number_not_finite"
    """It is no number."""
    VALUE_UNREADABLE = "value_unreadable"
    """An integer beyond 64 bits, text where a number must be: the attribute has no value."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """What is deeper is left out."""
    DUPLICATE_KEYS = "duplicate_keys"
    """The last one stays."""
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    """Those that tell of the call and the first of the others stay."""
    TOO_MANY_EVENTS = "too_many_events"
    """The first and the last stay."""
    VALUE_CUT = "value_cut"
    """A value was longer than what is kept of one."""


REPAIRED = "farthing.repaired"
DROPPED_ATTRIBUTES = "farthing.dropped_attributes"
DROPPED_EVENTS = "farthing.dropped_events"
"""The attributes of a span that was mended: what was, and how much is missing."""

MOST_SAMPLES = 20
"""Of one request so many refused items are shown; the others are counted."""


class OddError(ValueError):
    """Something is to be mended, and nobody takes notes: begin again with them."""


class Notes(msgspec.Struct):
    """What was mended while one item was read."""

    repairs: set[Repair] = msgspec.field(default_factory=set[Repair])
    dropped_attributes: int = 0
    dropped_events: int = 0

    def marks(self) -> Attributes:
        """The attributes that say so on the item itself."""
        if not self.repairs:
            return {}
        found: Attributes = {REPAIRED: sorted(repair.value for repair in self.repairs)}
        if self.dropped_attributes:
            found[DROPPED_ATTRIBUTES] = self.dropped_attributes
        if self.dropped_events:
            found[DROPPED_EVENTS] = self.dropped_events
        return found


def note(notes: Notes | None, repair: Repair) -> None:
    """Take a note of a repair. Raises `OddError` where nobody takes notes."""
    if notes is None:
        raise OddError(repair.value)
    notes.repairs.add(repair)


class Refused(msgspec.Struct):
    """One item that was refused: as it was decoded, or, where it could not be, what may be shown of it."""

    reason: DropReason
    item: Any = None
    """A Span, LogRecord or Point."""
    shown: str = ""
    size: int = 0
    """Bytes as received, where that is known."""


class Flaws(msgspec.Struct):
    """What was wrong within one request."""

    rejected: Counter[DropReason] = msgspec.field(default_factory=Counter[DropReason])
    repaired: Counter[Repair] = msgspec.field(default_factory=Counter[Repair])
    samples: list[Refused] = msgspec.field(default_factory=list[Refused])

    def reject(self, refused: Refused) -> None:
        """Count it, and show it if not too many are shown already."""
        self.rejected[refused.reason] += 1
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(refused)
