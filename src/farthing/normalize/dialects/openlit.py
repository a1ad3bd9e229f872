"""OpenLIT spans (1.34 and its neighbours) in; a call or None out.

Where OpenLIT departs from the conventions, as recorded:
- Anthropic's input excludes what came from or went to a cache; OpenAI's includes it. The 1.34 generation does
  not report Anthropic's cache at all, so there the full input can't be known.
- A streamed OpenAI call of the 1.34 generation carries token counts guessed from the text: not known usage.
- A failed call's span has no attributes at all; operation and model stand in its name, the error in an event.
- It always reports a cost, 0 when it knows no price: zero is no evidence.
- `time_to_first_token` of a call that was not streamed is the whole latency.
"""

import re

import msgspec

from farthing.model.call import Call, Status
from farthing.model.span import STATUS_ERROR, Span
from farthing.model.usage import Usage, UsageSource
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "openlit"
SCOPES = ("openlit",)
MARKERS: tuple[str, ...] = ()
_OLD_SCOPE = "openlit.otel.tracing"
"""The scope of the 1.34 generation."""

_CALL_NAME = re.compile(r"(chat|text_completion|embeddings|generate_content) (\S+)")


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if not semconv.looks_like_call(span.attributes):
        return _failed(span)
    provider = semconv.text(span.attributes, semconv.PROVIDER).lower()
    found = semconv.call(span, NAME, input_includes_cache=provider != "anthropic")
    usage = found.usage
    if span.scope.name == _OLD_SCOPE:
        if found.provider == "anthropic" and usage.cache_read_tokens is None:
            usage = msgspec.structs.replace(usage, whole=not usage.buckets, convention="exclusive")
        elif found.provider in ("openai", "azure.ai.openai") and found.streaming:
            usage = Usage(source=UsageSource.ESTIMATED)
    return semconv.reading(
        msgspec.structs.replace(
            found,
            usage=usage,
            reported_cost=found.reported_cost or None,
            ttft_ns=found.ttft_ns if found.streaming else None,
        )
    )


def _failed(span: Span) -> Reading | None:
    name = _CALL_NAME.fullmatch(span.name)
    if name is None or span.status != STATUS_ERROR or semconv.OPERATION in span.attributes:
        return None
    return Reading(
        Call(
            trace_id=span.trace_id,
            span_id=span.span_id,
            start_ns=span.start_ns,
            duration_ns=span.end_ns - span.start_ns,
            dialect=NAME,
            provider="",
            request_model=name[2],
            operation=name[1],
            status=Status.ERROR,
            error_type=semconv.error_type(span),
        )
    )
