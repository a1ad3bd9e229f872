"""Calls with scores of their own, of their traces, several and none in; what each group cost, adding up to the total, out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from stored_calls import new_project, stored_call, write

from farthing.model.score import NO_SPAN, DataType, Score, ScoreSource
from farthing.query import run
from farthing.query.errors import ParameterError
from farthing.query.score_groups import ranges
from farthing.store.telemetry import score_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

NS = 10**9
START = 1_790_000_000
RANGE = [("from", str(START)), ("to", str(START + 3600))]


def score(trace: int, span: int, value: float | None, at: int = 0, **more: Any) -> Score:
    span_id = span.to_bytes(8, "big") if span else NO_SPAN
    label, name = more.pop("label", ""), more.pop("name", "good")
    return Score(trace.to_bytes(16, "big"), span_id, name, value, label, "", ScoreSource.API, (START + at) * NS, **more)


@pytest.fixture(scope="module")
def scored(telemetry_engine: Engine) -> tuple[Engine, str]:
    """Calls 1 to 9 in traces 1 to 9; call 10 in trace 9, too. A call costs as many dollars as its number, and a bit."""
    project = new_project()
    calls = [
        stored_call(START * NS + n, n, trace=min(n, 9), usd=(f"{n}.000000000000000000000001", "0"))
        for n in range(1, 11)
    ]
    write(telemetry_engine, project, [*calls, stored_call(START * NS, 11, trace=1, usd=None)])
    scores = [
        score(1, 1, 0.3), score(2, 2, 0.7), score(2, 0, 0.1), score(3, 0, 4.0),
        # Its last score holds, wherever they were written.
        score(4, 4, 1.0, at=9, id="b"), score(4, 4, 0.2, at=1, id="a"),
        score(5, 5, 1.0, label="True", data_type=DataType.BOOLEAN, name="ok"), score(5, 5, 72.5),
        # A text makes no group.
        score(6, 6, None, text="fine", data_type=DataType.TEXT),
        score(7, 7, -0.25), score(9, 0, None, label="so, so"),
    ]  # fmt: skip
    for number, one in enumerate(scores):
        rows = span_rows.numbered([score_rows.table(project, [one])], "commit", number)
        telemetry_engine.insert("scores", rows)
    return telemetry_engine, project


def ask(scored: tuple[Engine, str], **told: str) -> Mapping[str, Any]:
    engine, project = scored
    return run.spend(engine, Rollup(engine), project, [*told.items(), *RANGE], (START + 86_400) * NS)


def costs(answer: Mapping[str, Any], name: str = "score.good") -> dict[str | None, Decimal]:
    return {group[name]: Decimal(group["cost_usd"]).quantize(Decimal(1)) for group in answer["groups"]}


def test_each_call_is_in_one_group_and_groups_add_up_to_the_last_digit(scored: tuple[Engine, str]) -> None:
    answer = ask(scored, by="score.good", granularity="minute")
    assert costs(answer) == {
        "0.3 to 0.4": 1, "0.7 to 0.8": 2, "4": 3, "1": 4, "70 to 80": 5, "-0.3 to -0.2": 7, "so, so": 19, None: 14,
    }  # fmt: skip
    plain = ask(scored)["total"]
    for groups in (answer["groups"], answer["series"][0]["groups"]):
        assert (
            sum(Decimal(group["cost_usd"]) for group in groups)
            == Decimal(plain["cost_usd"])
            == Decimal("55.00000000000000000000001")
        )
        assert sum(group["calls"] for group in groups) == plain["calls"] == 11
        assert sum(group["unpriced_calls"] for group in groups) == plain["unpriced_calls"] == 1
    assert answer["total"] == plain
    # It is the call that wasn't judged in trace 1; a score of one call is none of another's.
    assert next(group for group in answer["groups"] if group["score.good"] is None)["unpriced_calls"] == 1


def test_ranges_begin_where_one_says(scored: tuple[Engine, str]) -> None:
    answer = ask(scored, by="score.good", edges="0.3, 0.7,5")
    assert costs(answer) == {"below 0.3": 7, "0.3 to 0.7": 1, "0.7 to 5": 9, "5 or more": 5, "so, so": 19, None: 14}
    assert ranges((0.5,)) == ["below 0.5", "0.5 or more"]
    for wrong in ("0.5,0.1", "high", "1,1", ",".join(map(str, range(51)))):
        with pytest.raises(ParameterError, match="edges"):
            ask(scored, by="score.good", edges=wrong)


def test_beside_other_dimensions_and_filters(scored: tuple[Engine, str]) -> None:
    both = ask(scored, by="model,score.ok,score.good", **{"score.ok": "True"})
    assert [(group["score.ok"], group["score.good"]) for group in both["groups"]] == [("True", "70 to 80")]
    few = ask(scored, by="score.good", limit="1")["groups"]
    assert [group.get("others", False) for group in few] == [False, True]
    assert sum(Decimal(group["cost_usd"]) for group in few) == Decimal("55.00000000000000000000001")
    assert costs(ask(scored, by="score.nobody's"), "score.nobody's") == {None: 55}
    with pytest.raises(ParameterError, match="1 to 200 characters"):
        ask(scored, by="score.")
