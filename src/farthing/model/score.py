"""A judgement of a model's answer: by a person, a rule or another model."""

from enum import StrEnum

import msgspec

from farthing.model.span import Value


class ScoreSource(StrEnum):
    """Which signal told the score. Some libraries tell it twice."""

    LOG = "log"
    SPAN_EVENT = "span_event"


class Score(msgspec.Struct, frozen=True, gc=False):
    """One score of one span; `value` is a number, or None where only a label was given."""

    trace_id: bytes
    span_id: bytes
    name: str
    value: Value
    label: str
    explanation: str
    source: ScoreSource
    time_ns: int
