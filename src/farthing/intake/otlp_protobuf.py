"""OTLP protobuf bytes in; spans out, mended where that is possible, and what is refused of them.

Source: https://opentelemetry.io/docs/specs/otlp/ and opentelemetry-proto's trace.proto.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from farthing.errors import BadRequestError
from farthing.intake import lean
from farthing.intake.mending import DEEPEST, MOST_ATTRIBUTES, MOST_EVENTS, bounded, end_of, fewer_events
from farthing.intake.protobuf_mending import mended
from farthing.model.flaw import DropReason, Notes, OddError, Refused, Repair, note
from farthing.model.span import Attributes, Resource, Scope, Span, SpanEvent, Value

_Item = TypeVar("_Item")

_ZERO_SPAN = b"\0" * 8
_MOST_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 160

_pairs: dict[bytes, tuple[str, Value]] = {}
# Attributes that came before, by their bytes: most of a span's are the same as the last one's. Filled by one
# thread; whoever else reads sees a pair or none.

_keys: dict[bytes, str] = {}
# Keys that came before, by the bytes up to where the value begins: those of an attribute whose value is new.

_VALUE, _TEXT, _INTEGER = 0x12, 0x0A, 0x18
# Tags on the wire: of KeyValue's value, and the kinds of AnyValue that nearly all attributes have.


def spans(body: bytes, repaired: Counter[Repair]) -> Iterator[Span | Refused]:
    """Yield the spans of an ExportTraceServiceRequest, and what is none; repairs are counted.

    Raises `BadRequestError` when the bytes are not such a request.
    """
    for raw, scope, resource in records(body, "ExportTraceServiceRequest", repaired):
        try:
            yield _span(raw, scope, resource)
        except (DecodeError, UnicodeDecodeError, OddError):
            yield _mended_span(raw, scope, resource, repaired)


def records(body: bytes, named: str, repaired: Counter[Repair]) -> Iterator[tuple[bytes, Scope, Resource]]:
    """Yield what a request of any signal holds, still as bytes: the three have the same envelope.

    Raises `BadRequestError`, by the name of the message that was asked for, when the bytes are no such request.
    """
    try:
        request = lean.Request.FromString(body)
    except DecodeError as error:
        msg = f"The body is not an OTLP {named} in protobuf: {error}"
        raise BadRequestError(msg) from error
    for group in request.groups:
        resource = _resource(group.resource.attributes, repaired)
        for scoped in group.scopes:
            scope = Scope(_readable(scoped.scope.name), _readable(scoped.scope.version))
            for raw in scoped.spans:
                yield raw, scope, resource


def _span(raw: bytes, scope: Scope, resource: Resource, notes: Notes | None = None) -> Span:
    """Raises `DecodeError`, `UnicodeDecodeError`, and without notes `OddError` where there is something to mend."""
    span = lean.Span.FromString(raw)
    span_id: bytes = span.span_id
    parent: bytes = span.parent_span_id
    start: int = span.start
    end: int = span.end
    status = span.status
    events = span.events
    if parent == span_id and parent:
        note(notes, Repair.OWN_PARENT)
        parent = b""
    if len(events) > MOST_EVENTS:
        events = fewer_events(events, notes)
    return Span(
        span.trace_id,
        span_id,
        b"" if parent == _ZERO_SPAN else parent,
        span.name.decode(),
        span.kind & 0xFF,
        start,
        end if end >= start else end_of(start, end, notes),
        status.code & 0xFF,
        status.message.decode(),
        scope,
        resource,
        _attributes(span.attributes, notes),
        tuple(SpanEvent(e.name.decode(), e.time, _attributes(e.attributes, notes)) for e in events) if events else (),
    )


def _mended_span(raw: bytes, scope: Scope, resource: Resource, repaired: Counter[Repair]) -> Span | Refused:
    notes = Notes()
    try:
        span = mending(lambda held: _span(held, scope, resource, notes), raw, WireSpan, notes)
    except (DecodeError, UnicodeDecodeError):
        return Refused(DropReason.MALFORMED, size=len(raw))
    repaired.update(notes.repairs)
    return msgspec.structs.replace(span, attributes=span.attributes | notes.marks())


def mending(read: Callable[[bytes], _Item], raw: bytes, message: Any, notes: Notes) -> _Item:
    """What `read` makes of these bytes, or else of the same bytes mended. Raises `DecodeError`."""
    try:
        return read(raw)
    except (DecodeError, UnicodeDecodeError):
        notes.dropped_attributes = notes.dropped_events = 0
        return read(mended(raw, message.DESCRIPTOR, notes))


def _attributes(raw_pairs: Sequence[bytes], notes: Notes | None) -> Attributes:
    if notes is not None:
        return bounded([_pair(raw, notes) for raw in raw_pairs], notes)
    known = _pairs.get
    found = dict([known(raw) or _pair(raw) for raw in raw_pairs])
    count = len(raw_pairs)
    if count > MOST_ATTRIBUTES or len(found) != count:
        raise OddError
    return found


def _pair(raw: bytes, notes: Notes | None = None) -> tuple[str, Value]:
    """One attribute from its bytes. Raises `DecodeError`, for broken text too."""
    pair = _plain(raw)
    if pair is None:
        message = KeyValue.FromString(raw)
        value = message.value
        pair = (message.key, value.string_value or value_of(value, notes))
        _remember_key(raw, pair[0])
    if notes is None and len(raw) <= _LONGEST_REMEMBERED:
        if len(_pairs) >= _MOST_REMEMBERED:
            _pairs.clear()
        _pairs[raw] = pair
    return pair


def _plain(raw: bytes) -> tuple[str, Value] | None:
    """A known key with a short text or a small number, read without the library; None for anything else.

    What is new about most attributes is their value, and the library takes three times as long.
    """
    size = len(raw)
    at = raw[1] + 3 if size > 1 else size
    key = _keys.get(raw[:at])
    if key is None or size < at + 3 or raw[at] != size - at - 1 or raw[at] > 127:
        return None
    kind = raw[at + 1]
    if kind == _TEXT:
        if raw[at + 2] == size - at - 3:
            try:
                return key, raw[at + 3 :].decode()
            except UnicodeDecodeError:
                return None
    elif kind == _INTEGER and raw[-1] < 128:
        if size == at + 3:
            return key, raw[-1]
        if size == at + 4 and raw[-2] > 127:
            return key, raw[-1] << 7 | raw[-2] & 127
    return None


def _remember_key(raw: bytes, key: str) -> None:
    at = raw[1] + 2 if len(raw) > 1 else 0
    # Keys of one byte's length, before a value: what `_plain` takes for granted of its own.
    if raw[:1] == b"\x0a" and 2 < at < 130 and len(raw) > at and raw[at] == _VALUE and raw[2:at] == key.encode():
        if len(_keys) >= _MOST_REMEMBERED:
            _keys.clear()
        _keys[raw[: at + 1]] = key


def pairs_of(pairs: Iterable[Any], notes: Notes | None) -> Attributes:
    """Attributes that are decoded already. Raises `OddError`."""
    return bounded([(pair.key, value_of(pair.value, notes)) for pair in pairs], notes)


def value_of(value: AnyValue, notes: Notes | None, depth: int = 0) -> Value:  # noqa: PLR0911, C901  a return per kind
    """An attribute's or a body's value; None for none. Raises `OddError` where something is to be mended without notes."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return value.int_value
        case "double_value":
            if not math.isfinite(value.double_value):
                note(notes, Repair.NUMBER_NOT_FINITE)
                return None
            return value.double_value
        case "bool_value":
            return value.bool_value
        case "array_value":
            if depth >= DEEPEST:
                return note(notes, Repair.NESTED_TOO_DEEP)
            return [value_of(item, notes, depth + 1) for item in value.array_value.values]
        case "kvlist_value":
            if depth >= DEEPEST:
                return note(notes, Repair.NESTED_TOO_DEEP)
            return {pair.key: value_of(pair.value, notes, depth + 1) for pair in value.kvlist_value.values}
        case "bytes_value":
            return value.bytes_value
        case _:
            return None


def _resource(raw_pairs: Sequence[bytes], repaired: Counter[Repair]) -> Resource:
    try:
        return Resource(_attributes(raw_pairs, None))
    except (DecodeError, OddError):
        notes = Notes()
    pairs: list[tuple[str, Value]] = []
    for raw in raw_pairs:
        try:
            pairs.append(mending(lambda held: _pair(held, notes), raw, KeyValue, notes))
        except DecodeError:  # what can't be read costs itself, not the process's spans
            notes.repairs.add(Repair.VALUE_UNREADABLE)
    attributes = bounded(pairs, notes)
    repaired.update(notes.repairs)
    return Resource(attributes | notes.marks())


def _readable(raw: Any) -> str:
    return raw.decode(errors="replace")
