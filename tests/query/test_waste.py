"""What was paid in vain, asked of a real store."""

from typing import Any

import pytest
from stored_calls import failed, new_project, stored_call, write

from farthing.model.call import PricedCall, Status
from farthing.query.errors import ParameterError
from farthing.query.waste import waste
from farthing.store.telemetry.engine import Engine

NS = 10**9
START = 1_790_000_000
NOW = (START + 86_400) * NS


def asked(engine: Engine, calls: list[PricedCall], *more: tuple[str, str]) -> Any:
    project = new_project()
    write(engine, project, calls)
    pairs = [("from", str(START)), ("to", str(START + 3600)), *more]
    return waste(engine, project, pairs, NOW)


def test_all_but_the_first_of_equally_long_prompts_in_a_trace_are_repeats(telemetry_engine: Engine) -> None:
    at = START * NS
    calls = [stored_call(at + n, trace=7, feature="chat", usd=(f"0.00{n + 1}", "0")) for n in range(3)]
    other_length = stored_call(at + 9, trace=7, feature="chat", tokens=(101, 20, 30))
    other_trace = stored_call(at + 9, trace=8, feature="chat")
    answer = asked(telemetry_engine, [*calls, other_length, other_trace])
    assert answer["repeated"] == {"calls": 2, "input_tokens": 200, "cost_usd": "0.005", "uncovered_calls": 0}
    assert answer["calls"] == 5
    assert [(row["kind"], row["feature"], row["cost_usd"]) for row in answer["data"]] == [("repeated", "chat", "0.005")]


def test_failed_calls_are_told_with_those_whose_cost_nobody_knows(telemetry_engine: Engine) -> None:
    paid = stored_call(START * NS, status=Status.ERROR, error_type="timeout", usd=("0.001", "0.002"))
    answer = asked(telemetry_engine, [paid, failed(stored_call(START * NS), "timeout"), stored_call(START * NS)])
    assert answer["failed"] == {"calls": 2, "input_tokens": 100, "cost_usd": "0.003", "uncovered_calls": 1}


def test_where_nobody_told_reasoning_it_is_unknown_and_nothing_failed_costs_nothing(telemetry_engine: Engine) -> None:
    answer = asked(telemetry_engine, [stored_call(START * NS)])
    assert answer["reasoning_tokens"] is None
    assert answer["reasoning_calls"] == 0
    assert answer["failed"]["cost_usd"] == "0"
    assert answer["data"] == []


def test_what_only_failed_without_a_cost_is_unknown_not_zero(telemetry_engine: Engine) -> None:
    answer = asked(telemetry_engine, [failed(stored_call(START * NS), "timeout")])
    assert answer["failed"]["cost_usd"] is None


def test_filters_narrow_it_and_mistakes_are_named(telemetry_engine: Engine) -> None:
    calls = [stored_call(START * NS, feature="a"), stored_call(START * NS, feature="b")]
    assert asked(telemetry_engine, calls, ("feature", "a"))["calls"] == 1
    with pytest.raises(ParameterError):
        asked(telemetry_engine, [], ("by", "model"))
