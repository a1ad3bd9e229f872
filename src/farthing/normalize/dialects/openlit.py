"""OpenLIT spans (1.34 to now) in; a call or None out.

Where OpenLIT departs from the conventions, as recorded and as its sources show:
- Anthropic's and Bedrock's input excludes what came from or went to a cache; that of others includes it. Before 1.37 the
  cache is not reported at all, so there the full input can't be known.
- A streamed OpenAI call carries token counts guessed from the text unless the provider sent its own and the version listens
  (Responses always, chats from 1.40 on). Only with the cache's counts beside them are they certainly the provider's.
- Google's output excludes the thoughts, which are told as reasoning.
- A failed call's span may have no attributes at all; operation and model stand in its name, the error in an event.
- It always reports a cost, 0 when it knows no price: zero is no evidence.
- `time_to_first_token` of a call that was not streamed is the whole latency.
- The spans of frameworks (agents, workflows, crews and so on) may repeat the usage of the calls within them.
"""

import re

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import STATUS_ERROR, Span
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.normalize import semconv, usage
from farthing.normalize.reading import Reading

NAME = "openlit"
SCOPES = ("openlit",)
MARKERS: tuple[str, ...] = ()

_ONE_FOR_ALL = "openlit.otel.tracing"
"""The scope of all instrumentations before 1.40, which gave each its own."""
_COUNTED_APART = {"anthropic": "anthropic", "aws.bedrock": "bedrock"}
"""Provider whose cache stands beside the input → the end of the scope of its instrumentation."""
_GUESSED = frozenset({"openai", "azure.ai.openai"})
_THOUGHTS_APART = frozenset({"gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"})
_LEAVES = semconv.CALLS | {
    "audio",
    "image",
    "speech_to_text",
    "speech_to_text_translate",
    "text_to_speech",
    "translate",
    "video",
}
"""Operations that are one request to a model."""

_CALL_NAME = re.compile(r"(chat|text_completion|embeddings|generate_content) (\S+)")


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if not semconv.looks_like_call(span.attributes):
        return _failed(span)
    found = semconv.call(span, NAME, input_includes_cache=True)
    return Reading(
        msgspec.structs.replace(
            found,
            usage=MISSING if _is_uncounted(found) else _usage(span, found),
            reported_cost=found.reported_cost or None,
            ttft_ns=found.ttft_ns if found.streaming else None,
        ),
        wrapper=found.operation not in _LEAVES,
    )


def _is_uncounted(found: Call) -> bool:
    """Whether this is a stream whose usage it did not find: nothing came in and nothing went out."""
    told = found.usage
    return told.input_tokens == 0 and told.output_tokens == 0 and found.operation != Operation.EMBEDDINGS


def _usage(span: Span, found: Call) -> Usage:
    told = found.usage
    if _is_guessed(span, found):
        return Usage(source=UsageSource.ESTIMATED)
    apart_input, apart_thoughts = _counts_apart(span, found.provider), found.provider in _THOUGHTS_APART
    if not (apart_input or apart_thoughts):
        return told
    counts = semconv.counts(semconv.CONVENTIONS.told(span.attributes), found.operation)
    if counts is None:
        return told
    if apart_thoughts and counts.output is not None:
        counts.output += counts.reasoning or 0
    if not apart_input:
        return usage.settle(counts, input_includes_cache=True)
    apart = usage.settle(counts, input_includes_cache=False)
    if counts.cache_read is None and counts.cache_write is None:
        return msgspec.structs.replace(apart, whole=not apart.buckets, convention="exclusive")
    return apart


def _counts_apart(span: Span, provider: str) -> bool:
    library = _COUNTED_APART.get(provider)
    return library is not None and (span.scope.name == _ONE_FOR_ALL or span.scope.name.endswith(f".{library}"))


def _is_guessed(span: Span, found: Call) -> bool:
    if not found.streaming or found.provider not in _GUESSED or found.response_id.startswith("resp_"):
        return False
    own = span.scope.name == _ONE_FOR_ALL or span.scope.name.endswith((".openai", ".azure_ai_inference"))
    return own and found.usage.cache_read_tokens is None


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
