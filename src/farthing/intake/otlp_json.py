"""OTLP/JSON bytes in; spans out, mended where that is possible, and what is refused of them.

The encoding's own rules: ids in hex, 64-bit integers as strings or numbers, enums as numbers, both
lowerCamelCase and original field names accepted, unknown fields ignored.
Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import base64
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import msgspec

from farthing.errors import BadRequestError
from farthing.intake import lenient_json
from farthing.intake.lenient_json import MENDED, known, shape
from farthing.intake.mending import DEEPEST, MOST_ATTRIBUTES, MOST_EVENTS, bounded, end_of, fewer_events
from farthing.model.flaw import DropReason, Notes, OddError, Refused, Repair, note
from farthing.model.span import Attributes, Resource, Scope, Span, SpanEvent, Value

_INT64 = range(-(2**63), 2**63)
_STATUS_CODES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
_KINDS = {
    "SPAN_KIND_UNSPECIFIED": 0,
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4,
    "SPAN_KIND_CONSUMER": 5,
}
_FLAWS = (ValueError, TypeError, OverflowError)
"""What costs one item."""

Json = dict[str, Any]

_Item = TypeVar("_Item")


def spans(body: bytes, repaired: Counter[Repair]) -> Iterator[Span | Refused]:
    """Yield the spans of an ExportTraceServiceRequest, and what is none; repairs are counted.

    Raises `BadRequestError` when the body is not JSON or not of that shape.
    """
    names = (
        ("resourceSpans", "resource_spans"),
        ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"),
        ("spans",),
    )
    for raw, scope, resource in records(body, repaired, *names):
        found = item(raw, lambda held, notes, scope=scope, resource=resource: _span(held, scope, resource, notes))
        if isinstance(found, Refused):
            yield found
            continue
        span, notes = found
        if notes is not None and notes.repairs:
            repaired.update(notes.repairs)
            span = msgspec.structs.replace(span, attributes=span.attributes | notes.marks())
        yield span


def item(raw: Any, read: Callable[[Json, Notes | None], _Item]) -> tuple[_Item, Notes | None] | Refused:
    """What `read` makes of one item: strictly, or else with notes of what was mended."""
    if not isinstance(raw, dict):
        return Refused(DropReason.MALFORMED, shown=shape(raw))
    held = cast("Json", raw)
    try:
        if MENDED not in held:
            return read(held, None), None
    except _FLAWS:
        pass
    notes = Notes(known(held.get(MENDED)))
    try:
        return read(held, notes), notes
    except _FLAWS:
        return Refused(DropReason.MALFORMED, shown=shape(held))


def records(
    body: bytes, repaired: Counter[Repair], groups: tuple[str, ...], scopes: tuple[str, ...], items: tuple[str, ...]
) -> Iterator[tuple[Any, Scope, Resource]]:
    """Yield what a request of any signal holds, as JSON: the three differ in these names only.

    Raises `BadRequestError` when the body is not JSON or not of that shape.
    """
    for group in list_of(request(body), *groups):
        resource = _resource(dict_of(group, "resource"), repaired)
        for scoped in list_of(group, *scopes):
            head = dict_of(scoped, "scope") or dict_of(scoped, "instrumentationLibrary")
            scope = Scope(_named(head.get("name")), _named(head.get("version")))
            for raw in list_of(scoped, *items):
                yield raw, scope, resource


def request(body: bytes) -> Json:
    try:
        found = _decoded(body)
    except (ValueError, RecursionError) as error:
        msg = f"The body is not JSON: {error}"
        raise BadRequestError(msg) from error
    if not isinstance(found, dict):
        msg = "The body is JSON but not an object as OTLP asks for."
        raise BadRequestError(msg)
    return cast("Json", found)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return lenient_json.decode(body)


def list_of(parent: Any, *names: str) -> list[Any]:
    """The array under the first of these names that is there. Raises `BadRequestError` for something else than an array."""
    if isinstance(parent, dict):
        for name in names:
            found = cast("Json", parent).get(name)
            if isinstance(found, list):
                return cast("list[Any]", found)
            if found is not None:
                msg = f"{name} must be an array."
                raise BadRequestError(msg)
    return []


def dict_of(parent: Any, name: str) -> Json:
    """The object of this name; an empty one when there is none."""
    found = cast("Json", parent).get(name) if isinstance(parent, dict) else None
    return cast("Json", found) if isinstance(found, dict) else {}


def _span(span: Json, scope: Scope, resource: Resource, notes: Notes | None) -> Span:
    """Raises `TypeError`, `ValueError` (`OddError` among them), `OverflowError`."""
    start = int_of(get(span, "startTimeUnixNano", "start_time_unix_nano"))
    end = int_of(get(span, "endTimeUnixNano", "end_time_unix_nano"))
    span_id = id_of(get(span, "spanId", "span_id"))
    parent = id_of(get(span, "parentSpanId", "parent_span_id"))
    status = dict_of(span, "status")
    if parent == span_id and parent:
        note(notes, Repair.OWN_PARENT)
        parent = b""
    return Span(
        id_of(get(span, "traceId", "trace_id")),
        span_id,
        b"" if not parent.strip(b"\0") else parent,
        text_of(span.get("name")),
        enum_of(span.get("kind"), _KINDS) & 0xFF,
        start,
        end if end >= start else end_of(start, end, notes),
        enum_of(status.get("code"), _STATUS_CODES) & 0xFF,
        text_of(status.get("message")),
        scope,
        resource,
        attributes_of(span.get("attributes"), notes),
        tuple(_events(span.get("events"), notes)),
    )


def _events(raw: Any, notes: Notes | None) -> Iterator[SpanEvent]:
    held = cast("Sequence[Any]", raw or [])
    if not isinstance(held, list):
        msg = "events are not an array"
        raise TypeError(msg)
    if len(held) > MOST_EVENTS:
        held = fewer_events(held, notes)
    for one in held:
        event = cast("Json", one)
        if not isinstance(one, dict):
            msg = "an event is not an object"
            raise TypeError(msg)
        at = int_of(get(event, "timeUnixNano", "time_unix_nano"))
        yield SpanEvent(text_of(event.get("name")), at, attributes_of(event.get("attributes"), notes))


def _named(raw: Any) -> str:
    # As with resources: a scope that can't be read costs its name, not its spans.
    return raw if isinstance(raw, str) else ""


def get(source: Json, camel: str, snake: str) -> Any:
    """A member by either of its spellings."""
    return source[camel] if camel in source else source.get(snake)


def text_of(raw: Any) -> str:
    """A string; "" for none. Raises `TypeError`."""
    if raw is None:
        return ""
    if not isinstance(raw, str):
        msg = "not a string"
        raise TypeError(msg)
    return raw


def id_of(raw: Any) -> bytes:
    """An id, which this encoding has in hex; what isn't hex is an id of no right length. Raises `TypeError`."""
    text = text_of(raw)
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b"?"


def int_of(raw: Any) -> int:
    """A 64-bit integer, sent as a number or a string; 0 for none. Raises `TypeError`, `ValueError`."""
    if raw is None or raw == "":
        return 0
    if isinstance(raw, bool) or not isinstance(raw, int | str | float):
        msg = "not an integer"
        raise TypeError(msg)
    if isinstance(raw, str) and len(raw) > 24:
        msg = "not a 64-bit integer"
        raise ValueError(msg)
    value = int(raw)
    if value not in _INT64 or (isinstance(raw, float) and raw % 1):
        msg = "not a 64-bit integer"
        raise ValueError(msg)
    return value


def enum_of(raw: Any, names: dict[str, int]) -> int:
    """The number of an enumeration's member, by number or name."""
    return names[raw] if isinstance(raw, str) and raw in names else int_of(raw)


def _resource(holder: Json, repaired: Counter[Repair]) -> Resource:
    raw = holder.get("attributes")
    try:
        return Resource(attributes_of(raw, None))
    except _FLAWS:
        notes = Notes()
    pairs: list[Any] = cast("list[Any]", raw) if isinstance(raw, list) else []
    found: Attributes = {}
    for pair in pairs[: 2 * MOST_ATTRIBUTES]:
        try:
            found.update(attributes_of([pair], notes))
        except _FLAWS:  # what can't be read costs itself, not the process's spans
            notes.repairs.add(Repair.VALUE_UNREADABLE)
    attributes = bounded(list(found.items()), notes)
    repaired.update(notes.repairs)
    return Resource(attributes | notes.marks())


def attributes_of(raw: Any, notes: Notes | None, depth: int = 0) -> Attributes:
    """Key-value pairs. Raises `TypeError`, `ValueError`, `OverflowError`."""
    pairs: list[tuple[str, Value]] = []
    for one in cast("list[Any]", raw or []):
        if not isinstance(one, dict):
            msg = "an attribute is not an object"
            raise TypeError(msg)
        pair = cast("Json", one)
        pairs.append((text_of(pair.get("key")), value_of(pair.get("value"), notes, depth)))
    return bounded(pairs, notes)


def value_of(raw: Any, notes: Notes | None, depth: int = 0) -> Value:
    """An AnyValue, `depth` levels deep; None for one that can't be read, of which a note is taken. Raises `OddError`."""
    if not isinstance(raw, dict) or not raw:
        return None
    if depth > DEEPEST:
        return note(notes, Repair.NESTED_TOO_DEEP)
    kind, value = next(iter(cast("Json", raw).items()))
    try:
        return _value(kind, value, notes, depth)
    except OddError:
        raise
    except _FLAWS:
        return note(notes, Repair.VALUE_UNREADABLE)


def _value(kind: str, value: Any, notes: Notes | None, depth: int) -> Value:  # noqa: PLR0911  one return per kind
    match kind:
        case "stringValue" | "string_value":
            return text_of(value)
        case "intValue" | "int_value":
            return int_of(value)
        case "doubleValue" | "double_value":
            number = float(value) if not isinstance(value, str) else double_of(value)
            return number if math.isfinite(number) else note(notes, Repair.NUMBER_NOT_FINITE)
        case "boolValue" | "bool_value":
            if not isinstance(value, bool):
                msg = "not true or false"
                raise TypeError(msg)
            return value
        case "arrayValue" | "array_value":
            return [value_of(one, notes, depth + 1) for one in _values(value)]
        case "kvlistValue" | "kvlist_value":
            return attributes_of(_values(value), notes, depth + 1)
        case "bytesValue" | "bytes_value":
            return base64.b64decode(text_of(value))
        case _:
            return None


def _values(raw: Any) -> list[Any]:
    found = cast("Json", raw).get("values") if isinstance(raw, dict) else None
    if found is not None and not isinstance(found, list):
        msg = "not an array"
        raise TypeError(msg)
    return cast("list[Any]", found or [])


def double_of(text: str) -> float:
    """A double that was sent as text, as those are that JSON has no number for."""
    return {"Infinity": math.inf, "-Infinity": -math.inf}.get(text) or float(text)
