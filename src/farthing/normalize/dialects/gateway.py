"""A span of the gateway's (`gateway/records.py`) in; that call out. Usage stands in it as the provider told it."""

import msgspec

from farthing.model.call import GATEWAY
from farthing.model.span import Span
from farthing.normalize import provider_usage, semconv
from farthing.normalize.reading import Reading

NAME = GATEWAY
SCOPES = ("farthing.gateway",)
MARKERS: tuple[str, ...] = ()


def read(span: Span) -> Reading | None:
    """The call of an attempt; None for the span around several."""
    if semconv.OPERATION not in span.attributes:
        return None
    found = semconv.call(span, NAME, input_includes_cache=True)
    shaped = provider_usage.of(span.attributes.get("farthing.usage"))
    if shaped is not None:
        found = msgspec.structs.replace(found, usage=shaped.settled())
    return Reading(found)
