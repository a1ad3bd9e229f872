"""Bytes of one OTLP message that the strict reader refuses in; the same with text that is text and values not too deep, out.

Source: https://protobuf.dev/programming-guides/encoding/ (tags, varints, length-delimited fields).
"""

from typing import Any

from google.protobuf.message import DecodeError

from farthing.intake.mending import DEEPEST
from farthing.model.flaw import Notes, Repair

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_STRING, _MESSAGE = 9, 11
_HOLDERS = frozenset({"ArrayValue", "KeyValueList"})


def mended(raw: bytes, message: Any, notes: Notes, depth: int = 0) -> bytes:
    """The message of this descriptor, readable. Raises `DecodeError` where the bytes are no message at all."""
    out = bytearray()
    at = 0
    while at < len(raw):
        begun = at
        tag, at = _varint(raw, at)
        kind = tag & 7
        if kind != _DELIMITED:
            at = _after(raw, at, kind)
            out += raw[begun:at]
            continue
        size, at = _varint(raw, at)
        value = raw[at : at + size]
        if len(value) < size:
            msg = "a field ends after its message"
            raise DecodeError(msg)
        at += size
        field = message.fields_by_number.get(tag >> 3)
        kept = value if field is None else _field(value, field, notes, depth)
        if kept is not None:
            out += _written(tag) + _written(len(kept)) + kept
    return bytes(out)


def _field(value: bytes, field: Any, notes: Notes, depth: int) -> bytes | None:
    if field.type == _STRING:
        text = value.decode(errors="replace").encode()
        if text != value:
            notes.repairs.add(Repair.TEXT_NOT_UTF8)
        return text
    if field.type != _MESSAGE:
        return value
    if field.message_type.name in _HOLDERS:
        depth += 1
        if depth > DEEPEST:
            notes.repairs.add(Repair.NESTED_TOO_DEEP)
            return None
    return mended(value, field.message_type, notes, depth)


def _after(raw: bytes, at: int, kind: int) -> int:
    if kind == _VARINT:
        return _varint(raw, at)[1]
    size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
    if size is None or at + size > len(raw):
        msg = "a field is of no kind there is, or cut off"
        raise DecodeError(msg)
    return at + size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= len(raw):
            break
        byte = raw[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    msg = "a number does not end"
    raise DecodeError(msg)


def _written(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
