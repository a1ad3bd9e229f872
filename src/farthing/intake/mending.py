"""What was decoded of one item in; the same within bounds out, with notes of what was left out or put right."""

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from farthing.model.flaw import Notes, Repair, note
from farthing.model.span import Attributes, Value

_Item = TypeVar("_Item")

MOST_ATTRIBUTES = 1_000
"""Attributes of one span, record, point, event or resource; so many that tell of a call, and so many others."""

MOST_EVENTS = 1_000
"""Events of one span: the first half and the last, for the end of a stream has its usage."""

DEEPEST = 24
"""Values within values within an attribute."""

_TELLING = re.compile(
    r"gen_ai\.|llm\.|ai\.|langfuse|openinference|mlflow|litellm|usage|token|cost|model|user|session|tenant|team|feature"
)


def bounded(pairs: Sequence[tuple[str, Value]], notes: Notes | None) -> Attributes:
    """The attributes: each once, and not too many. Raises `OddError` when they are and nobody takes notes."""
    found = dict(pairs)
    if len(found) != len(pairs):
        note(notes, Repair.DUPLICATE_KEYS)
    if len(found) <= MOST_ATTRIBUTES:
        return found
    note(notes, Repair.TOO_MANY_ATTRIBUTES)
    telling = [key for key in found if _TELLING.search(key)][:MOST_ATTRIBUTES]
    kept = set(telling)
    for key in found:
        if len(kept) >= MOST_ATTRIBUTES:
            break
        kept.add(key)
    if notes is not None:
        notes.dropped_attributes += len(found) - len(kept)
    return {key: value for key, value in found.items() if key in kept}


def fewer_events(events: Sequence[_Item], notes: Notes | None) -> Sequence[_Item]:
    """The first and the last of too many. Raises `OddError` when they are too many and nobody takes notes."""
    note(notes, Repair.TOO_MANY_EVENTS)
    if notes is not None:
        notes.dropped_events += len(events) - MOST_EVENTS
    half = MOST_EVENTS // 2
    return [*events[:half], *events[-half:]]


def end_of(start_ns: int, end_ns: int, notes: Notes | None) -> int:
    """The end of a span that ends before it starts. Raises `OddError` when nobody takes notes."""
    note(notes, Repair.END_BEFORE_START if end_ns else Repair.NO_END)
    return start_ns


def finite(value: float, notes: Notes) -> float | None:
    """The number, or None for one that is none."""
    return value if math.isfinite(value) else note(notes, Repair.NUMBER_NOT_FINITE)
