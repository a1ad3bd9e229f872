"""Protobuf bytes in, the raw bytes of one length-delimited field out, for messages the real parser refuses.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator


class WireError(ValueError):
    """The bytes are no protobuf message."""


def submessages(data: bytes, field: int) -> Iterator[bytes]:
    """Yield the payload of every occurrence of the length-delimited `field`, skipping all others."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            msg = f"byte {at} starts no field"
            raise WireError(msg)
        if kind == 0:
            _, at = _varint(data, at)
            continue
        if kind == 1:
            size = 8
        elif kind == 5:
            size = 4
        elif kind == 2:
            size, at = _varint(data, at)
        else:
            msg = f"byte {at} has the unknown wire type {kind}"
            raise WireError(msg)
        end = at + size
        if end > len(data):
            msg = f"a field of {size} bytes at byte {at} runs past the end"
            raise WireError(msg)
        if kind == 2 and number == field:
            yield data[at:end]
        at = end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    msg = f"the number at byte {at} does not end"
    raise WireError(msg)
