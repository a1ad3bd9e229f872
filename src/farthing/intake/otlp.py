"""An OTLP trace request (protobuf or JSON bytes) in; its good spans and the counted reasons for the bad ones out.

Source: https://opentelemetry.io/docs/specs/otlp/ (encodings, JSON ids in hex, 64-bit integers as strings)
and opentelemetry-proto's trace.proto.
"""

from collections.abc import Iterator

import msgspec

from farthing.intake import otlp_json, otlp_protobuf
from farthing.model.flaw import DropReason, Flaws, Refused
from farthing.model.span import Span

DAY_NS = 86_400 * 10**9
EARLIEST_NS = 1_262_304_000 * 10**9
"""2010-01-01: no LLM call is older, a clock that says so is unset."""

_ZERO_TRACE, _ZERO_SPAN = bytes(16), bytes(8)


class Decoded(msgspec.Struct):
    """The spans of one request and what was wrong with the others."""

    spans: list[Span]
    flaws: Flaws


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportTraceServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    flaws = Flaws()
    return Decoded(_judged(otlp_protobuf.spans(body, flaws.repaired), now_ns, flaws), flaws)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    flaws = Flaws()
    return Decoded(_judged(otlp_json.spans(body, flaws.repaired), now_ns, flaws), flaws)


def _judged(found: Iterator[Span | Refused], now_ns: int, flaws: Flaws) -> list[Span]:
    good: list[Span] = []
    for span in found:
        if isinstance(span, Refused):
            flaws.reject(span)
        elif (reason := flaw(span, now_ns)) is not None:
            flaws.reject(Refused(reason, span))
        else:
            good.append(span)
    return good


def flaw(span: Span, now_ns: int) -> DropReason | None:
    """What makes this span unusable, or None."""
    if len(span.trace_id) != 16 or span.trace_id == _ZERO_TRACE:
        return DropReason.BAD_TRACE_ID
    if len(span.span_id) != 8 or span.span_id == _ZERO_SPAN:
        return DropReason.BAD_SPAN_ID
    if len(span.parent_span_id) not in (0, 8):
        return DropReason.BAD_PARENT_ID
    if span.start_ns < EARLIEST_NS:
        return DropReason.TOO_OLD
    if span.start_ns > now_ns + DAY_NS or span.end_ns > now_ns + DAY_NS:
        return DropReason.IN_THE_FUTURE
    return None
