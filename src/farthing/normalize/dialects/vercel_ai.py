"""Spans of the Vercel AI SDK, versions 4 to 7, in; a call or None out.

- Versions 4 to 6 (and 7's legacy mode) name the function in `ai.operationId`. The model calls are `….doGenerate`,
  `….doStream` and `….doEmbed`, one for each attempt; the functions around them repeat the usage of all their steps.
- Version 7 (scope `gen_ai`) speaks the conventions. `invoke_agent` repeats what is inside; an embedding is told twice,
  by the function and, as a client span inside it, by the request.
- Version 6 and 7 count cached input in, and say how. In versions 4 and 5 every provider's own convention shows through:
  Anthropic and Bedrock count the cache apart, Gemini its thoughts. What was cached stands at most in the provider's own
  metadata, which is the better witness wherever it tells the same numbers.
- Gateways report in the metadata what they charge.
- Counts that version 4 does not know are NaN. A response without an id gets one of the SDK's making.
"""

import re
from collections.abc import Mapping

import msgspec

from farthing.model.call import Call, Operation
from farthing.model.span import Attributes, Span, Value
from farthing.model.usage import MISSING, Usage
from farthing.normalize import provider_usage, providers, semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import Counts, count, settle

NAME = "vercel_ai"
SCOPES = ("gen_ai",)
MARKERS = ("ai.operationId",)

_OPERATION_ID = "ai.operationId"
_LEAF = re.compile(r"\.do(Generate|Stream|Embed)$")
_FUNCTION = re.compile(r"ai\.(generate|stream)(Text|Object)|ai\.embed(Many)?|ai\.workflowAgent\..*")
_EMBEDDING = ("ai.embed", "ai.embedMany")
_MADE_ID = re.compile(r"ai(txt|obj)-")
_COUNTS_APART = re.compile(r"anthropic|bedrock")
_RESOLD = re.compile(r"gateway|vertex")
_CLAUDE = re.compile(r"anthropic|claude")
_CLIENT = 3
"""OTLP's number of the span kind CLIENT."""

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "provider": ("ai.model.provider",),
        "request_model": ("ai.model.id",),
        "response_model": ("ai.response.model",),
        "response_id": ("ai.response.id",),
        "finish": ("ai.response.finishReason",),
        "ttft_ms": ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk"),
        "served_tier": ("farthing.served_tier",),
        "cost": ("farthing.reported_cost",),
        "input": ("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"),
        "output": ("ai.usage.outputTokens", "ai.usage.completionTokens"),
        "cache_read": ("ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"),
        "cache_write": ("ai.usage.inputTokenDetails.cacheWriteTokens",),
        "reasoning": ("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"),
        "uncached": ("ai.usage.inputTokenDetails.noCacheTokens",),
        "total": ("ai.usage.totalTokens",),
        "metadata": ("ai.response.providerMetadata",),
        "provider_usage": ("farthing.usage",),
    }
)


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    operation = span.attributes.get(_OPERATION_ID)
    if isinstance(operation, str):
        return _of_function(span, operation)
    if not semconv.looks_like_call(span.attributes):
        return None
    found = _call(span, by_convention=True)
    if found.ttft_ns is not None:
        found = msgspec.structs.replace(found, streaming=True)  # told of nothing else
    outer = found.operation == Operation.EMBEDDINGS and span.kind != _CLIENT
    return Reading(found, outer or found.operation in semconv.WRAPPERS)


def _of_function(span: Span, operation: str) -> Reading | None:
    leaf = _LEAF.search(operation)
    if leaf is None and not _FUNCTION.fullmatch(operation):
        return None
    found = _call(span, by_convention=False)
    return Reading(
        msgspec.structs.replace(
            found,
            operation=Operation.EMBEDDINGS if operation.startswith(_EMBEDDING) else Operation.CHAT,
            streaming=leaf[1] == "Stream" if leaf else operation.startswith("ai.stream"),
        ),
        wrapper=leaf is None,
    )


def _call(span: Span, *, by_convention: bool) -> Call:
    told = _VOCABULARY.told(span.attributes)
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY)
    return msgspec.structs.replace(
        found,
        provider=_provider(found, told),
        response_id="" if _MADE_ID.match(found.response_id) else found.response_id,
        usage=_usage(told, _is_embedding(span.attributes), by_convention=by_convention),
    )


def _is_embedding(attributes: Attributes) -> bool:
    operation = attributes.get(_OPERATION_ID) or attributes.get(semconv.OPERATION)
    return isinstance(operation, str) and operation.startswith((*_EMBEDDING, "embeddings"))


def _provider(found: Call, told: Mapping[str, Value]) -> str:
    """Who served it: a model of the SDK's gateway is named after its maker."""
    maker, slash, _ = found.request_model.partition("/")
    if slash and str(told.get("provider", "")).lower().startswith("gateway"):
        return providers.canonical(maker)
    return found.provider


def _usage(told: Mapping[str, Value], embedding: bool, *, by_convention: bool) -> Usage:
    counts = semconv.counts(told, Operation.EMBEDDINGS if embedding else Operation.CHAT)
    shaped = provider_usage.of(told.get("provider_usage"))
    if counts is None:
        return MISSING
    if shaped is not None and shaped.agrees(counts):
        return msgspec.structs.replace(shaped, counts=_fuller(shaped.counts, counts)).settled()
    uncached = count(told.get("uncached"))
    if by_convention or uncached is not None or counts.cache_write is not None:
        if uncached is not None and counts.cache_write is None and counts.input is not None:
            # Not named, but nothing else is left for it to be.
            counts.cache_write = max(counts.input - uncached - (counts.cache_read or 0), 0)
        return settle(_fuller(counts, shaped.counts) if shaped else counts, input_includes_cache=True)
    return _as_the_provider_counts(told, counts, shaped)


def _as_the_provider_counts(told: Mapping[str, Value], counts: Counts, shaped: provider_usage.Shaped | None) -> Usage:
    """The usage of a generation that passes the provider's counts on as they are."""
    provider = str(told.get("provider", "")).lower()
    apart = bool(_COUNTS_APART.search(provider))
    if _RESOLD.search(provider):
        apart = bool(_CLAUDE.search(f"{provider} {told.get('request_model', '')}".lower()))
    if shaped is not None:
        counts = _fuller(counts, shaped.counts)
    total = count(told.get("total"))
    if total and counts.reasoning and counts.input is not None and counts.output is not None:
        # A total that is larger by exactly the reasoning says that it stands beside the output.
        counts.output += counts.reasoning if total == counts.input + counts.output + counts.reasoning else 0
    found = settle(counts, input_includes_cache=not apart)
    silent = apart and "metadata" not in told and "bedrock" not in provider  # Bedrock's is there only for a cache
    return msgspec.structs.replace(found, whole=False) if silent else found


def _fuller(counts: Counts, other: Counts) -> Counts:
    """These counts, and where they say nothing the other's."""
    told = {
        field: held
        for field in Counts.__struct_fields__
        if (held := getattr(counts, field)) is not None or (held := getattr(other, field)) is not None
    }
    return Counts(**told)
