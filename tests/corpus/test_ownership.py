"""Every recorded case's spans, shuffled, repeated and cut into batches at will: the same calls with the same owners."""

import random

import hypothesis
import pytest
from corpus import recording
from hypothesis import strategies as st

from farthing.model.call import Call
from farthing.model.span import Span

EXAMPLES_PER_CASE = 12
CASES = [case for case in recording.cases() if recording.spans(case)]


def ordered(calls: list[Call]) -> list[Call]:
    return sorted(calls, key=lambda call: (call.trace_id, call.span_id))


def test_enough_examples_are_drawn() -> None:
    assert EXAMPLES_PER_CASE * len(CASES) >= 2_000


@pytest.mark.parametrize("case", CASES)
def test_order_repetition_and_cuts_change_nothing(case: str) -> None:
    spans = recording.spans(case)
    expected = ordered(recording.understood(spans))

    @hypothesis.settings(max_examples=EXAMPLES_PER_CASE, deadline=None, database=None)
    @hypothesis.given(st.randoms(use_true_random=False), st.integers(0, 3))
    def holds(chance: random.Random, repeated: int) -> None:
        mixed = spans + chance.choices(spans, k=repeated)
        chance.shuffle(mixed)
        # Pieces arrive one after the other; each time, all that is known of their traces is understood anew.
        known: list[Span] = []
        cut = chance.randint(0, len(mixed))
        for piece in (mixed[:cut], mixed[cut:]):
            known += piece
            calls = recording.understood(known)
        assert ordered(calls) == expected

    holds()


@pytest.mark.parametrize("case", CASES)
def test_every_duplicate_points_to_an_owner(case: str) -> None:
    calls = recording.calls(case)
    owners = {(call.trace_id, call.span_id) for call in calls if call.owner is None}
    for call in calls:
        if call.owner is not None:
            assert (call.owner_trace or call.trace_id, call.owner) in owners
            assert call.owner_trace != call.trace_id


@pytest.mark.parametrize("case", CASES)
def test_traces_that_hold_duplicates_of_each_other_share_a_link(case: str) -> None:
    calls = recording.calls(case)
    links: dict[bytes, set[int | str]] = {}
    for call in calls:
        links.setdefault(call.trace_id, set()).update(call.links)
    for call in calls:
        if call.owner_trace is not None:
            assert links[call.trace_id] & links[call.owner_trace]
