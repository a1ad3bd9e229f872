"""The last row of a page in, an opaque cursor out; a cursor somebody sends in, its parts out once they are proven good."""

import base64
import binascii
import re
from collections.abc import Sequence

import msgspec

from farthing.query.errors import ParameterError
from farthing.query.parameters import Parameters
from farthing.shapes import Shape

_read = Shape(list[str]).of_json

TEXT = re.compile(r"[^\0]*", re.DOTALL)
WHOLE = re.compile(r"-?[0-4]?[0-9]{1,18}")
COUNT = re.compile(r"[0-9]{1,9}")
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,24})?")
TRACE_ID = re.compile(r"[0-9a-f]{32}")
SPAN_ID = re.compile(r"[0-9a-f]{16}")


def pack(parts: Sequence[str]) -> str:
    """A cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def unpack(text: str | None, *kinds: re.Pattern[str]) -> list[str] | None:
    """The parts of a cursor, each of its kind; None where there is no cursor. Raises `ParameterError`."""
    if text is None:
        return None
    try:
        parts = _read(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        parts = []
    if len(parts) != len(kinds) or not all(kind.fullmatch(part) for kind, part in zip(kinds, parts, strict=True)):
        raise ParameterError("cursor", "it must be one that this list gave.")
    return parts


def raw(digits: str, width: int, p: Parameters) -> str:
    """The SQL of an id written in hexadecimal digits."""
    return f"toFixedString(unhex({p.add('String', digits)}), {width})"
