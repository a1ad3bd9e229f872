"""Recorded and made-up data points in, the calls that are made of them: what metrics hold of the truth, in any order."""

import json
import random
from typing import Any

import msgspec
import pytest
from corpus.recording import LONG_AFTER_NS, RECORDINGS
from hypothesis import given
from hypothesis import strategies as st

from farthing.intake import otlp_metrics
from farthing.model import money
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Resource, Scope
from farthing.model.usage import UsageSource
from farthing.normalize.metered import Level, Metered, level, summed
from farthing.store.telemetry.point_rows import series

AT = 1_790_000_000_000_000_000
MINUTE = 60 * 10**9

FOUND = sorted({file.parent.relative_to(RECORDINGS).as_posix() for file in RECORDINGS.glob("*/*/*-metrics.*")})

NOT_HELD = {
    "js-otel-openai/chat_stream_nousage": "no usage was served, and none is counted",
    "openllmetry/anthropic_cached_stream": "one output token too many is counted",
    "openllmetry/anthropic_stream": "one output token too many is counted",
    "openllmetry/chat_stream_nousage": "no usage was served, and none is counted",
    "otelgenai-default/chat_stream_nousage": "no usage was served, and none is counted",
    "otelv2-default/attrs": "streams are not counted",
    "otelv2-default/chat_stream": "streams are not counted",
    "otelv2-default/chat_stream_nousage": "streams are not counted",
    "otelv2-default/two_level": "streams are not counted",
}
"""Cases whose metrics don't hold the truth → why. OpenLIT's are told apart by what its rows are marked as."""


def of(points: list[Point], levels: list[Level] | None = None) -> list[Metered]:
    return [one for one in summed([(series(p), p) for p in points], levels or []) if not one.idle]


def recorded(case: str) -> list[Point]:
    points: list[Point] = []
    for file in sorted((RECORDINGS / case).glob("*-metrics.*")):
        decode = otlp_metrics.decode_protobuf if file.suffix == ".pb" else otlp_metrics.decode_json
        points += decode(file.read_bytes(), LONG_AFTER_NS).points
    return points


@pytest.mark.parametrize("case", FOUND)
def test_metrics_alone_give_the_truth_where_they_hold_it(case: str) -> None:
    found = of(recorded(case))
    told = [one.call.usage for one in found]
    if case in NOT_HELD or not all(usage.source is UsageSource.PROVIDER and usage.whole for usage in told):
        assert case in NOT_HELD or case.startswith("openlit"), case
        return
    truth = json.loads((RECORDINGS / case / "truth.json").read_text())["llm_calls"]
    assert sum(usage.input_tokens or 0 for usage in told) == sum(c["input_tokens_including_cache"] or 0 for c in truth)
    assert sum(usage.output_tokens or 0 for usage in told) == sum(
        c["output_tokens_including_reasoning"] or 0 for c in truth
    )


def counter(minute: int, total: float, kind: str = "input", **changes: Any) -> Point:
    """What a running counter stood at."""
    metric = Metric(
        "claude_code.token.usage",
        "tokens",
        Kind.SUM,
        Temporality.CUMULATIVE,
        True,
        Scope("com.anthropic.claude_code"),
        Resource({"service.name": "claude-code", "team": "core"}),
    )
    told = {"session.id": "s-1", "user.id": "u-1", "model": "claude-sonnet-4-5", "type": kind}
    return msgspec.structs.replace(Point(metric, AT, AT + minute * MINUTE, told, total), **changes)


def test_a_row_says_whose_calls_it_stands_for() -> None:
    kinds = ("input", "output", "cacheRead", "cacheCreation")
    (one,) = of([counter(1, n, kind) for n, kind in enumerate(kinds, 1)])
    assert dict(one.call.usage.buckets) == {"input": 1, "output": 2, "cache_read": 3, "cache_write": 4}
    assert (one.call.provider, one.call.request_model) == ("anthropic", "claude-sonnet-4-5")
    who = one.call.attribution
    assert (who.session_id, who.user_id, who.team, one.service) == ("s-1", "u-1", "core", "claude-code")
    assert (one.begin_ns, one.call.start_ns, one.requests) == (AT, AT + MINUTE, None)


def test_a_running_counter_counts_what_it_gained() -> None:
    found = of([counter(3, 60), counter(1, 10), counter(2, 40)])
    assert [one.call.usage.buckets["input"] for one in sorted(found, key=lambda m: m.begin_ns)] == [10, 30, 20]


def test_what_a_series_stood_at_before_need_not_be_told_again() -> None:
    before = counter(1, 10)
    (one,) = of([counter(2, 40)], [level(series(before), before)])
    assert one.call.usage.buckets["input"] == 30


def test_a_counter_that_began_anew_counts_from_nothing() -> None:
    found = of([counter(1, 50), counter(2, 20, start_ns=AT + MINUTE), counter(3, 5, start_ns=AT + MINUTE)])
    assert sorted(one.call.usage.buckets["input"] for one in found) == [5, 20, 50]


def test_what_cannot_be_added_up_is_left_alone() -> None:
    metric = counter(1, 1).metric
    odd: list[dict[str, Any]] = [
        {"metric": msgspec.structs.replace(metric, kind=Kind.GAUGE)},
        {"metric": msgspec.structs.replace(metric, monotonic=False)},
        {"metric": msgspec.structs.replace(metric, temporality=Temporality.UNSPECIFIED)},
        {"metric": msgspec.structs.replace(metric, name="claude_code.session.count")},
        {"value": None},
        {"value": -1},
        {"attributes": {"type": "somethingElse"}},
        {"attributes": {}},
    ]
    for changes in odd:
        assert of([counter(1, 1, **changes)]) == []


def test_costs_that_doubles_tell_are_added_exactly() -> None:
    metric = msgspec.structs.replace(counter(1, 1).metric, name="claude_code.cost.usage")
    told = {"session.id": "s-1", "user.id": "u-1", "model": "claude-sonnet-4-5"}
    costs = [counter(m, c, metric=metric, attributes=told) for m, c in ((1, 0.1), (2, 0.3))]
    found = of([*costs, counter(2, 7)])
    assert sorted(one.call.reported_cost or 0 for one in found) == [money.to_units("0.1"), money.to_units("0.2")]


_POINTS = st.lists(
    st.builds(
        counter,
        st.integers(1, 6),
        st.integers(0, 500),
        st.sampled_from(["input", "output", "cacheRead"]),
        start_ns=st.sampled_from([AT, AT + MINUTE // 2]),
    ),
    max_size=12,
)


@given(_POINTS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(points: list[Point], rng: random.Random) -> None:
    again = [*points, *rng.choices(points, k=3)] if points else []
    rng.shuffle(again)
    assert of(again) == of(points)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_all_that_was_gained_is_counted_once(gains: list[int]) -> None:
    totals = [sum(gains[: at + 1]) for at in range(len(gains))]
    found = of([counter(at + 1, total) for at, total in enumerate(totals)])
    assert sum(one.call.usage.buckets["input"] for one in found) == totals[-1]
