"""Recorded telemetry of real libraries, compared with what the provider really served, to the token and the cent."""

import pytest
from corpus import recording

from farthing.model import money
from farthing.model.call import Call, Status
from farthing.pricing import base
from farthing.pricing.cost import price

LOST = {
    "otelv2-default/chat_stream_nousage": "the provider sent no usage with the stream",
    "otelgenai-default/chat_stream_nousage": "the provider sent no usage with the stream",
    "openlit-1.34/chat_stream": "the library guesses a stream's tokens from its text",
    "openlit-1.34/two_level": "one of the two calls is such a stream",
    "openlit-1.34/anthropic_chat": "the library leaves out cached input, so the full input can't be known",
    "openlit-1.34/anthropic_cached": "the library leaves out cached input, so the full input can't be known",
    "openlit-1.34/anthropic_cached_stream": "the library leaves out cached input, so the full input can't be known",
}
"""Cases whose input or cost can't be known from the bytes, and why."""

NEVER_SENT = {
    "otelv2-default/responses": "the library does not instrument the Responses API",
    "otelv2-default/responses_stream": "the library does not instrument the Responses API",
}

CRASHED = {"openlit-1.34/tools": "the library fails on a request with tool messages and reports an error of its own"}

COST = {
    "otelv2-default/attrs": "0.0000267",
    "otelv2-default/cached": "0.008015",  # the cached part is not reported: priced as if there were none
    "otelv2-default/chat": "0.00001335",
    "otelv2-default/chat_stream": "0.00001335",
    "otelv2-default/embeddings": "0.00000032",
    "otelv2-default/reasoning": "0.0053009",
    "otelv2-default/tools": "0.00005595",
    "otelv2-default/two_level": "0.0000267",
    "otelgenai-default/anthropic_cached": "0.0086532",
    "otelgenai-default/anthropic_cached_stream": "0.0086532",
    "otelgenai-default/anthropic_chat": "0.000318",
    "otelgenai-default/anthropic_stream": "0.000318",
    "otelgenai-default/anthropic_tools": "0.000636",
    "otelgenai-default/attrs": "0.0000267",
    "otelgenai-default/cached": "0.005615",
    "otelgenai-default/chat": "0.00001335",
    "otelgenai-default/chat_stream": "0.00001335",
    "otelgenai-default/embeddings": "0.00000032",
    "otelgenai-default/reasoning": "0.0053009",
    "otelgenai-default/responses": "0.01195375",
    "otelgenai-default/tools": "0.00005595",
    "otelgenai-default/two_level": "0.0000267",
    "openlit-1.34/cached": "0.008015",  # likewise
    "openlit-1.34/chat": "0.00001335",
    "openlit-1.34/embeddings": "0.00000032",
    "openlit-1.34/reasoning": "0.0053009",
}
"""Dollars, worked out by hand from the providers' list prices of the day."""


def owners(case: str) -> tuple[list[Call], list[Call]]:
    found = [call for call in recording.calls(case) if call.owner is None]
    return [c for c in found if c.status is Status.OK], [c for c in found if c.status is Status.ERROR]


@pytest.mark.parametrize("case", [c for c in recording.cases() if c not in NEVER_SENT | CRASHED])
def test_calls_and_tokens_are_the_truth(case: str) -> None:
    served = [call for call in recording.truth(case) if not call.get("error")]
    refused = [call for call in recording.truth(case) if call.get("error")]
    good, bad = owners(case)
    assert len(good) == len(served)
    assert len(bad) == len(refused)
    assert all(not call.usage.buckets for call in bad)
    truths = sorted(
        (
            call["response_id"] if call.get("response_id") else "",
            call["input_tokens_including_cache"],
            call["output_tokens_including_reasoning"],
        )
        for call in served
    )
    for call, (response_id, input_tokens, output_tokens) in zip(
        sorted(good, key=lambda c: c.response_id), truths, strict=True
    ):
        assert call.response_id == response_id
        if case in LOST:
            assert call.usage.input_tokens in (None, input_tokens)
            assert call.usage.output_tokens in (None, output_tokens)
        else:
            assert (call.usage.input_tokens, call.usage.output_tokens) == (input_tokens, output_tokens)


@pytest.mark.parametrize("case", recording.cases())
def test_parts_are_the_truth_or_unknown(case: str) -> None:
    served = {call["response_id"]: call for call in recording.truth(case) if call.get("response_id")}
    for call in owners(case)[0]:
        truth = served.get(call.response_id)
        if truth is None:
            continue
        assert call.usage.cache_read_tokens in (None, truth["cached_input_tokens"])
        assert call.usage.cache_write_tokens in (None, truth["cache_write_tokens"])
        assert call.usage.reasoning_tokens in (None, truth["reasoning_tokens"])
        assert call.usage.buckets.get("audio_input") in (None, truth["audio_input_tokens"])


@pytest.mark.parametrize("case", sorted(LOST))
def test_what_was_lost_is_unknown(case: str) -> None:
    catalog = base.load()
    assert any(price(call, catalog).amount is None for call in owners(case)[0])


@pytest.mark.parametrize("case", sorted(NEVER_SENT))
def test_what_was_never_sent_is_not_made_up(case: str) -> None:
    assert recording.calls(case) == []


@pytest.mark.parametrize("case", sorted(CRASHED))
def test_a_crash_of_the_library_hides_no_call(case: str) -> None:
    good, bad = owners(case)
    assert len(good) + len(bad) == len(recording.truth(case))


@pytest.mark.parametrize("case", sorted(COST))
def test_cost_is_exact(case: str) -> None:
    catalog = base.load()
    amounts = [price(call, catalog).amount for call in owners(case)[0]]
    known = [amount for amount in amounts if amount is not None]
    assert len(known) == len(amounts)
    assert money.to_text(sum(known)) == COST[case]


@pytest.mark.parametrize("case", recording.cases())
def test_order_and_repetition_change_nothing(case: str) -> None:
    spans = recording.spans(case)
    forwards = recording.calls_of(spans) if len({s.trace_id for s in spans}) == 1 else None
    if forwards is not None:
        assert recording.calls_of([*reversed(spans), *spans]) == forwards
