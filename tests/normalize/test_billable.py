"""Hand-made sightings of calls by one, two or three instrumentations, in one trace or in several: who owns what."""

import itertools
import random
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.model.span import Resource, Scope, Span
from farthing.model.usage import Bucket
from farthing.normalize.logs import LOG, SIGNAL
from farthing.normalize.trace import calls_of, calls_of_linked

SECOND = 10**9
START = 1_700_000_000 * SECOND
NATIVE = "com.anthropic.sdk.python"
ONE, OTHER = "first.instrumentation", "second.instrumentation"
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini"}
CLAUDE = CHAT | {"gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5"}
AGENT = CHAT | {"gen_ai.operation.name": "invoke_agent"}


def used(input_tokens: int = 21, output_tokens: int = 17, response_id: str = "", **more: Any) -> dict[str, Any]:
    named = {"gen_ai.response.id": response_id} if response_id else {}
    return {"gen_ai.usage.input_tokens": input_tokens, "gen_ai.usage.output_tokens": output_tokens} | named | more


def span(
    number: int,
    attributes: dict[str, Any],
    *,
    parent: int = 0,
    trace: int = 1,
    scope: str = ONE,
    at: float = 0,
    lasts: float = 1,
    failed: bool = False,
) -> Span:
    start = START + round(at * SECOND)
    return Span(
        trace.to_bytes(16, "big"),
        number.to_bytes(8, "big"),
        parent.to_bytes(8, "big") if parent else b"",
        "span",
        3,
        start,
        start + round(lasts * SECOND),
        2 if failed else 0,
        "",
        Scope(scope),
        Resource({"service.name": "shop"}),
        attributes,
    )


def owners(*spans: Span) -> list[Call]:
    found = calls_of_linked(spans)
    every = {(call.trace_id, call.span_id): call for call in found}
    for call in found:
        if call.owner is not None:
            assert every[call.owner_trace or call.trace_id, call.owner].owner is None
            assert call.owner_trace != call.trace_id
    return [call for call in found if call.owner is None]


def tokens(calls: list[Call]) -> list[tuple[int | None, int | None]]:
    return [(call.usage.input_tokens, call.usage.output_tokens) for call in calls]


def share_a_link(*spans: Span) -> bool:
    links = [{link for call in calls_of([one]) for link in call.links} for one in spans]
    return bool(links[0].intersection(*links))


def test_one_response_in_two_traces_counts_once_and_points_across() -> None:
    one = span(1, CHAT | used(response_id="chatcmpl-aaaaaaaaaaaaaaaa"))
    other = span(2, CHAT | used(response_id="chatcmpl-aaaaaaaaaaaaaaaa"), trace=2, scope=OTHER, at=0.1)
    assert share_a_link(one, other)
    restated = next(call for call in calls_of_linked([other, one]) if call.owner is not None)
    owner = owners(one, other)[0]
    assert (restated.owner, restated.owner_trace) == (owner.span_id, owner.trace_id)
    assert len(owners(one, other)) == 1


@pytest.mark.parametrize("together", [True, False])
def test_ids_collide_across_providers(together: bool) -> None:
    one = span(1, CHAT | used(response_id="r-0123456789abcdef"))
    mistral = CHAT | {"gen_ai.provider.name": "mistral_ai"}
    other = span(2, mistral | used(response_id="r-0123456789abcdef"), trace=1 if together else 2, scope=OTHER)
    assert len(owners(one, other)) == 2


@pytest.mark.parametrize("name", ["langchain", "openai.chat", "OpenAI", "", "azure"])
def test_a_framework_is_no_provider_and_a_provider_has_several_names(name: str) -> None:
    framework = CHAT | {"gen_ai.provider.name": name}
    spans = (
        span(1, framework | used(response_id="r-0123456789abcdef")),
        span(2, CHAT | used(response_id="r-0123456789abcdef"), trace=2, scope=OTHER, at=0.1, lasts=0.8),
    )
    assert len(owners(*spans)) == 1
    assert owners(*spans)[0].provider in ("openai", "azure.ai.openai")


def test_numbers_that_come_again_soon_are_no_identity() -> None:
    spans = [span(n, CHAT | used(20 + n, response_id="chatcmpl-123"), trace=n, at=n * 60) for n in (1, 2)]
    assert len(owners(*spans)) == 2
    same = span(3, CHAT | used(21, response_id="chatcmpl-123"), trace=3, scope=OTHER, at=60.1, lasts=0.8)
    assert len(owners(*spans, same)) == 2


@pytest.mark.parametrize("outer_id", ["", "made-up-by-the-library"])
def test_a_framework_around_an_sdk_restates_it(outer_id: str) -> None:
    outer = span(1, CHAT | used(response_id=outer_id, feature="answers"))
    inner = span(2, CHAT | used(response_id="chatcmpl-1"), parent=1, scope=OTHER, at=0.1, lasts=0.8)
    assert tokens(owners(outer, inner)) == [(21, 17)]


def test_wrappers_of_any_depth_own_nothing_while_a_call_is_known() -> None:
    agent = span(1, AGENT | used(63, 51, response_id="chatcmpl-2"))
    inner_agent = span(2, AGENT | used(63, 51), parent=1)
    plain = span(3, {"step": 1}, parent=2)
    calls = [span(n, CHAT | used(response_id=f"chatcmpl-{n}"), parent=3, at=n) for n in (4, 5, 6)]
    assert tokens(owners(agent, inner_agent, plain, *calls)) == [(21, 17)] * 3
    assert tokens(owners(agent, inner_agent, plain)) == [(63, 51)]


def test_a_wrapper_without_usage_is_no_call() -> None:
    assert calls_of([span(1, AGENT)]) == []
    assert calls_of([span(1, AGENT), span(2, {"step": 1}, parent=1)]) == []


def test_an_undeclared_wrapper_that_sums_up_is_one_too() -> None:
    outer = span(1, CHAT | used(42, 34, response_id="of-its-own"))
    calls = [span(n, CHAT | used(response_id=f"chatcmpl-{n}"), parent=1, at=n) for n in (2, 3)]
    assert tokens(owners(outer, *calls)) == [(21, 17)] * 2
    unnamed = span(1, CHAT | used(42, 34))
    assert tokens(owners(unnamed, *calls)) == [(21, 17)] * 2


def test_what_only_the_wrapper_counted_is_the_one_calls_usage() -> None:
    agent = span(1, AGENT | used())
    streamed = span(2, CHAT | {"gen_ai.response.id": "chatcmpl-1"}, parent=1)
    assert tokens(owners(agent, streamed)) == [(21, 17)]
    second = span(3, CHAT | {"gen_ai.response.id": "chatcmpl-2"}, parent=1)
    assert tokens(owners(agent, streamed, second)) == [(None, None)] * 2


@pytest.mark.parametrize("trace", [1, 2])
def test_an_error_without_id_seen_twice_is_one_error(trace: int) -> None:
    one = span(1, CLAUDE | {"error.type": "RateLimitError"}, lasts=1)
    native = span(2, CLAUDE | {"error.type": "rate_limit_error"}, scope=NATIVE, trace=trace, at=0.02, lasts=0.9)
    assert [call.status for call in owners(one, native)] == [Status.ERROR]
    assert share_a_link(one, native)


@pytest.mark.parametrize("told", [{}, used(0, 42)])
def test_a_stream_that_one_instrumentation_could_not_count(told: dict[str, Any]) -> None:
    framework = span(1, CLAUDE | told, at=0, lasts=1)
    native = span(
        2, CLAUDE | used(3084, 42, "msg_1", **{"gen_ai.request.stream": True}), scope=NATIVE, trace=2, at=0.2, lasts=0.7
    )
    assert tokens(owners(framework, native)) == [(3084, 42)]
    assert share_a_link(framework, native)


def test_retries_are_real() -> None:
    attempts = [span(n, CHAT | {"error.type": "RateLimitError"}, parent=9, at=n, lasts=0.5) for n in (1, 2)]
    equal = [span(n, CHAT | used(), parent=9, at=n, lasts=0.5) for n in (3, 4)]
    at_once = [span(n, CHAT | used(), parent=9, at=5, lasts=0.5) for n in (5, 6)]
    assert len(owners(span(9, {}), *attempts, *equal, *at_once)) == 6


def test_retries_seen_twice_are_still_as_many() -> None:
    ours = [span(n, CHAT | used(), parent=9, at=n / 4, lasts=2) for n in (1, 2, 3)]
    theirs = [span(10 + n, CHAT | used(), parent=9, scope=OTHER, at=n / 4 + 0.01, lasts=1.9) for n in (1, 2, 3)]
    assert tokens(owners(span(9, {}), *ours, *theirs)) == [(21, 17)] * 3


def test_an_error_within_a_success_was_a_retry() -> None:
    outer = span(1, CHAT | used())
    first = span(2, CHAT | {"error.type": "RateLimitError"}, parent=1, scope=OTHER, at=0.1, lasts=0.2)
    second = span(3, CHAT | used(response_id="chatcmpl-1"), parent=1, scope=OTHER, at=0.4, lasts=0.5)
    found = owners(outer, first, second)
    assert sorted((call.status, call.response_id) for call in found) == [("error", ""), ("ok", "chatcmpl-1")]


def test_an_error_around_errors_is_the_last_of_them() -> None:
    outer = span(1, CHAT | {"error.type": "RateLimitError"})
    tries = [
        span(n, CHAT | {"error.type": "RateLimitError"}, parent=1, scope=OTHER, at=n / 10, lasts=0.05) for n in (2, 3)
    ]
    assert len(owners(outer, *tries)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"at": 2.0},
        {"attributes": CHAT | used(22, 17)},
        {"attributes": CHAT | used() | {"gen_ai.request.model": "o4-mini"}},
        {"failed": True, "attributes": CHAT},
        {"parent": 8},
    ],
)
def test_spans_beside_each_other_are_one_call_only_if_everything_fits(change: dict[str, Any]) -> None:
    roots = [span(8, {}), span(9, {})]
    one = span(1, CHAT | used(), parent=9)
    same: dict[str, Any] = {"attributes": CHAT | used(), "parent": 9, "scope": OTHER, "at": 0.01, "lasts": 0.9}
    assert len(owners(*roots, one, span(2, **same))) == 1
    assert len(owners(*roots, one, span(2, **(same | change)))) == 2


@pytest.mark.parametrize("trace", [1, 2])
def test_a_span_that_hangs_under_a_trace_itself_is_beside_all_within_it(trace: int) -> None:
    """Events name the trace that OpenTelemetry began, but no span of it."""
    told = span(1, CHAT | used(), scope="langfuse-sdk", at=0, lasts=1, trace=trace)
    inner = span(2, CHAT | used(response_id="chatcmpl-1"), parent=9, at=0.1, lasts=0.8)
    later = span(3, CHAT | used(response_id="chatcmpl-2"), parent=9, at=3, lasts=0.8)
    assert tokens(owners(told, inner, later)) == [(21, 17)] * 2
    assert tokens(owners(told, inner, span(9, {"step": 1}, at=0, lasts=4))) == [(21, 17)]
    assert len(owners(told, span(2, CHAT | used(22), parent=9, at=0.1, lasts=0.8))) == 2


def test_the_owner_takes_the_richest_fields() -> None:
    outer = span(1, CLAUDE | used(3084, 43, user_id="ada", plan="gold") | {"gen_ai.usage.cost": 0.01})
    native = span(
        2,
        CLAUDE
        | used(3084, 42, response_id="msg_0123456789abcdef")
        | {
            "gen_ai.usage.cache_read.input_tokens": 1024,
            "gen_ai.usage.cache_write.input_tokens": 2048,
            "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 2000,
            "gen_ai.response.time_to_first_chunk": 0.25,
        },
        scope=NATIVE,
        parent=1,
        at=0.01,
        lasts=0.9,
    )
    (owner,) = owners(outer, native)
    assert owner.usage.buckets[Bucket.CACHE_WRITE_1H] == 2000
    assert (owner.usage.input_tokens, owner.usage.output_tokens) == (3084, 42)
    assert owner.usage.flags == ("duplicates_disagree",)
    assert owner.response_id == "msg_0123456789abcdef"
    assert owner.ttft_ns == SECOND // 4
    assert owner.reported_cost == money.to_units("0.01")
    assert (owner.attribution.user_id, owner.attribution.tags["plan"]) == ("ada", "gold")


def test_parts_are_put_together_when_the_whole_agrees() -> None:
    ids = {"response_id": "chatcmpl-1"}
    one = span(1, CHAT | used(2006, 300, **ids) | {"gen_ai.usage.cache_read.input_tokens": 1920})
    other = span(2, CHAT | used(2006, 300, **ids) | {"gen_ai.usage.reasoning.output_tokens": 100}, scope=OTHER)
    (owner,) = owners(one, other)
    assert owner.usage.buckets == {"input": 86, "cache_read": 1920, "output": 200, "reasoning": 100}
    assert owner.usage.flags == ()


SIGHTINGS = [
    span(1, AGENT | used(105, 85)),
    span(2, CHAT | used(response_id="chatcmpl-1"), parent=1, at=0, lasts=1),
    span(3, CHAT | used(), parent=2, scope=OTHER, at=0.1, lasts=0.8),
    span(4, CHAT | used(), parent=1, at=2, lasts=1),
    span(5, CHAT | used(), parent=1, scope=OTHER, at=2.1, lasts=0.8),
    span(6, CHAT | {"error.type": "RateLimitError"}, parent=1, at=4, lasts=1),
    span(7, CHAT | {"error.type": "RateLimitError"}, parent=1, scope=OTHER, at=4.1, lasts=0.8),
    span(8, CHAT | used(response_id="chatcmpl-1"), trace=2, scope="third.instrumentation"),
    span(9, CLAUDE | used(response_id="msg_1"), parent=10, at=6, trace=2),
    span(10, CLAUDE, parent=9, at=6, trace=2),
    span(11, CLAUDE | used(), scope=NATIVE, trace=3, at=6.1, lasts=0.8),
    span(12, CHAT | used(response_id="chatcmpl-1") | {"gen_ai.provider.name": "groq"}, trace=3),
]


@hypothesis.settings(max_examples=300, deadline=None, database=None)
@hypothesis.given(st.sets(st.sampled_from(range(len(SIGHTINGS))), min_size=1), st.randoms(use_true_random=False))
def test_any_set_of_sightings_means_one_thing_in_any_order(chosen: set[int], chance: random.Random) -> None:
    spans = [SIGHTINGS[at] for at in sorted(chosen)]
    expected = owners(*spans)
    mixed = [*spans, chance.choice(spans)]
    chance.shuffle(mixed)
    assert owners(*mixed) == expected


def test_spans_that_are_each_others_parents_are_understood_from_every_side() -> None:
    ring = [span(n, CHAT | used(20 + n), parent=n % 3 + 1, scope=f"scope {n}") for n in (1, 2, 3)]
    for order in itertools.permutations(ring):
        assert owners(*order) == owners(*ring)
    assert len(owners(*ring)) >= 1


@pytest.mark.parametrize("response_id", ["", "chatcmpl-1"])
@pytest.mark.parametrize("counted", [{}, used()])
def test_a_log_record_of_a_span_restates_it(response_id: str, counted: dict[str, Any]) -> None:
    named = {"gen_ai.response.id": response_id} if response_id else {}
    seen = span(1, CHAT | counted | named)
    record = span(2, CHAT | used() | {SIGNAL: LOG}, parent=1, at=1, lasts=0)
    assert tokens(owners(seen, record)) == [(21, 17)]
    assert owners(seen, record)[0].span_id == seen.span_id
    assert tokens(owners(record)) == [(21, 17)]


def test_log_records_alone_are_each_a_call() -> None:
    records = [span(n, CHAT | used() | {SIGNAL: LOG}, at=n / 10) for n in (1, 2, 3)]
    assert len(owners(*records)) == 3
