"""A judgement of a model's answer: by a person, a rule or another model."""

from enum import StrEnum

import msgspec

from farthing.model.span import Value

NO_TRACE, NO_SPAN = b"\0" * 16, b"\0" * 8


class ScoreSource(StrEnum):
    """Which signal told the score. Some libraries tell it twice."""

    LOG = "log"
    SPAN_EVENT = "span_event"
    API = "api"


class DataType(StrEnum):
    """What kind of value a score has."""

    NUMERIC = "NUMERIC"
    CATEGORICAL = "CATEGORICAL"
    BOOLEAN = "BOOLEAN"
    TEXT = "TEXT"
    CORRECTION = "CORRECTION"
    """What the answer should have been."""


class Target(StrEnum):
    """What a score judges."""

    TRACE = "trace"
    OBSERVATION = "observation"
    SESSION = "session"
    RUN = "run"
    """A run of an experiment as a whole."""


class Score(msgspec.Struct, frozen=True, gc=False):
    """One score; `value` is a number, or None where only a label or a text was given.

    Ids are raw bytes, zeros where it judges no span or no trace; times are Unix nanoseconds.
    """

    trace_id: bytes
    span_id: bytes
    name: str
    value: Value
    label: str
    """The category, or True or False."""
    explanation: str
    source: ScoreSource
    time_ns: int
    id: str = ""
    """As its sender chose it; "" where it is known by what it says."""
    data_type: DataType | None = None
    """None: a number where there is a value, else a category."""
    text: str = ""
    target: Target = Target.OBSERVATION
    trace: str = ""
    """The ids of trace and observation as they were told, where those are no ids of OpenTelemetry's."""
    observation: str = ""
    session_id: str = ""
    run_id: str = ""
    origin: str = "EVAL"
    """API, EVAL or ANNOTATION: who judged."""
    metadata: Value = None
    config_id: str = ""
    queue_id: str = ""
    author: str = ""
    environment: str = ""
    created_ns: int = 0
    """When it was first told; 0: at its time."""
    updated_ns: int = 0

    @property
    def kind(self) -> DataType:
        """What kind of value it has."""
        if self.data_type is not None:
            return self.data_type
        return DataType.CATEGORICAL if self.value is None else DataType.NUMERIC
