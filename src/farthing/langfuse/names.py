"""Ids as Langfuse's SDKs choose them, any text, in; ids as spans have them, 16 and 8 bytes, out.

What is hexadecimal of the right length already, and a trace's UUID, stand for themselves; of any other text it is a digest. The
text itself is kept as an attribute of the span.
"""

import re
import uuid
from hashlib import blake2b

OBSERVATION_ID = "farthing.langfuse.id"
"""The attribute with an observation's id as it was told, where it is another than the span's."""
OTHER_USAGE = "farthing.langfuse.usage"
"""The attribute with an observation's usage, as JSON, where it is no tokens but characters, seconds or images."""

LONGEST = 255

_TRACE = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN = re.compile(r"(?!0{16})[0-9a-f]{16}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_trace_id(text: str) -> bool:
    """Whether it is one of OpenTelemetry's."""
    return _TRACE.fullmatch(text) is not None


def is_span_id(text: str) -> bool:
    """Likewise of an observation."""
    return _SPAN.fullmatch(text) is not None


def trace_bytes(text: str) -> bytes:
    """The id of a trace."""
    if is_trace_id(text):
        return bytes.fromhex(text)
    if _UUID.fullmatch(text):
        return uuid.UUID(text).bytes
    return _digest("trace", text, 16)


def span_bytes(text: str) -> bytes:
    """The id of an observation."""
    return bytes.fromhex(text) if is_span_id(text) else _digest("observation", text, 8)


def event_bytes(text: str) -> bytes:
    """What an event's id is kept as."""
    return _digest("event", text, 16)


def _digest(kind: str, text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, person=kind.encode()).digest()
