"""Spans that MLflow exports, in its own attributes (each value a JSON text) or as GenAI spans, in; a call or None out.

What is known of it beyond its attributes, from its sources and from recordings:
- The provider's response stands in `mlflow.spanOutputs`, or piecewise in a stream's events; `extract` saves its facts. They
  are finer than `mlflow.chat.tokenUsage`, which knows no reasoning and no modalities, and is missing for embeddings.
- `tokenUsage` of Anthropic's calls has left out the cache (to 3.7), told it beside the input (to 3.10) and counted it
  in (from 3.12).
- As GenAI spans, which exist from 3.12 on, cache and reasoning are not exported, and the model asked for is the one that
  answered.
- The span of an agent or a chain may sum up the usage of the calls within it.
- A cost, where there is one, is MLflow's own, and absent when it knows no price.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from farthing.model.call import Call, Operation
from farthing.model.span import Attributes, Span, Value
from farthing.model.usage import MISSING, Usage
from farthing.normalize import provider_usage, semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import Counts, count, settle

NAME = "mlflow"
SCOPES = ("mlflow",)
_TYPE = "mlflow.spanType"
MARKERS = (_TYPE,)

_CALLS = {
    "CHAT_MODEL": Operation.CHAT,
    "LLM": Operation.CHAT,
    "EMBEDDING": Operation.EMBEDDINGS,
}
_AROUND = frozenset({"AGENT", "CHAIN", "WORKFLOW", "TASK", "UNKNOWN"})
_USAGE = "mlflow.chat.tokenUsage"
_COST = "mlflow.llm.cost"
_FIRST_PIECE = "mlflow.chunk.item.0"
_FIELDS: dict[str, tuple[str, ...]] = {
    "gen_ai.provider.name": ("mlflow.llm.provider", "mlflow.message.format"),
    "gen_ai.request.model": ("farthing.request_model", "model"),
    "gen_ai.response.model": ("farthing.model", "mlflow.llm.model"),
    "gen_ai.response.id": ("farthing.response_id",),
    "gen_ai.response.finish_reasons": ("farthing.finish_reason",),
    "gen_ai.request.stream": ("farthing.streaming", "stream"),
    "gen_ai.request.service_tier": ("farthing.requested_tier",),
    "gen_ai.response.service_tier": ("farthing.served_tier",),
}
"""The conventions' name → MLflow's, best first. Values are JSON, but for what was saved from content."""


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    kind = _plain(span.attributes.get(_TYPE))
    if not isinstance(kind, str):
        return _by_convention(span)
    if kind in _CALLS:
        return Reading(_native(span, _CALLS[kind]))
    if kind in _AROUND and _USAGE in span.attributes:
        return Reading(_native(span, Operation.CHAT), wrapper=True)
    return None


def _by_convention(span: Span) -> Reading | None:
    if not semconv.looks_like_call(span.attributes):
        return None
    found = semconv.call(span, NAME, input_includes_cache=True)
    shaped = provider_usage.of(span.attributes.get("farthing.usage"))
    return semconv.reading(
        msgspec.structs.replace(
            found,
            usage=shaped.settled() if shaped is not None and _is_whole(shaped.counts, found.operation) else found.usage,
            streaming=True if _time_to_first(span) is not None else found.streaming,
            ttft_ns=_time_to_first(span),
        )
    )


def _native(span: Span, operation: Operation) -> Call:
    attributes = span.attributes
    spelled: Attributes = {}
    for name, ours in _FIELDS.items():
        value = next((value for key in ours if (value := _plain(attributes.get(key))) not in (None, "")), None)
        if value is not None:
            spelled[name] = value
    # As the conventions' own dialect would see it: one reader for all that only differs in spelling.
    found = semconv.call(
        msgspec.structs.replace(span, attributes=spelled), NAME, input_includes_cache=True, operation=operation
    )
    return msgspec.structs.replace(
        found,
        usage=_usage(attributes, operation),
        reported_cost=semconv.dollars(_mapping(attributes.get(_COST)).get("total_cost")) or None,
        streaming=True if _time_to_first(span) is not None else found.streaming,
        ttft_ns=_time_to_first(span),
    )


def _usage(attributes: Attributes, operation: Operation) -> Usage:
    shaped = provider_usage.of(attributes.get("farthing.usage"))
    if shaped is not None and _is_whole(shaped.counts, operation):
        return shaped.settled()
    told = _mapping(attributes.get(_USAGE))
    counts = Counts(
        input=count(told.get("input_tokens")),
        output=count(told.get("output_tokens")),
        cache_read=count(told.get("cache_read_input_tokens")),
        cache_write=count(told.get("cache_creation_input_tokens")),
        cache_write_1h=count(told.get("cache_creation_input_tokens_above_1hr")),
        total=count(told.get("total_tokens")),
    )
    if operation is Operation.EMBEDDINGS and counts.input is not None and counts.output is None:
        counts.output = 0
    if counts == Counts():
        return MISSING
    found = settle(counts, input_includes_cache=True)
    return msgspec.structs.replace(found, whole=False) if _may_lack_cache(attributes, counts) else found


def _is_whole(its: Counts, operation: str) -> bool:
    if operation == Operation.EMBEDDINGS and its.input is not None and its.output is None:
        its.output = 0
    return its.input is not None and its.output is not None


def _may_lack_cache(attributes: Attributes, counts: Counts) -> bool:
    """Whether an early version may have counted only what Anthropic neither read from nor wrote to a cache."""
    maker = _plain(attributes.get("mlflow.message.format")) or _plain(attributes.get("mlflow.llm.provider"))
    return maker == "anthropic" and counts.cache_read is None and counts.cache_write is None


def _time_to_first(span: Span) -> int | None:
    for event in span.events:
        if event.name == _FIRST_PIECE and event.time_ns >= span.start_ns:
            return event.time_ns - span.start_ns
    return None


def _mapping(value: Value) -> Mapping[str, Any]:
    return provider_usage.as_object(value)


def _plain(value: Value) -> Value:
    """What a JSON text stands for, where it is a string or a flag; anything else as it is."""
    if isinstance(value, str) and (value.startswith('"') or value in ("true", "false", "null")):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value
