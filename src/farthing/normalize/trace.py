"""All known spans of one trace in; its calls out: dialect chosen, owners decided, attribution inherited.

A pure function of the set of spans: order, batches and repetitions make no difference.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from farthing.model.call import Call
from farthing.model.span import Attributes, Span
from farthing.model.usage import UsageSource
from farthing.normalize import billable, logs, passed, quantities, region, registry
from farthing.normalize.attribution import attribute
from farthing.normalize.candidate import Candidate
from farthing.normalize.links import links
from farthing.normalize.reading import Reading
from farthing.normalize.trace_wide import trace_wide

DEEPEST = 512
"""Ancestors further up than this are not asked; a trace so deep is broken or hostile."""


def calls_of(spans: Iterable[Span]) -> list[Call]:
    """The calls of one trace, owners and those that restate them."""
    spans = spans if isinstance(spans, list) else list(spans)
    if len(spans) == 1:  # most clients' spans are traces of their own
        if spans[0].scope.name == passed.SCOPE and (call := passed.call_of(spans[0])) is not None:
            return [call]
        reading = _reading(spans[0])
        return [] if reading is None else [_call(spans[0], reading, [], {})]
    found, by_id, outdated = _read(spans)
    if outdated:
        return _with_outdated(billable.decide(_candidates(found, by_id)), outdated)
    if len(found) == 1:
        span, reading = found[0]
        alone = len(by_id) == 1
        return [
            _call(span, reading, [] if alone else _ancestors(span, by_id), {} if alone else trace_wide(by_id.values()))
        ]
    return billable.decide(_candidates(found, by_id)) if found else []


def calls_of_linked(spans: Iterable[Span]) -> list[Call]:
    """The calls of several traces together: what one says of a call may restate what another does (`Call.links`)."""
    traces: dict[bytes, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    candidates: list[Candidate] = []
    outdated: list[Call] = []
    for trace in traces.values():
        found, by_id, of_trace = _read(trace)
        candidates += _candidates(found, by_id)
        outdated += of_trace
    calls = billable.decide(candidates) if candidates else []
    return _with_outdated(calls, outdated) if outdated else calls


def _read(spans: Iterable[Span]) -> tuple[list[tuple[Span, Reading]], dict[bytes, Span], list[Call]]:
    """One trace's spans that tell of calls, all its spans by id, and the calls of spans that were sent with two starts.

    A row of a call goes by its start too: what an outdated version once said must be said again, as restated.
    """
    by_id: dict[bytes, Span] = {}
    again: list[Span] = []
    for span in spans:
        held = by_id.setdefault(span.span_id, span)
        if held is not span:
            again.append(span)
    versions = _versions(by_id, again) if again else {}
    found: list[tuple[Span, Reading]] = []
    outdated: list[Call] = []
    for span_id, span in by_id.items():
        reading = _reading(span)
        for other in versions.get(span_id, ()):
            told = _reading(other)
            if told is None:
                continue
            if reading is None:  # only a later version says that it is a call
                span, reading = other, told  # noqa: PLW2901
            elif other.start_ns != span.start_ns:
                outdated.append(_call(other, told, [], {}))
        if reading is not None:
            found.append((span, reading))
    return found, by_id, outdated


def _versions(by_id: dict[bytes, Span], again: Sequence[Span]) -> dict[bytes, list[Span]]:
    """Leaves the version that counts in `by_id`; the others of each id, in order, one for each start."""
    told: dict[bytes, list[Span]] = {}
    for span in again:
        told.setdefault(span.span_id, [by_id[span.span_id]]).append(span)
    for span_id, spans in told.items():
        spans.sort(key=_identity)
        by_id[span_id] = spans[0]
        starts = {span.start_ns: span for span in reversed(spans[1:])}
        told[span_id] = [starts[start] for start in sorted(starts)]
    return told


def _reading(span: Span) -> Reading | None:
    reading = registry.read(span)
    if reading is not None and (used := quantities.used(span.attributes, reading.call.model)):
        reading = msgspec.structs.replace(reading, call=_with(reading.call, used))
    # What only wraps calls and tells no usage says nothing that its attributes don't.
    if reading is not None and reading.wrapper and reading.call.usage.source is UsageSource.MISSING:
        return None
    return reading


def _with(call: Call, used: Mapping[str, int]) -> Call:
    """The call with what it used besides tokens."""
    usage = call.usage
    if any(usage.buckets.values()):
        used = {b: n for b, n in used.items() if b.partition(".")[0] not in quantities.INSTEAD_OF_TOKENS}
    buckets = {**used, **usage.buckets}
    source = UsageSource.PROVIDER if usage.source is UsageSource.MISSING else usage.source
    return msgspec.structs.replace(call, usage=msgspec.structs.replace(usage, buckets=buckets, source=source))


def _with_outdated(calls: list[Call], outdated: Iterable[Call]) -> list[Call]:
    """The calls, and beside them what their spans' outdated versions said, owned by whoever owns the call now."""
    counting = {(call.trace_id, call.span_id): call for call in calls}
    for call in outdated:
        now = counting[call.trace_id, call.span_id]
        owner, owner_trace = now.owner or now.span_id, now.owner_trace
        calls.append(msgspec.structs.replace(call, owner=owner, owner_trace=owner_trace))
    return calls


def _candidates(found: list[tuple[Span, Reading]], by_id: Mapping[bytes, Span]) -> list[Candidate]:
    out: list[Candidate] = []
    wide = trace_wide(by_id.values())
    for span, reading in found:
        ancestors = _ancestors(span, by_id)
        of_log = logs.is_made_of_log(span)
        out.append(
            Candidate(
                _call(span, reading, ancestors, wide),
                # What an instrumentation logs of a call is not another call of that instrumentation.
                f"{span.scope.name} {logs.LOG}" if of_log else span.scope.name,
                span.parent_span_id,
                tuple([a.span_id for a in ancestors]),
                reading.wrapper,
                reading.opening,
                reading.closing,
                of_log,
            )
        )
    return out


def _call(span: Span, reading: Reading, ancestors: list[Span], wide: Attributes) -> Call:
    call = reading.call
    told = [span.attributes, *[a.attributes for a in ancestors], wide] if ancestors or wide else [span.attributes]
    named = attribute(told, span.resource.attributes)
    place = region.served(span.attributes, call.request_model, call.response_model)
    return msgspec.structs.replace(call, attribution=named, links=links(reading, span), region=place)


def _ancestors(span: Span, by_id: Mapping[bytes, Span]) -> list[Span]:
    """The span's known ancestors, nearest first. Of spans that are each other's ancestors the first is the root."""
    at = by_id.get(span.parent_span_id)
    if at is None:
        return []
    out: list[Span] = []
    path = {span.span_id: 0}
    while at is not None and len(out) < DEEPEST:
        if at.span_id in path:
            circle = [span, *out][path[at.span_id] :]
            root = min(one.span_id for one in circle)
            return out[: path[root]]
        out.append(at)
        path[at.span_id] = len(out)
        at = by_id.get(at.parent_span_id)
    return out


def _identity(span: Span) -> tuple[int, int, str, int]:
    # Two different spans under one id: which one counts must not depend on who came first.
    return (span.start_ns, -span.end_ns, span.name, -len(span.attributes))
