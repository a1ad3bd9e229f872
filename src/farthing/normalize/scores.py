"""Evaluation events, on spans or as log records, in; scores out.

Source: OpenTelemetry GenAI semantic conventions, event `gen_ai.evaluation.result`. OpenLIT's `log_score` sends it both ways; what
else stands in it are the score's metadata.
"""

import math
from collections.abc import Iterable, Iterator

from farthing.model.log import LogRecord
from farthing.model.score import DataType, Score, ScoreSource
from farthing.model.span import Attributes, Span, Value

EVENT = "gen_ai.evaluation.result"
NAME = "gen_ai.evaluation.name"
VALUE = "gen_ai.evaluation.score.value"
LABEL = "gen_ai.evaluation.score.label"
EXPLANATION = "gen_ai.evaluation.explanation"
IDEMPOTENCY_KEY = "openlit.score.idempotency_key"

_KNOWN = frozenset({NAME, VALUE, LABEL, EXPLANATION, IDEMPOTENCY_KEY})
_TRUTH = frozenset({"true", "false"})

LONGEST_NAME = 256
LONGEST_EXPLANATION = 4096
"""Longer texts are cut."""


def of_spans(spans: Iterable[Span]) -> Iterator[Score]:
    """The scores that the events of these spans tell."""
    for span in spans:
        for event in span.events:
            if event.name == EVENT:
                told = _score(
                    span.trace_id,
                    span.span_id,
                    event.attributes,
                    ScoreSource.SPAN_EVENT,
                    event.time_ns or span.start_ns,
                )
                if told is not None:
                    yield told


def of_record(record: LogRecord) -> Score | None:
    """The score that a log record tells, if it tells one and names the span it judges."""
    if record.event_name != EVENT or not record.trace_id or not record.span_id:
        return None
    return _score(record.trace_id, record.span_id, record.attributes, ScoreSource.LOG, record.time_ns)


def _score(trace_id: bytes, span_id: bytes, attributes: Attributes, source: ScoreSource, time_ns: int) -> Score | None:
    name = _text(attributes.get(NAME))[:LONGEST_NAME]
    value = _number(attributes.get(VALUE))
    label = _text(attributes.get(LABEL))[:LONGEST_NAME]
    if not name or (value is None and not label):
        return None
    explanation = _text(attributes.get(EXPLANATION))[:LONGEST_EXPLANATION]
    return Score(
        trace_id, span_id, name, value, label, explanation, source, time_ns,
        id=_text(attributes.get(IDEMPOTENCY_KEY))[:LONGEST_NAME],
        data_type=DataType.BOOLEAN if value in (0, 1) and label.lower() in _TRUTH else None,
        metadata=_metadata(attributes),
    )  # fmt: skip


def _metadata(attributes: Attributes) -> Attributes | None:
    return {
        key: value for key, value in attributes.items() if key not in _KNOWN and not key.startswith("event.")
    } or None


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
