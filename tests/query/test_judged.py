"""Scores of calls, of their traces and of spans beside them in; the calls and traces that filters by score find out."""

from decimal import Decimal
from typing import Any

import pytest
from stored_calls import new_project, stored_call, write

from farthing.model.score import NO_SPAN, DataType, Score, ScoreSource
from farthing.query import listing, run
from farthing.query.errors import ParameterError
from farthing.query.traces import traces
from farthing.reprice import asked
from farthing.store.telemetry import score_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NS = 10**9
START = 1_790_000_000
NOW = (START + 86_400) * NS
RANGE = [("from", str(START)), ("to", str(START + 3600))]
BESIDE = 99
"""A span that is no call."""


def _score(trace: int, span: int, name: str, value: float | None, **more: Any) -> Score:
    span_id = span.to_bytes(8, "big") if span else NO_SPAN
    label = more.pop("label", "")
    return Score(trace.to_bytes(16, "big"), span_id, name, value, label, "", ScoreSource.API, START * NS, **more)


@pytest.fixture(scope="module")
def scored(telemetry_engine: Engine) -> tuple[Engine, str]:
    """Two traces of two calls each and one of a single call; what is judged again has its last score."""
    project = new_project()
    calls = [
        stored_call(START * NS + n, n, trace=t, user_id=f"u{n}") for n, t in ((1, 7), (2, 7), (3, 8), (4, 8), (5, 9))
    ]
    write(telemetry_engine, project, calls)
    kept = [
        [_score(7, 1, "helpful", 0.9, id="a"), _score(7, 2, "helpful", 0.9, id="b")],
        [_score(7, 2, "helpful", 0.2, id="b"), _score(8, 0, "helpful", 0.5, id="c")],
        [_score(8, 3, "tone", None, label="rude"), _score(9, BESIDE, "tone", None, label="kind")],
        [_score(9, 5, "ok", 1.0, label="True", data_type=DataType.BOOLEAN)],
    ]
    for number, scores in enumerate(kept):
        rows = span_rows.numbered([score_rows.table(project, scores)], "commit", number)
        telemetry_engine.insert("scores", rows)
    return telemetry_engine, project


@pytest.mark.parametrize(
    ("told", "users"),
    [
        ({"score.helpful>": ["0.5"]}, "134"),
        ({"score.helpful<": ["0.5"]}, "234"),
        ({"score.helpful>": ["0.5"], "score.helpful<": ["0.5"]}, "34"),
        ({"score.helpful>": ["0.9", "0.3"]}, "134"),
        ({"score.helpful": ["0.9"]}, "1"),
        ({"score.helpful": ["!0.9"]}, "2345"),
        ({"score.helpful": ["0.2 to 0.9"]}, "234"),
        ({"score.helpful": ["0.5 or more"]}, "134"),
        ({"score.helpful": ["below 0.5", "0.9"]}, "12"),
        ({"score.helpful": [""]}, "5"),
        ({"score.helpful": ["!"]}, "1234"),
        ({"score.tone": ["rude"]}, "3"),
        ({"score.tone": ["rude", ""]}, "12345"),
        ({"score.tone": ["kind"]}, ""),
        ({"score.ok": ["True"]}, "5"),
        ({"score.nobody": ["1"]}, ""),
        ({"score.tone": ["rude"], "user": ["u4"]}, ""),
    ],
    ids=str,
)
def test_calls_are_found_by_their_scores_and_those_of_their_traces(
    scored: tuple[Engine, str], told: dict[str, list[str]], users: str
) -> None:
    engine, project = scored
    pairs = [*RANGE, *((name, value) for name, values in told.items() for value in values)]
    found = listing.calls(engine, project, [*pairs, ("sort", "start_time")], NOW)["data"]
    assert [call["user_id"] for call in found] == [f"u{user}" for user in users]
    total = run.spend(engine, Rollup(engine), project, pairs, NOW)["total"]
    assert (total["calls"], Decimal(total["cost_usd"])) == (len(users), len(users) * Decimal("0.003"))


def test_a_trace_is_found_by_the_score_of_any_of_its_spans(scored: tuple[Engine, str]) -> None:
    engine, project = scored
    found = traces(engine, project, [*RANGE, ("score.tone", "kind"), ("score.ok", "True")], NOW)["data"]
    assert [trace["trace_id"] for trace in found] == [f"{9:032x}"]


def test_lists_tell_scores_when_asked_and_a_single_call_always(scored: tuple[Engine, str]) -> None:
    engine, project = scored
    asked_with = [*RANGE, ("user", "u3"), ("include", "scores,restated")]
    call = listing.calls(engine, project, asked_with, NOW)["data"][0]
    said = [(one["name"], one["value"], one["label"], one["span_id"]) for one in call["scores"]]
    assert said == [("helpful", 0.5, None, None), ("tone", None, "rude", f"{3:016x}")]
    assert listing.one_call(engine, project, call["id"])["scores"] == call["scores"]
    assert "scores" not in listing.calls(engine, project, RANGE, NOW)["data"][0]


@pytest.mark.parametrize("name", ["score.", "score.>", "score.helpful>", "score." + "x" * 201, "include"])
def test_mistakes_are_named(scored: tuple[Engine, str], name: str) -> None:
    with pytest.raises(ParameterError):
        listing.calls(*scored, [*RANGE, (name, "much")], NOW)


def test_nothing_is_priced_again_by_score() -> None:
    with pytest.raises(ParameterError, match="score"):
        asked.wanted({"from": "now-7d"}, {"score.helpful>": "0.5"}, NOW)
