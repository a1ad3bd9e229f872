"""What the demo promises: exact counts, the same bytes for the same seed, believable traces, the planted anomalies."""

from collections import Counter, defaultdict
from hashlib import sha256
from itertools import islice, pairwise

import msgspec
import pytest

from farthing.demo import anomalies
from farthing.demo.anomalies import DAY_NS, HOUR_NS
from farthing.demo.company import MODELS, UNPRICED_MODEL
from farthing.demo.traffic import BATCH, batches
from farthing.model import money
from farthing.model.call import Call, PricedCall, Status
from farthing.model.ledger import CostStatus
from farthing.model.span import Span
from farthing.normalize.trace import calls_of
from farthing.pricing import base
from farthing.pricing.cost import price

END = 1_795_218_217_172_258_153
CALLS = 30_000
DIGEST = "ff38cf9f0a4935aaf3b7f7abd27e1b167f00f3a40721aa5521ebaea252a920b2"
"""Of the first spans for these arguments. A change of it changes everybody's demo: note it in the changelog."""


@pytest.fixture(scope="module")
def made() -> list[list[Span]]:
    return list(batches(7, CALLS, END))


@pytest.fixture(scope="module")
def traces(made: list[list[Span]]) -> dict[bytes, list[Span]]:
    found: dict[bytes, list[Span]] = defaultdict(list)
    for batch in made:
        for span in batch:
            found[span.trace_id].append(span)
    return found


@pytest.fixture(scope="module")
def calls(traces: dict[bytes, list[Span]]) -> list[Call]:
    return [call for trace in traces.values() for call in calls_of(trace) if call.owner is None]


@pytest.fixture(scope="module")
def priced(calls: list[Call]) -> list[PricedCall]:
    catalog = base.load()
    return [PricedCall(call, price(call, catalog)) for call in calls]


def test_the_same_arguments_give_the_same_bytes() -> None:
    digest = sha256()
    for batch in islice(batches(42, 5000, END), 2):
        digest.update(msgspec.msgpack.encode(batch))
    assert digest.hexdigest() == DIGEST


@pytest.mark.parametrize("other", [(8, 500, END), (7, 501, END), (7, 500, END + 1)])
def test_any_other_argument_gives_other_spans(other: tuple[int, int, int]) -> None:
    ids = {span.span_id for batch in batches(7, 500, END) for span in batch}
    assert not ids & {span.span_id for batch in batches(*other) for span in batch}


@pytest.mark.parametrize(("calls", "days"), [(0, 30), (1, 30), (2, 30), (67, 30), (1009, 30), (2000, 1), (2000, 400)])
def test_exactly_so_many_calls(calls: int, days: int) -> None:
    traces: dict[bytes, list[Span]] = defaultdict(list)
    for batch in batches(3, calls, END, days):
        for span in batch:
            assert END - days * DAY_NS <= span.start_ns <= span.end_ns <= END
            traces[span.trace_id].append(span)
    assert sum(call.owner is None for trace in traces.values() for call in calls_of(trace)) == calls


def test_every_call_is_counted_once_and_says_what_it_was_for(calls: list[Call]) -> None:
    assert len(calls) == CALLS
    for call in calls:
        who = call.attribution
        assert who.feature
        assert who.team
        assert who.tenant
        assert who.environment in ("prod", "staging", "dev")
    assert len({call.attribution.feature for call in calls}) == 9
    assert len({call.attribution.tenant for call in calls}) == 41
    assert len({call.attribution.user_id for call in calls}) > 3000
    assert len({call.attribution.prompt_version for call in calls}) == 20


def test_ids_are_unique_and_whole(made: list[list[Span]]) -> None:
    seen: set[tuple[bytes, bytes]] = set()
    for batch in made:
        for span in batch:
            assert len(span.trace_id) == 16
            assert len(span.span_id) == 8
            assert len(span.parent_span_id) in (0, 8)
            seen.add((span.trace_id, span.span_id))
    assert len(seen) == sum(map(len, made))


def test_children_lie_within_their_parents(traces: dict[bytes, list[Span]]) -> None:
    for trace in traces.values():
        by_id = {span.span_id: span for span in trace}
        assert sum(not span.parent_span_id for span in trace) == 1
        for span in trace:
            if span.parent_span_id:
                parent = by_id[span.parent_span_id]
                assert parent.start_ns <= span.start_ns <= span.end_ns <= parent.end_ns


def test_batches_are_bounded_chronological_and_divide_no_trace(made: list[list[Span]]) -> None:
    starts: list[int] = []
    for batch in made[:-1]:
        assert BATCH <= len(batch) < BATCH + 10 + anomalies.RETRIES
    for batch in made:
        starts.extend(span.start_ns for span in batch if not span.parent_span_id)
    assert all(one <= other for one, other in pairwise(starts))
    for one, other in pairwise(made):
        assert not {span.trace_id for span in one} & {span.trace_id for span in other}


def test_few_spans_around_a_call(made: list[list[Span]]) -> None:
    assert 1.2 < sum(map(len, made)) / CALLS <= 1.4


def test_errors_and_what_has_no_price_are_few_but_there(priced: list[PricedCall]) -> None:
    found = Counter("error" if one.call.status is Status.ERROR else one.cost.status.value for one in priced)
    assert 0.003 < found["error"] / CALLS < 0.02
    assert 0.002 < found[CostStatus.UNPRICED.value] / CALLS < 0.01
    assert 0.0005 < found[CostStatus.UNKNOWN.value] / CALLS < 0.005
    assert {one.call.model for one in priced if one.cost.status is CostStatus.UNPRICED} == {UNPRICED_MODEL}
    kinds = {one.call.error_type for one in priced if one.call.status is Status.ERROR}
    assert {"RateLimitError", "openai.RateLimitError", "anthropic.RateLimitError", "rate_limit_exceeded"} <= kinds
    assert {"APITimeoutError", "InternalServerError", "anthropic.InternalServerError"} <= kinds


def test_eight_models_of_three_providers_are_priced(priced: list[PricedCall]) -> None:
    computed = [one.call for one in priced if one.cost.status is CostStatus.COMPUTED]
    assert {call.response_model for call in computed} == {
        model.served for model in MODELS.values() if model.name != UNPRICED_MODEL
    }
    assert len({call.provider for call in computed}) == 3


def test_caches_streams_reasoning_and_reported_costs_occur(priced: list[PricedCall]) -> None:
    calls = [one.call for one in priced]
    assert any(call.usage.cache_read_tokens for call in calls)
    assert any(call.usage.cache_write_tokens for call in calls)
    assert any(call.usage.reasoning_tokens for call in calls)
    assert any(call.streaming and call.ttft_ns and call.ttft_ns <= call.duration_ns for call in calls)
    assert any(
        call.reported_cost and call.reported_cost == one.cost.amount for call, one in zip(calls, priced, strict=True)
    )
    assert not any(call.usage.flags for call in calls)


def test_failed_calls_are_tried_again_within_their_trace(traces: dict[bytes, list[Span]]) -> None:
    retried = [
        span
        for trace in traces.values()
        for span in trace
        if span.attributes.get("retry.attempt") and span.attributes.get("feature") == "support.reply"
    ]
    assert retried


def test_business_hours_and_weekdays(calls: list[Call]) -> None:
    office = [call for call in calls if call.attribution.feature == "contracts.review"]
    by_weekday = Counter((call.start_ns // DAY_NS + 3) % 7 for call in office)
    assert by_weekday[1] > 3 * by_weekday[6]
    by_hour = Counter(call.start_ns // HOUR_NS % 24 for call in office)
    assert by_hour[14] > 5 * by_hour[3]


def test_the_retry_loop_sends_many_more_calls_and_some_are_refused(priced: list[PricedCall]) -> None:
    window = anomalies.planted(END).retry_loop
    length = window.end_ns - window.start_ns
    assert length == 3 * HOUR_NS
    feature = [one for one in priced if one.call.attribution.feature == window.feature]

    def between(start: int) -> list[PricedCall]:
        return [one for one in feature if start <= one.call.start_ns < start + length]

    looped = between(window.start_ns)
    usual = (len(between(window.start_ns - DAY_NS)) + len(between(window.start_ns - 2 * DAY_NS))) / 2
    assert 15 * usual < len(looped) < 90 * usual
    refused = sum(one.call.error_type == "openai.RateLimitError" for one in looped)
    assert 0.09 < refused / len(looped) < 0.16
    paid = sum(one.cost.amount is not None and one.cost.amount > 0 for one in looped)
    assert paid > 0.8 * len(looped)


def test_the_retry_loop_sends_the_same_prompt(traces: dict[bytes, list[Span]]) -> None:
    window = anomalies.planted(END).retry_loop
    looped = [
        Counter(span.attributes.get("gen_ai.usage.input_tokens") for span in trace if span.parent_span_id)
        for trace in traces.values()
        if len(trace) > 5 and trace[-1].attributes.get("feature", trace[0].attributes.get("feature")) == window.feature
    ]
    assert any(sum(prompts.values()) == anomalies.RETRIES for prompts in looped)
    # Refused calls tell no usage.
    assert all(len(prompts) <= 2 for prompts in looped)


@pytest.mark.parametrize("day", range(7))
def test_nothing_is_planted_on_a_weekend(day: int) -> None:
    found = anomalies.planted(END + day * DAY_NS)
    for window in (found.retry_loop, found.prompt_inflation):
        assert (window.start_ns // DAY_NS + 3) % 7 < 5
        assert END // DAY_NS * DAY_NS + (day + 1) * DAY_NS - window.start_ns >= 3 * DAY_NS


def test_the_new_prompt_doubles_the_input(calls: list[Call]) -> None:
    window = anomalies.planted(END).prompt_inflation
    before: list[int] = []
    since: list[int] = []
    for call in calls:
        if call.attribution.feature == window.feature and call.usage.input_tokens is not None:
            (since if call.start_ns >= window.start_ns else before).append(call.usage.input_tokens)
            inflated = call.attribution.prompt_version == "reply-2026.5"
            # Requests that arrived just before the deployment finish on the old version.
            assert inflated == (call.start_ns >= window.start_ns) or call.start_ns - window.start_ns < HOUR_NS
    assert 1.9 < (sum(since) / len(since)) / (sum(before) / len(before)) < 2.1


@pytest.mark.parametrize("few", [100, 1000, CALLS])
def test_one_completion_runs_away(few: int) -> None:
    window = anomalies.planted(END).runaway
    found = [
        span
        for batch in batches(7, few, END)
        for span in batch
        if span.attributes.get("gen_ai.usage.output_tokens", 0) > 100_000
    ]
    assert len(found) == 1
    assert window.start_ns <= found[0].start_ns < window.end_ns
    (call,) = calls_of(found)
    assert call.request_model == "gpt-5"
    assert call.usage.output_tokens == 126_208
    amount = price(call, base.load()).amount
    assert amount is not None
    # 69,000 tokens in at $1.25 and 126,208 out at $10 per million.
    assert money.to_text(amount) == "1.34833"
