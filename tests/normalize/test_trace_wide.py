"""Spans of one trace of which one speaks for all, and the attribution of the calls among them."""

from typing import Any

from farthing.model.attribution import Attribution
from farthing.model.span import Resource, Scope, Span
from farthing.normalize.trace import calls_of


def made(number: int, parent: int, attributes: dict[str, Any]) -> Span:
    return Span(
        b"t" * 16,
        bytes([number] * 8),
        bytes([parent] * 8) if parent else b"",
        "span",
        1,
        10**9 + number,
        2 * 10**9,
        0,
        "",
        Scope("langfuse-sdk", "3.15.0"),
        Resource(),
        attributes,
    )


def test_what_one_span_of_langfuse_says_of_the_trace_holds_for_all_of_it() -> None:
    generation = {"langfuse.observation.type": "generation", "langfuse.observation.model.name": "gpt-4o"}
    spans = [
        made(1, 0, {"langfuse.observation.type": "span"}),
        made(2, 1, generation),
        made(3, 1, {"user.id": "u", "langfuse.trace.tags": ["beta"], "langfuse.trace.metadata.feature": "search"}),
        made(4, 1, {"user.id": "later", "session.id": "s"}),
        made(5, 1, generation | {"user.id": "own"}),
    ]
    for order in (spans, spans[::-1]):
        first, second = sorted(calls_of(order), key=lambda call: call.span_id)
        assert first.attribution == Attribution(user_id="u", session_id="s", feature="search", tags={"beta": "true"})
        assert second.attribution.user_id == "own"
