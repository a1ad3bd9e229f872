"""What one span tells of a call in; the keys under which a span of another trace may tell of the same call, out.

Two traces are understood together when calls of theirs share a key. A key in common proves nothing yet: it is for
`same_call` to decide. A missing one hides a duplicate, one too many only costs reading a trace in vain.
"""

from hashlib import blake2b
from typing import Any

from farthing.model.call import GATEWAY, Call, Status
from farthing.model.span import Span
from farthing.model.usage import UsageSource
from farthing.normalize.reading import Reading

_START_NS = 2 * 10**9
"""Two instrumentations of one call start their spans less than half of this apart."""

_STREAM_NS = 120 * 10**9
"""A stream that is told in two spans closes less than half of this after its opening."""

_IN_PAIRS = frozenset({"openinference"})
"""Dialects of frameworks whose SDK, instrumented too, starts a trace of its own."""

_SUPPRESSING = "openllmetry"
"""Its framework keeps its SDK silent, so that calls come alone; but for OpenAI's Responses, whose id the framework doesn't tell."""

_MISTRAL = (".mistralai", "mistralai_sdk_tracer")
"""Scopes of an instrumentation of Mistral's SDK, and of the SDK itself, which doesn't tell the response's id."""

_ALONE = frozenset({"direct", GATEWAY})
"""Calls that are told one by one: nothing else tells of them but what knows the response's id, or their trace."""

_NATIVE = frozenset({"anthropic_sdk"})
"""Dialects of SDKs that instrument themselves, in a trace of their own where there is no parent."""


def links(reading: Reading, span: Span) -> tuple[int, ...]:
    """The keys as 64-bit numbers, which is how they are stored and looked up."""
    return tuple([_number(name) for name in _names(reading, span)])


def of_response(response_id: str) -> int:
    """The key of a response's id."""
    return _number(f"id\0{response_id}")


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _names(reading: Reading, span: Span) -> tuple[str, ...]:
    """The response's id, where there is one; the time and what was told where calls are known to come in pairs.

    Of a stream, one sighting may count what the other doesn't.
    """
    call = reading.call
    named = (f"id\0{call.response_id}",) if call.response_id else ()
    if call.dialect in _ALONE:
        return named
    if span.parent_span_id:
        return named  # what starts a trace of its own has no parent
    if reading.opening or reading.closing:
        return named + _cells(f"stream\0{_service(span)}\0{call.request_model}", call.start_ns, _STREAM_NS)
    if call.status is Status.ERROR and not named:
        return _cells(f"error\0{_service(span)}\0{call.request_model}", call.start_ns, _START_NS)
    # With an id on both sides nothing else is needed; the SDK's own spans have one, but their company may not.
    alone = call.provider != "anthropic" or (named and call.dialect not in _NATIVE)
    if alone and not _comes_in_pairs(call, span):
        return named
    keys = named
    if call.usage.source is UsageSource.PROVIDER:
        keys += _cells(f"output\0{_service(span)}\0{call.usage.output_tokens}", call.start_ns, _START_NS)
    if call.streaming or not named:
        keys += _cells(f"call\0{_service(span)}\0{call.request_model}", call.start_ns, _START_NS)
    return keys


def _comes_in_pairs(call: Call, span: Span) -> bool:
    if span.scope.name.endswith(_MISTRAL):
        return True
    if call.dialect != _SUPPRESSING:
        return call.dialect in _IN_PAIRS
    return span.scope.name.endswith(".langchain") or call.response_id.startswith("resp_")


def _cells(name: str, at_ns: int, size_ns: int) -> tuple[str, str]:
    """Two cells of time, half a cell apart: moments that are no further apart than that share one of them."""
    half = size_ns // 2
    return (f"{name}\0{at_ns // size_ns * 2}", f"{name}\0{(at_ns + half) // size_ns * 2 + 1}")


def _service(span: Span) -> Any:
    return span.resource.attributes.get("service.name", "")
