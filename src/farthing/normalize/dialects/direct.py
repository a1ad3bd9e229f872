"""A span made of a call that was posted as JSON (`intake/direct_calls.py`) in; that call out.

Its facts stand under OpenTelemetry's names. By the door's own definition input includes what came from or went to a cache.
"""

import msgspec

from farthing.model.span import Span
from farthing.model.usage import Usage
from farthing.normalize import semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import count

NAME = "direct"
SCOPES = ("farthing.direct",)
MARKERS: tuple[str, ...] = ()

_DISAGREES = "total_disagrees"


def read(span: Span) -> Reading | None:
    """The call; whoever posted it said that it is one."""
    found = semconv.call(span, NAME, input_includes_cache=True)
    total = count(span.attributes.get(semconv.TOTAL[0]))
    if total is None or not _contradicts(found.usage, total):
        return Reading(found)
    usage = msgspec.structs.replace(found.usage, flags=(*found.usage.flags, _DISAGREES))
    return Reading(msgspec.structs.replace(found, usage=usage))


def _contradicts(usage: Usage, total: int) -> bool:
    told, written = usage.input_tokens, usage.output_tokens
    if told is None or written is None:
        return (told or written or 0) > total
    return told + written != total
