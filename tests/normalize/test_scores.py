"""Evaluation events in; the scores they tell, or none."""

import math
from typing import Any

import pytest

from farthing.model.log import LogRecord
from farthing.model.score import DataType, ScoreSource
from farthing.model.span import Resource, Scope, Span, SpanEvent
from farthing.normalize import scores

TRACE, SPAN = b"t" * 16, b"s" * 8
QUALITY: dict[str, Any] = {
    "gen_ai.evaluation.name": "quality",
    "gen_ai.evaluation.score.value": 0.85,
    "gen_ai.evaluation.score.label": "good",
    "gen_ai.evaluation.explanation": "short and right",
}


def record(attributes: dict[str, Any], trace_id: bytes = TRACE, name: str = scores.EVENT) -> LogRecord:
    return LogRecord(7, trace_id, SPAN if trace_id else b"", 0, "", name, None, Scope(), Resource(), attributes)


def span(*events: SpanEvent) -> Span:
    return Span(TRACE, SPAN, b"", "chat", 3, 1, 9, 0, "", Scope(), Resource(), {}, events)


def test_a_log_record_and_a_span_event_tell_the_same_score() -> None:
    told = scores.of_record(record(QUALITY))
    (again,) = scores.of_spans([span(SpanEvent("other", 3), SpanEvent(scores.EVENT, 5, QUALITY))])
    assert told
    assert (told.source, told.time_ns) == (ScoreSource.LOG, 7)
    assert (again.source, again.time_ns) == (ScoreSource.SPAN_EVENT, 5)
    for score in (told, again):
        assert (score.trace_id, score.span_id, score.name) == (TRACE, SPAN, "quality")
        assert (score.value, score.label, score.explanation) == (0.85, "good", "short and right")


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"gen_ai.evaluation.name": "quality"},
        {"gen_ai.evaluation.score.value": 1},
        {"gen_ai.evaluation.name": "quality", "gen_ai.evaluation.score.value": math.nan},
        {"gen_ai.evaluation.name": "quality", "gen_ai.evaluation.score.value": True},
        {"gen_ai.evaluation.name": 7, "gen_ai.evaluation.score.value": 1},
    ],
)
def test_what_says_nothing_is_no_score(attributes: dict[str, Any]) -> None:
    assert scores.of_record(record(attributes)) is None


def test_a_score_of_no_span_and_another_event_are_none() -> None:
    assert scores.of_record(record(QUALITY, b"")) is None
    assert scores.of_record(record(QUALITY, name="gen_ai.choice")) is None


def test_a_long_explanation_is_cut() -> None:
    told = scores.of_record(record(QUALITY | {"gen_ai.evaluation.explanation": "x" * 10**6}))
    assert told
    assert len(told.explanation) == scores.LONGEST_EXPLANATION


def test_what_openlit_tells_besides() -> None:
    told = scores.of_record(
        record(
            {
                "gen_ai.evaluation.name": "helpful",
                "gen_ai.evaluation.score.value": 1.0,
                "gen_ai.evaluation.score.label": "true",
                "openlit.score.idempotency_key": "once",
                "reviewer": "human",
            }
        )
    )
    assert told
    assert (told.kind, told.id, told.metadata) == (DataType.BOOLEAN, "once", {"reviewer": "human"})
    plain = scores.of_record(record(QUALITY))
    assert plain
    assert (plain.kind, plain.id, plain.metadata) == (DataType.NUMERIC, "", None)
