"""OTLP protobuf bytes in; spans out, None for each that is no span.

Source: https://opentelemetry.io/docs/specs/otlp/ and opentelemetry-proto's trace.proto.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from farthing.errors import BadRequestError
from farthing.intake import lean
from farthing.model.span import Attributes, Resource, Scope, Span, SpanEvent, Value

_ZERO_SPAN = b"\0" * 8
_MOST_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 160

_pairs: dict[bytes, tuple[str, Value]] = {}
# Attributes that came before, by their bytes: most of a span's are the same as the last one's. Filled by one
# thread; whoever else reads sees a pair or none.


def spans(body: bytes) -> Iterator[Span | None]:
    """Yield the spans of an ExportTraceServiceRequest; None stands for one that is malformed.

    Raises `BadRequestError` when the bytes are not such a request.
    """
    for raw, scope, resource in records(body, "ExportTraceServiceRequest"):
        yield _span(raw, scope, resource)


def records(body: bytes, named: str) -> Iterator[tuple[bytes, Scope, Resource]]:
    """Yield what a request of any signal holds, still as bytes: the three have the same envelope.

    Raises `BadRequestError`, by the name of the message that was asked for, when the bytes are no such request.
    """
    try:
        request = lean.Request.FromString(body)
    except DecodeError as error:
        msg = f"The body is not an OTLP {named} in protobuf: {error}"
        raise BadRequestError(msg) from error
    for group in request.groups:
        resource = Resource(_lenient(group.resource.attributes))
        for scoped in group.scopes:
            scope = Scope(_readable(scoped.scope.name), _readable(scoped.scope.version))
            for raw in scoped.spans:
                yield raw, scope, resource


def _span(raw: bytes, scope: Scope, resource: Resource) -> Span | None:
    try:
        span = lean.Span.FromString(raw)
        parent: bytes = span.parent_span_id
        start: int = span.start
        status = span.status
        events = span.events
        return Span(
            span.trace_id,
            span.span_id,
            b"" if parent == _ZERO_SPAN else parent,
            span.name.decode(),
            span.kind & 0xFF,
            start,
            max(span.end, start),
            status.code & 0xFF,
            status.message.decode(),
            scope,
            resource,
            _attributes(span.attributes),
            tuple(SpanEvent(e.name.decode(), e.time, _attributes(e.attributes)) for e in events) if events else (),
        )
    except (DecodeError, UnicodeDecodeError):
        return None


def _attributes(raw_pairs: Iterable[bytes]) -> Attributes:
    known = _pairs.get
    return dict([known(raw) or _pair(raw) for raw in raw_pairs])


def _pair(raw: bytes) -> tuple[str, Value]:
    """One attribute from its bytes. Raises `DecodeError`, for broken text too."""
    message = KeyValue.FromString(raw)
    value = message.value
    pair = (message.key, value.string_value or value_of(value))
    if len(raw) <= _LONGEST_REMEMBERED:
        if len(_pairs) >= _MOST_REMEMBERED:
            _pairs.clear()
        _pairs[raw] = pair
    return pair


def value_of(value: AnyValue) -> Value:  # noqa: PLR0911  one return per kind of value reads best
    """An attribute's or a body's value; None for none."""
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
            return [value_of(item) for item in value.array_value.values]
        case "kvlist_value":
            return {pair.key: value_of(pair.value) for pair in value.kvlist_value.values}
        case "bytes_value":
            return value.bytes_value
        case _:
            return None


def _lenient(raw_pairs: Iterable[bytes]) -> Attributes:
    # A resource attribute that can't be read costs itself, not the process's spans.
    out: Attributes = {}
    for raw in raw_pairs:
        try:
            out.update([_pair(raw)])
        except DecodeError:
            continue
    return out


def _readable(raw: Any) -> str:
    return raw.decode(errors="replace")
