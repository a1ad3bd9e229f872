"""A random generator in; protobuf spans with something wrong about them, and bodies that hold them beside good ones, out."""

import random
from collections.abc import Callable, Sequence

from e2e import odd_values, wire
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

_UNTEXT = b"\xff\xfe\xed\xa0\x80"
_DEEPEST = 120
"""Deeper than protobuf's own limit of 100."""


def body(spans: Sequence[bytes], resource: bytes = b"") -> bytes:
    """A request that holds these bytes as spans, whatever they are."""
    scoped = b"".join(_field(2, span) for span in spans)
    return _field(1, (_field(1, _field(1, resource)) if resource else b"") + _field(2, scoped))


def span(chance: random.Random, good: Span) -> bytes:
    """What was a good span."""
    odd = Span()
    odd.CopyFrom(good)
    return chance.choice(_WAYS)(chance, odd)


def pair(chance: random.Random) -> bytes:
    """An attribute that may be none."""
    return _attribute(chance).SerializeToString() if chance.random() < 0.5 else chance.randbytes(chance.randrange(20))


def _ids(chance: random.Random, odd: Span) -> bytes:
    field = chance.choice(("trace_id", "span_id", "parent_span_id"))
    setattr(odd, field, chance.choice((b"", bytes(8), bytes(16), b"x", chance.randbytes(chance.randrange(40)))))
    return odd.SerializeToString()


def _times(chance: random.Random, odd: Span) -> bytes:
    field = chance.choice(("start_time_unix_nano", "end_time_unix_nano"))
    times = (0, 1, 2**63 - 1, 2**63, 2**64 - 1, 1_262_304_000 * 10**9, odd.start_time_unix_nano - 10**9)
    setattr(odd, field, chance.choice(times))
    return odd.SerializeToString()


def _attributes(chance: random.Random, odd: Span) -> bytes:
    odd.attributes.extend(_attribute(chance) for _ in range(chance.choice((1, 3, 3, 40))))
    return odd.SerializeToString()


def _events(chance: random.Random, odd: Span) -> bytes:
    for _ in range(chance.choice((1, 3))):
        event = odd.events.add()
        event.name = chance.choice(("exception", odd_values.text(chance)))
        event.time_unix_nano = chance.randrange(2**64)
        event.attributes.extend(_attribute(chance) for _ in range(2))
    odd.status.code = chance.choice((Status.STATUS_CODE_UNSET, Status.STATUS_CODE_OK, Status.STATUS_CODE_ERROR))
    return odd.SerializeToString()


def _numbers(chance: random.Random, odd: Span) -> bytes:
    # Enums of numbers that stand for nothing: varints written by hand, after what is there.
    return odd.SerializeToString() + b"\x30" + _varint(chance.randrange(2**64)) + b"\x7a\x02\x18\x63"


def _broken_text(chance: random.Random, odd: Span) -> bytes:
    odd.attributes.append(wire.attribute("broken", "#####"))
    odd.name = "#####"
    return odd.SerializeToString().replace(b"#####", _UNTEXT, chance.choice((1, 2)))


def _deep(chance: random.Random, odd: Span) -> bytes:
    value = AnyValue(string_value="bottom").SerializeToString()
    for _ in range(chance.randrange(1, _DEEPEST)):
        value = (
            _field(5, _field(1, value))
            if chance.random() < 0.5
            else _field(6, _field(1, b"\x0a\x01k" + _field(2, value)))
        )
    return odd.SerializeToString() + _field(9, b"\x0a\x04deep" + _field(2, value))


def _bytes(chance: random.Random, odd: Span) -> bytes:
    return odd_values.flipped(chance, odd.SerializeToString())


def _noise(chance: random.Random, _: Span) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 10, 300)))


_WAYS: tuple[Callable[[random.Random, Span], bytes], ...] = (
    _ids, _times, _attributes, _attributes, _events, _numbers, _broken_text, _deep, _bytes, _noise,
)  # fmt: skip


def _attribute(chance: random.Random) -> KeyValue:
    return KeyValue(key=odd_values.name(chance), value=_value(chance, 2))


def _value(chance: random.Random, depth: int) -> AnyValue:  # noqa: PLR0911  one return per kind of value reads best
    match chance.randrange(8 if depth else 5):
        case 0:
            return AnyValue(int_value=odd_values.number(chance))
        case 1:
            return AnyValue(double_value=odd_values.double(chance))
        case 2:
            return AnyValue(bool_value=chance.random() < 0.5)
        case 3:
            return AnyValue(bytes_value=chance.randbytes(5))
        case 4:
            return AnyValue(string_value=odd_values.text(chance))
        case 5:
            return AnyValue(array_value=ArrayValue(values=[_value(chance, depth - 1) for _ in range(3)]))
        case 6:
            pairs = [KeyValue(key=odd_values.text(chance), value=_value(chance, depth - 1)) for _ in range(3)]
            return AnyValue(kvlist_value=KeyValueList(values=pairs))
        case _:
            return AnyValue()


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
