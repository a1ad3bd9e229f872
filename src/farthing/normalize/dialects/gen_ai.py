"""OpenTelemetry GenAI spans, old and new spellings, official or hand-written, in; a call or None out.

Spoken by opentelemetry-instrumentation-openai-v2, -genai-openai, -genai-anthropic and most code that sets
`gen_ai.*` by hand. By the conventions `input_tokens` includes what came from or went to a cache.
"""

from farthing.model.span import Span
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "gen_ai"
SCOPES = (
    "opentelemetry.instrumentation.openai_v2",
    "opentelemetry.instrumentation.genai",
    "opentelemetry.util.genai",
    "@opentelemetry/instrumentation-openai",
)
MARKERS: tuple[str, ...] = ()


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if not semconv.looks_like_call(span.attributes):
        return None
    return semconv.reading(semconv.call(span, NAME, input_includes_cache=True))
