"""Fragments of one span, drawn; the span they make is the same in any order and however often they come."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from farthing.model.fragment import Fragment
from farthing.model.span import STATUS_ERROR
from farthing.normalize.fragments import LEVEL, OF_TRACE, OPEN, TAGS, TRACE_ID, merged, own_span

TRACE, SPAN = b"t" * 16, b"s" * 8
METADATA = "langfuse.observation.metadata.k"


def fragment(number: int, **told: Any) -> Fragment:
    return Fragment(TRACE, SPAN, number.to_bytes(16, "big"), told.pop("at", number * 100), False, **told)


values = st.one_of(st.integers(0, 3), st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2))
attributes = st.fixed_dictionaries(
    {},
    optional={
        "plain": st.integers(0, 3),
        METADATA: values.map(lambda value: msgspec.json.encode(value).decode()),
        TAGS: st.lists(st.sampled_from("xyz"), max_size=2),
    },
)
maybe_times = st.one_of(st.none(), st.integers(0, 50))


@st.composite
def fragments(draw: st.DrawFn) -> list[Fragment]:
    count = draw(st.integers(1, 5))
    return [
        fragment(
            number,
            at=draw(st.integers(0, 3)),
            name=draw(st.sampled_from([None, "a", "b"])),
            start_ns=draw(maybe_times),
            end_ns=draw(maybe_times),
            attributes=draw(attributes),
        )
        for number in range(count)
    ]


@given(told=fragments(), data=st.data())
def test_order_makes_no_difference(told: list[Fragment], data: st.DataObject) -> None:
    assert merged(data.draw(st.permutations(told))) == merged(told)


@given(told=fragments())
def test_with_more_known_a_span_never_begins_later(told: list[Fragment]) -> None:
    """Of two versions that were kept the earlier start is the one that counts."""
    starts = [merged(told[: number + 1]).start_ns for number in range(len(told))]
    assert starts == sorted(starts, reverse=True)


def test_what_is_not_told_erases_nothing_and_metadata_are_merged_at_any_depth() -> None:
    span = merged(
        [
            fragment(2, end_ns=9, attributes={METADATA: '{"a":{"y":2}}', TAGS: ["b"], "model": "new"}),
            fragment(
                1, name="n", start_ns=5, attributes={METADATA: '{"a":{"x":1},"z":0}', TAGS: ["a"], "model": "old"}
            ),
        ]
    )
    assert (span.name, span.start_ns, span.end_ns) == ("n", 5, 9)
    assert span.attributes == {METADATA: '{"a":{"x":1,"y":2},"z":0}', TAGS: ["a", "b"], "model": "new"}


def test_a_span_of_which_nobody_told_the_end_is_open_and_stands_below_its_trace() -> None:
    span = merged(
        [fragment(1, attributes={LEVEL: "ERROR", TRACE_ID: "mine"}, content={"langfuse.observation.input": '"said"'})]
    )
    assert span.attributes[OPEN] is True
    assert span.attributes["langfuse.observation.input"] == '"said"'
    assert (span.parent_span_id, span.status) == (own_span(TRACE), STATUS_ERROR)
    assert merged([fragment(1, attributes={TRACE_ID: "mine", OF_TRACE: True})]).parent_span_id == b""
    assert merged([fragment(1, parent_span_id=b"p" * 8), fragment(2)]).parent_span_id == b"p" * 8
