"""A span made of a call that was posted as JSON (`intake/direct_calls.py`) in; that call out.

Its facts stand under OpenTelemetry's names. By the door's own definition input includes what came from or went to a cache.
"""

import msgspec

from farthing.model.span import Attributes, Span
from farthing.model.usage import Usage
from farthing.normalize import semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import count

NAME = "direct"
SCOPES = ("farthing.direct",)
MARKERS: tuple[str, ...] = ()

_DISAGREES = "total_disagrees"

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "cache_write_30m": ("farthing.usage.cache_write_30m.input_tokens",),
        "cache_write_12h": ("farthing.usage.cache_write_12h.input_tokens",),
    }
)


def read(span: Span) -> Reading | None:
    """The call; whoever posted it said that it is one."""
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY)
    used = _judged(found.usage, span.attributes)
    return Reading(found if used is found.usage else msgspec.structs.replace(found, usage=used))


def usage_of(attributes: Attributes, operation: str) -> Usage:
    """The usage alone, of an operation by the conventions' word."""
    told = semconv.usage_of(_VOCABULARY.told(attributes), operation, input_includes_cache=True)
    return _judged(told, attributes)


def _judged(found: Usage, attributes: Attributes) -> Usage:
    total = count(attributes.get(semconv.TOTAL[0]))
    if total is None or not _contradicts(found, total):
        return found
    return msgspec.structs.replace(found, flags=(*found.flags, _DISAGREES))


def _contradicts(usage: Usage, total: int) -> bool:
    told, written = usage.input_tokens, usage.output_tokens
    if told is None or written is None:
        return (told or written or 0) > total
    return told + written != total
