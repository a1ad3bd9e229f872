"""What reading from caches cost and how long first tokens took, asked of a real store."""

from typing import Any

import pytest
from stored_calls import failed, new_project, stored_call, write

from farthing.model import money
from farthing.model.call import PricedCall
from farthing.model.ledger import Cost, CostStatus, Grade, Line
from farthing.model.usage import Bucket
from farthing.query.errors import ParameterError
from farthing.query.unsummed import cached, first_token
from farthing.store.telemetry.engine import Engine

NS = 10**9
START = 1_790_000_000 - 1_790_000_000 % 86_400
NOW = (START + 86_400) * NS
RANGE = (("from", str(START)), ("to", str(START + 2 * 3_600)))


def reading(start_ns: int, *amounts: tuple[str, str], **facts: Any) -> PricedCall:
    """A call with a line for each bucket and dollars."""
    call = stored_call(start_ns, **facts).call
    lines = tuple(
        Line(Bucket(bucket), 1, "token", money.to_units(usd), 1, money.to_units(usd), Grade.COMPUTED)
        for bucket, usd in amounts
    )
    return PricedCall(call, Cost(CostStatus.COMPUTED, lines, "2026-11", "catalogue", "exact", "gpt-4o"))


def asked(engine: Engine, calls: list[PricedCall], *more: tuple[str, str]) -> Any:
    project = new_project()
    write(engine, project, calls)
    return cached(engine, project, [*RANGE, ("granularity", "hour"), *more], NOW)


def test_what_was_read_from_any_cache_is_added_up_exactly_by_step(telemetry_engine: Engine) -> None:
    first = reading(START * NS, ("input", "0.5"), ("cache_read", "0.000000000000000000000001"), ("cache_write", "3"))
    second = reading((START + 3_600) * NS, ("audio_cache_read", "0.02"), ("output", "1"), feature="chat")
    neither = stored_call(START * NS, tokens=(100, 0, 30))
    found = asked(telemetry_engine, [first, second, neither])
    assert found["total"] == {
        "calls": 2,
        "uncovered_calls": 0,
        "cached_cost_usd": "0.020000000000000000000001",
    }
    assert [(step["calls"], step["cached_cost_usd"]) for step in found["series"]] == [
        (1, "0.000000000000000000000001"),
        (1, "0.02"),
    ]
    assert asked(telemetry_engine, [first, second], ("feature", "chat"))["total"]["cached_cost_usd"] == "0.02"


def test_what_has_no_price_is_unknown_and_not_zero(telemetry_engine: Engine) -> None:
    found = asked(telemetry_engine, [stored_call(START * NS, usd=None)])
    assert found["total"] == {"calls": 1, "uncovered_calls": 1, "cached_cost_usd": None}
    assert [step["cached_cost_usd"] for step in found["series"]] == [None, "0"]


def test_first_tokens_are_of_calls_that_told_them(telemetry_engine: Engine) -> None:
    project = new_project()
    calls = [stored_call(START * NS + n, ttft_ns=100 * (n + 1) * 10**6) for n in range(21)]
    write(telemetry_engine, project, [*calls, failed(stored_call(START * NS), "timeout")])
    found = first_token(telemetry_engine, project, RANGE, NOW)
    assert found["calls"] == 21
    assert {name: found["ttft_ms"][name] for name in ("avg", "min", "max")} == {"avg": 1_100, "min": 100, "max": 2_100}
    assert 1_089 <= found["ttft_ms"]["p50"] <= 1_111
    assert 1_980 <= found["ttft_ms"]["p95"] <= 2_020
    assert first_token(telemetry_engine, new_project(), RANGE, NOW)["ttft_ms"]["p50"] is None


def test_mistakes_are_named(telemetry_engine: Engine) -> None:
    with pytest.raises(ParameterError):
        cached(telemetry_engine, new_project(), [*RANGE, ("by", "model")], NOW)
    with pytest.raises(ParameterError):
        first_token(telemetry_engine, new_project(), [*RANGE, ("granularity", "day")], NOW)
