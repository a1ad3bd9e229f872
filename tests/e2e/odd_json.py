"""A random generator in; OTLP/JSON spans with something wrong about them, and bodies that hold them beside good ones, out."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

from e2e import odd_values
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Json = dict[str, Any]

_FIELDS = (
    "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "status", "events",
    "attributes", "links", "droppedAttributesCount", "flags", "start_time_unix_nano", "unheardOf",
)  # fmt: skip
_KINDS = ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue", "arrayValue", "kvlistValue", "other")


def plain(good: Span) -> Json:
    """A good span in OTLP/JSON."""
    return {
        "traceId": good.trace_id.hex(),
        "spanId": good.span_id.hex(),
        "parentSpanId": good.parent_span_id.hex(),
        "name": good.name,
        "kind": 3,
        "startTimeUnixNano": str(good.start_time_unix_nano),
        "endTimeUnixNano": good.end_time_unix_nano,
        "attributes": [_pair(p.key, p.value.string_value or p.value.int_value) for p in good.attributes],
    }


def body(spans: Sequence[Any], **more: Any) -> bytes:
    """A request that holds these as spans, whatever they are."""
    scoped = {"scope": {"name": "shop"}, "spans": spans} | more
    resource: Json = {"attributes": [_pair("service.name", "shop")]}
    return _text({"resourceSpans": [{"resource": resource, "scopeSpans": [scoped]}]})


def span(chance: random.Random, good: Span) -> Any:
    """What was a good span."""
    return chance.choice(_WAYS)(chance, plain(good))


def envelope(chance: random.Random) -> bytes:
    """A body that is JSON and perhaps not what was asked for."""
    inner: Any = odd_values.nested(chance, chance.choice((0, 1, 5, 40)))
    for name in chance.choice(((), ("spans",), ("spans", "scopeSpans"), ("spans", "scopeSpans", "resourceSpans"))):
        inner = {name: [inner] if chance.random() < 0.8 else inner}
    return _text(inner)


def scope(chance: random.Random) -> Json:
    """A scope or none."""
    scopes: tuple[Any, ...] = (None, 5, "x", [], {"name": 5}, {"name": None, "version": []})
    return {"scope": chance.choice(scopes)}


def _text(value: Any) -> bytes:
    # Halves of surrogate pairs are written as escapes, as JavaScript does.
    return json.dumps(value).encode()


def _field(chance: random.Random, odd: Json) -> Any:
    odd[chance.choice(_FIELDS)] = _junk(chance)
    return odd


def _missing(chance: random.Random, odd: Json) -> Any:
    del odd[chance.choice(tuple(odd))]
    return odd


def _attributes(chance: random.Random, odd: Json) -> Any:
    odd["attributes"] += [
        {"key": odd_values.name(chance), "value": _value(chance, 3)} if chance.random() < 0.9 else _junk(chance)
        for _ in range(chance.choice((1, 3, 30)))
    ]
    return odd


def _events(chance: random.Random, odd: Json) -> Any:
    value = {"key": "exception.type", "value": _value(chance, 2)}
    odd["events"] = [{"name": "exception", "timeUnixNano": _junk(chance), "attributes": [value]}]
    odd["status"] = {"code": chance.choice((2, "STATUS_CODE_ERROR", "2", 2.0, 77))}
    return odd


def _half_a_pair(chance: random.Random, odd: Json) -> Any:
    odd["name"] = "\ud83d"
    odd["attributes"].append(_pair(chance.choice(("user_id", "\udc00")), "caf\ud83d"))
    return odd


def _deep(chance: random.Random, odd: Json) -> Any:
    value: Json = {"stringValue": "bottom"}
    for _ in range(chance.randrange(1, 60)):
        value = {"arrayValue": {"values": [value]}}
    odd["attributes"].append({"key": "deep", "value": value})
    return odd


def _no_span(chance: random.Random, _: Json) -> Any:
    return _junk(chance)


_WAYS: tuple[Callable[[random.Random, Json], Any], ...] = (
    _field, _field, _missing, _attributes, _attributes, _events, _half_a_pair, _deep, _no_span,
)  # fmt: skip


def _junk(chance: random.Random) -> Any:
    match chance.randrange(6):
        case 0:
            return odd_values.number(chance) * chance.choice((1, 1, 10**30))
        case 1:
            return odd_values.text(chance)
        case 2:
            return chance.choice((0.5, 1e300, -1e-300))
        case 3:
            others: tuple[Any, ...] = (None, True, False, [], {}, [None], "0x10", "00" * 8, "zz" * 16)
            return chance.choice(others)
        case _:
            return odd_values.nested(chance, 3)


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.choice(_KINDS)
    if depth and kind == "arrayValue":
        return {kind: {"values": [_value(chance, depth - 1) for _ in range(2)]}}
    if depth and kind == "kvlistValue":
        return {kind: {"values": [{"key": odd_values.text(chance), "value": _value(chance, depth - 1)}]}}
    return {kind: _junk(chance)} if chance.random() < 0.9 else _junk(chance)


def _pair(key: str, value: str | int) -> Json:
    return {"key": key, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}
