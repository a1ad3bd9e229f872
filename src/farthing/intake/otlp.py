"""An OTLP trace request (protobuf or JSON bytes) in; its good spans and the counted reasons for the bad ones out.

Source: https://opentelemetry.io/docs/specs/otlp/ (encodings, JSON ids in hex, 64-bit integers as strings)
and opentelemetry-proto's trace.proto.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from farthing.intake import otlp_json, otlp_protobuf
from farthing.model.span import Span
from farthing.prepare import DropReason

DAY_NS = 86_400 * 10**9
EARLIEST_NS = 1_262_304_000 * 10**9
"""2010-01-01: no LLM call is older, a clock that says so is unset."""

_ZERO_TRACE, _ZERO_SPAN = bytes(16), bytes(8)


class Decoded(msgspec.Struct):
    """The spans of one request and what was wrong with the others."""

    spans: list[Span]
    rejected: Counter[DropReason]


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportTraceServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    return _judged(otlp_protobuf.spans(body), now_ns)


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    return _judged(otlp_json.spans(body), now_ns)


def _judged(found: Iterator[Span | None], now_ns: int) -> Decoded:
    out = Decoded([], Counter())
    for span in found:
        reason = DropReason.MALFORMED if span is None else flaw(span, now_ns)
        if span is None or reason is not None:
            out.rejected[reason or DropReason.MALFORMED] += 1
        else:
            out.spans.append(span)
    return out


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
