"""An OTLP trace request (protobuf or JSON bytes) in; its good spans and the counted reasons for the bad ones out.

Source: https://opentelemetry.io/docs/specs/otlp/ (encodings, JSON ids in hex, 64-bit integers as strings)
and opentelemetry-proto's trace.proto.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from farthing.errors import BadRequestError
from farthing.intake import otlp_json, wire
from farthing.model.span import Attributes, Resource, Scope, Span, SpanEvent, Value
from farthing.pipeline import DropReason

__all__ = ["DecodeError", "Decoded", "check_json", "decode_json", "decode_protobuf", "flaw"]

DAY_NS = 86_400 * 10**9
EARLIEST_NS = 1_262_304_000 * 10**9
"""2010-01-01: no LLM call is older, a clock that says so is unset."""

_ZERO_TRACE, _ZERO_SPAN = b"\0" * 16, b"\0" * 8


class Decoded(msgspec.Struct):
    """The spans of one request and what was wrong with the others."""

    spans: list[Span]
    rejected: Counter[DropReason]


def decode_protobuf(body: bytes, now_ns: int) -> Decoded:
    """Decode an ExportTraceServiceRequest. Raises `BadRequestError` when the bytes are not one."""
    request = ExportTraceServiceRequest()
    out = Decoded([], Counter())
    try:
        request.ParseFromString(body)
    except DecodeError:
        # One span with, say, broken UTF-8 spoils the whole parse: take the request apart and lose only that span.
        groups: Iterator[ResourceSpans] = _salvage(body, out)
    else:
        groups = iter(request.resource_spans)
    for group in groups:
        resource = Resource(_attributes(group.resource.attributes))
        for scoped in group.scope_spans:
            scope = Scope(scoped.scope.name, scoped.scope.version)
            for wire_span in scoped.spans:
                span = _span(wire_span, scope, resource)
                reason = flaw(span, now_ns)
                if reason is None:
                    out.spans.append(span)
                else:
                    out.rejected[reason] += 1
    return out


def decode_json(body: bytes, now_ns: int) -> Decoded:
    """Decode OTLP/JSON. Raises `BadRequestError` when it is not JSON of that shape."""
    out = Decoded([], Counter())
    for span in otlp_json.spans(body):
        reason = DropReason.MALFORMED if span is None else flaw(span, now_ns)
        if span is None or reason is not None:
            out.rejected[reason or DropReason.MALFORMED] += 1
        else:
            out.spans.append(span)
    return out


def check_json(body: bytes) -> None:
    """Accept any JSON object. Raises `BadRequestError` for anything else."""
    otlp_json.request(body)


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


def _span(wire_span: WireSpan, scope: Scope, resource: Resource) -> Span:
    parent = wire_span.parent_span_id
    start = wire_span.start_time_unix_nano
    events = wire_span.events
    return Span(
        wire_span.trace_id,
        wire_span.span_id,
        b"" if parent == _ZERO_SPAN else parent,
        wire_span.name,
        wire_span.kind,
        start,
        max(wire_span.end_time_unix_nano, start),
        wire_span.status.code,
        wire_span.status.message,
        scope,
        resource,
        _attributes(wire_span.attributes),
        tuple(SpanEvent(e.name, e.time_unix_nano, _attributes(e.attributes)) for e in events) if events else (),
    )


def _attributes(pairs: Any) -> Attributes:
    out: Attributes = {}
    for pair in pairs:
        value = pair.value
        # Most values are non-empty strings; asking for the field is a third of the price of WhichOneof.
        out[pair.key] = value.string_value or _value(value)
    return out


def _value(value: AnyValue) -> Value:  # noqa: PLR0911  one return per kind of value reads best
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case "bool_value":
            return value.bool_value
        case "array_value":
            return [_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return {pair.key: _value(pair.value) for pair in value.kvlist_value.values}
        case "bytes_value":
            return value.bytes_value
        case _:
            return None


def _salvage(body: bytes, out: Decoded) -> Iterator[ResourceSpans]:
    """Parse group by group, scope by scope, span by span; count what doesn't parse."""
    try:
        for group_bytes in wire.submessages(body, 1):
            group = ResourceSpans()
            for scoped_bytes in wire.submessages(group_bytes, 2):
                scoped = ScopeSpans()
                _merge_field(scoped.scope, scoped_bytes, 1)
                for span_bytes in wire.submessages(scoped_bytes, 2):
                    try:
                        scoped.spans.append(WireSpan.FromString(span_bytes))
                    except DecodeError:
                        out.rejected[DropReason.MALFORMED] += 1
                group.scope_spans.append(scoped)
            _merge_field(group.resource, group_bytes, 1)
            yield group
    except wire.WireError as error:
        msg = f"The body is not an OTLP ExportTraceServiceRequest in protobuf: {error}"
        raise BadRequestError(msg) from error


def _merge_field(message: Any, data: bytes, field: int) -> None:
    for part in wire.submessages(data, field):
        try:
            message.MergeFromString(part)
        except DecodeError:
            # A resource or scope that can't be read costs its attributes, not its spans.
            continue
