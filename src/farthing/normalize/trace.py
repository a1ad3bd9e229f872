"""All known spans of one trace in; its calls out: dialect chosen, owners decided, attribution inherited.

A pure function of the set of spans: order, batches and repetitions make no difference.
"""

from collections.abc import Iterable, Mapping

import msgspec

from farthing.model.call import Call
from farthing.model.span import Span
from farthing.normalize import billable, registry
from farthing.normalize.attribution import attribute
from farthing.normalize.reading import Reading

DEEPEST = 512
"""Ancestors further up than this are not asked; a trace so deep is broken or hostile."""


def calls_of(spans: Iterable[Span]) -> list[Call]:
    """The calls of one trace, owners and those that restate them."""
    found: list[tuple[Span, Reading]] = []
    by_id: dict[bytes, Span] = {}
    for span in spans:
        held = by_id.get(span.span_id)
        if held is None or _identity(span) < _identity(held):
            by_id[span.span_id] = span
    for span in by_id.values():
        reading = registry.read(span)
        if reading is not None:
            found.append((span, reading))
    if not found:
        return []
    if len(by_id) == 1:
        span, reading = found[0]
        return [_attributed(reading.call, span, [])]
    ancestors = {span.span_id: _ancestors(span, by_id) for span, _ in found}
    attributed = [
        billable.Candidate(
            _attributed(reading.call, span, ancestors[span.span_id]),
            tuple(a.span_id for a in ancestors[span.span_id]),
            reading.wrapper,
        )
        for span, reading in found
    ]
    return billable.decide(attributed)


def _attributed(call: Call, span: Span, ancestors: list[Span]) -> Call:
    named = attribute((span.attributes, *(a.attributes for a in ancestors)), span.resource.attributes)
    return msgspec.structs.replace(call, attribution=named)


def _ancestors(span: Span, by_id: Mapping[bytes, Span]) -> list[Span]:
    """The span's known ancestors, nearest first; a cycle ends the walk."""
    out: list[Span] = []
    seen = {span.span_id}
    at = by_id.get(span.parent_span_id)
    while at is not None and at.span_id not in seen and len(out) < DEEPEST:
        out.append(at)
        seen.add(at.span_id)
        at = by_id.get(at.parent_span_id)
    return out


def _identity(span: Span) -> tuple[int, int, str, int]:
    # Two different spans under one id: which one counts must not depend on who came first.
    return (span.start_ns, -span.end_ns, span.name, -len(span.attributes))
