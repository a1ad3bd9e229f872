"""OTLP/JSON bytes in; spans out, None for each that is no span.

The encoding's own rules: ids in hex, 64-bit integers as strings or numbers, enums as numbers, both
lowerCamelCase and original field names accepted, unknown fields ignored.
Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import base64
import json
import math
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError
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
MAX_DEPTH = 32

Json = dict[str, Any]


def spans(body: bytes) -> Iterator[Span | None]:
    """Yield the spans of an ExportTraceServiceRequest; None stands for one that is malformed.

    Raises `BadRequestError` when the body is not JSON or not of that shape.
    """
    names = (
        ("resourceSpans", "resource_spans"),
        ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"),
        ("spans",),
    )
    for raw, scope, resource in records(body, *names):
        yield _span(raw, scope, resource)


def records(
    body: bytes, groups: tuple[str, ...], scopes: tuple[str, ...], items: tuple[str, ...]
) -> Iterator[tuple[Any, Scope, Resource]]:
    """Yield what a request of any signal holds, as JSON: the three differ in these names only.

    Raises `BadRequestError` when the body is not JSON or not of that shape.
    """
    for group in list_of(request(body), *groups):
        resource = Resource(_lenient(dict_of(group, "resource")))
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
    except msgspec.DecodeError:
        # JavaScript writes a text that was cut within an emoji as half of a surrogate pair. That is one
        # text to be mended and no reason to refuse everything; the slower decoder takes it.
        if b"\\ud" not in body.lower():
            raise
    return json.loads(body.decode(), parse_constant=_no_number)


def _no_number(name: str) -> None:
    msg = f"{name} is no number in JSON"
    raise ValueError(msg)


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


def _span(raw: Any, scope: Scope, resource: Resource) -> Span | None:
    if not isinstance(raw, dict):
        return None
    span = cast("Json", raw)
    try:
        start = int_of(get(span, "startTimeUnixNano", "start_time_unix_nano"))
        end = int_of(get(span, "endTimeUnixNano", "end_time_unix_nano"))
        parent = id_of(get(span, "parentSpanId", "parent_span_id"))
        status = dict_of(span, "status")
        return Span(
            id_of(get(span, "traceId", "trace_id")),
            id_of(get(span, "spanId", "span_id")),
            b"" if not parent.strip(b"\0") else parent,
            text_of(span.get("name")),
            enum_of(span.get("kind"), _KINDS) & 0xFF,
            start,
            max(start, end),
            enum_of(status.get("code"), _STATUS_CODES) & 0xFF,
            text_of(status.get("message")),
            scope,
            resource,
            attributes_of(span.get("attributes")),
            tuple(_events(span.get("events"))),
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _events(raw: Any) -> Iterator[SpanEvent]:
    for item in cast("list[Any]", raw or []):
        event = cast("Json", item)
        if not isinstance(item, dict):
            msg = "an event is not an object"
            raise TypeError(msg)
        at = int_of(get(event, "timeUnixNano", "time_unix_nano"))
        yield SpanEvent(text_of(event.get("name")), at, attributes_of(event.get("attributes")))


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
    """An id, which this encoding has in hex. Raises `TypeError`, `ValueError`."""
    return bytes.fromhex(text_of(raw))


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
    if value not in _INT64:
        msg = "not a 64-bit integer"
        raise ValueError(msg)
    return value


def enum_of(raw: Any, names: dict[str, int]) -> int:
    """The number of an enumeration's member, by number or name."""
    return names[raw] if isinstance(raw, str) and raw in names else int_of(raw)


def _lenient(holder: Json) -> Attributes:
    # A resource that can't be read costs its attributes, not its spans.
    try:
        return attributes_of(holder.get("attributes"))
    except (ValueError, TypeError, OverflowError):
        return {}


def attributes_of(raw: Any, depth: int = 0) -> Attributes:
    """Key-value pairs. Raises `TypeError`, `ValueError`, `OverflowError`."""
    out: Attributes = {}
    for item in cast("list[Any]", raw or []):
        if not isinstance(item, dict):
            msg = "an attribute is not an object"
            raise TypeError(msg)
        pair = cast("Json", item)
        out[text_of(pair.get("key"))] = value_of(pair.get("value"), depth)
    return out


def value_of(raw: Any, depth: int) -> Value:  # noqa: PLR0911 - one return per kind of value reads best
    """An AnyValue, `depth` levels deep. Raises `TypeError`, `ValueError`, `OverflowError`."""
    if not isinstance(raw, dict) or not raw:
        return None
    if depth > MAX_DEPTH:
        msg = "values nest too deep"
        raise ValueError(msg)
    kind, value = next(iter(cast("Json", raw).items()))
    match kind:
        case "stringValue" | "string_value":
            return text_of(value)
        case "intValue" | "int_value":
            return int_of(value)
        case "doubleValue" | "double_value":
            return float(value) if not isinstance(value, str) else double_of(value)
        case "boolValue" | "bool_value":
            return bool(value)
        case "arrayValue" | "array_value":
            return [value_of(item, depth + 1) for item in _values(value)]
        case "kvlistValue" | "kvlist_value":
            return attributes_of(_values(value), depth + 1)
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
