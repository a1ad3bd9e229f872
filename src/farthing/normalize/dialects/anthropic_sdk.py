"""Spans the Anthropic SDK makes by itself (scope com.anthropic.sdk.*) in; a call or None out.

The SDK emits them whenever a tracer provider exists, so any other Anthropic instrumentation is doubled by
them. Input includes the cache; the split of cache writes by lifetime is told here and nowhere else.
"""

from farthing.model.span import Span
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "anthropic_sdk"
SCOPES = ("com.anthropic.sdk",)
MARKERS: tuple[str, ...] = ()


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if not semconv.looks_like_call(span.attributes):
        return None
    return semconv.reading(semconv.call(span, NAME, input_includes_cache=True))
