"""OpenTelemetry GenAI spans, old and new spellings, official or hand-written, in; a call or None out.

Spoken by opentelemetry-instrumentation-openai-v2, -genai-openai, -genai-anthropic and most code that sets
`gen_ai.*` by hand. By the conventions `input_tokens` includes what came from or went to a cache.

Mistral's SDK makes spans of its own, named after its operations. They say nothing of a failure, but only a success has a status
code.
"""

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import Span
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "gen_ai"
SCOPES = (
    "opentelemetry.instrumentation.openai_v2",
    "opentelemetry.instrumentation.genai",
    "opentelemetry.util.genai",
    "@opentelemetry/instrumentation-openai",
    "mistralai_sdk_tracer",
)
MARKERS: tuple[str, ...] = ()

_MISTRAL = "mistralai_sdk_tracer"


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if not semconv.looks_like_call(span.attributes):
        return None
    found = semconv.call(span, NAME, input_includes_cache=True)
    return semconv.reading(_by_mistral(span, found) if span.scope.name == _MISTRAL else found)


def _by_mistral(span: Span, found: Call) -> Call:
    operation = Operation.EMBEDDINGS if span.name.startswith("embeddings") else found.operation
    found = semconv.call(span, NAME, input_includes_cache=True, operation=operation)
    if "http.response.status_code" in span.attributes:
        return found
    return msgspec.structs.replace(found, status=Status.ERROR)
