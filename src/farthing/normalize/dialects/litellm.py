"""Spans of LiteLLM's OpenTelemetry callbacks, whatever backend they are shaped for, in; a call or None out.

What is known of them beyond their attributes, from LiteLLM's sources and from recordings:
- A call is a span `litellm_request` and within it `raw_gen_ai_request`, which copies the provider's response field by field
  and names it as the provider does; a streamed response leaves the latter empty.
- If a span of the application is active, the former is not made: its attributes are written onto that span, each call over
  the one before. Then only the raw spans are complete. So each is read as a call, and what tells the same is joined.
- For providers that don't speak OpenAI's language the response's id is made up, for Responses it wraps the provider's, and
  where there is none (embeddings) it is the id of LiteLLM's own call.
- A stream without usage is reported as zero tokens and zero cost; earlier (1.75) its tokens are guessed from the text.
- Shaped for Arize, Phoenix or Langfuse the attributes are OpenInference's, with some of LiteLLM's own beside them.
- Input includes the cache, earlier (1.75) only what was read from it. Its parts stand in `metadata.usage_object`, printed by Python; `extract` saves them.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import STATUS_ERROR, Attributes, Span, Value
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.normalize import provider_usage, providers, semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import Counts, settle

NAME = "litellm"
SCOPES = ("litellm",)
MARKERS = ("litellm.call_id", "metadata.user_api_key_hash", "llm.response.id")

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "provider": ("llm.provider",),
        "request_model": ("llm.model_name",),
        "response_model": ("llm.response.model",),
        "response_id": ("llm.response.id",),
        "input": ("llm.token_count.prompt",),
        "output": ("llm.token_count.completion",),
        "cache_read": ("llm.token_count.prompt_details.cache_read",),
        "cache_write": ("llm.token_count.prompt_details.cache_write",),
        "reasoning": ("llm.token_count.completion_details.reasoning",),
        "audio_input": ("llm.token_count.prompt_details.audio",),
        "cost": ("gen_ai.cost.total_cost", "litellm.cost.total", "llm.cost.total", "farthing.reported_cost"),
        "streaming": ("litellm.request.streaming",),
        "served_tier": ("farthing.served_tier",),
        "finish": ("farthing.finish_reason",),
        "provider_usage": ("farthing.usage",),
        "type": ("llm.request.type", "litellm.call_type"),
        "provider_model": ("litellm.provider.model",),
        "own_id": ("litellm.call_id",),
        "metadata": ("metadata",),
    }
)
_OPERATIONS = {
    "chat": Operation.CHAT,
    "completion": Operation.CHAT,
    "responses": Operation.CHAT,
    "anthropic_messages": Operation.CHAT,
    "text_completion": Operation.TEXT_COMPLETION,
    "embedding": Operation.EMBEDDINGS,
    "embeddings": Operation.EMBEDDINGS,
    "generate_content": Operation.GENERATE_CONTENT,
    "generate_content_stream": Operation.GENERATE_CONTENT,
}
_RAW = re.compile(r"llm\.([^.]+)\.(?:id|responseId|usage|usageMetadata|object|choices|content|output|candidates)")
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_MADE_ID = re.compile(rf"(?:chatcmpl-)?{_UUID}")
_NAMES_ITS_RESPONSES_SO = frozenset({"groq"})
_WRAPPED_ID = "resp_"
_INNER_ID = re.compile(rb"response_id:([\w-]{4,128})")
_LONGEST_WRAPPED = 1024


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    told = _VOCABULARY.told(span.attributes)
    found = _request(span, told) if "request_model" in told or "type" in told else _raw(span, told)
    return Reading(found) if found is not None else None


def _request(span: Span, told: Mapping[str, Value]) -> Call | None:
    said = str(told.get("operation") or told.get("type") or "chat").lower()
    operation = _OPERATIONS.get(said) or _OPERATIONS.get(said.removeprefix("a"))
    usage = _usage(told, operation or Operation.GENERATE_CONTENT)
    if operation is None and not usage.buckets and span.status != STATUS_ERROR:
        return None  # housekeeping: files, batches, moderations and the like
    found = semconv.call(
        span,
        NAME,
        input_includes_cache=True,
        vocabulary=_VOCABULARY,
        operation=operation or Operation.GENERATE_CONTENT,
    )
    provider = found.provider or providers.canonical(str(told.get("provider_model", "")).partition("/")[0])
    return msgspec.structs.replace(
        found,
        provider=provider,
        response_id=_provider_id(found.response_id, provider, str(told.get("own_id", ""))),
        usage=MISSING if found.status is Status.ERROR and not usage.buckets else usage,
        reported_cost=found.reported_cost or None,
    )


def _raw(span: Span, told: Mapping[str, Value]) -> Call | None:
    attributes = span.attributes
    provider = next((found[1] for key in attributes if (found := _RAW.fullmatch(key))), None)
    if provider is None or not ("farthing.response_id" in attributes or "farthing.usage" in attributes):
        return None
    spelled: Attributes = {
        "gen_ai.provider.name": provider,
        "gen_ai.response.id": attributes.get("farthing.response_id"),
        "gen_ai.response.model": attributes.get("farthing.model"),
        "gen_ai.response.finish_reasons": attributes.get("farthing.finish_reason"),
        "gen_ai.response.service_tier": attributes.get("farthing.served_tier"),
    }
    found = semconv.call(msgspec.structs.replace(span, attributes=spelled), NAME, input_includes_cache=True)
    return msgspec.structs.replace(found, usage=_usage(told, Operation.CHAT))


def _usage(told: Mapping[str, Value], operation: Operation) -> Usage:
    counts = semconv.counts(told, operation) or Counts()
    reported = provider_usage.as_object(told.get("provider_usage")) or _in_metadata(told.get("metadata"))
    shaped = provider_usage.of(reported)
    if shaped is not None:
        its = shaped.counts
        if operation is Operation.EMBEDDINGS and its.output is None:
            its.output = 0
        if its.input is not None and its.output is not None:
            if _is_guessed(told, reported):
                return Usage(source=UsageSource.ESTIMATED)
            if _leaves_out_writes(reported):
                its.input += its.cache_write or 0
            return MISSING if not its.input and not its.output else shaped.settled()
    if not counts.input and not counts.output:
        return MISSING
    return settle(counts, input_includes_cache=True)


def _in_metadata(metadata: Value) -> Mapping[str, Any]:
    """The usage object where all metadata are one JSON text."""
    return provider_usage.as_object(provider_usage.as_object(metadata).get("usage_object"))


def _is_guessed(told: Mapping[str, Value], reported: Mapping[str, Any]) -> bool:
    """Whether these are counts of a stream whose provider reported none: of a provider's report some details are there."""
    streaming = str(told.get("streaming", "")).lower() == "true"
    return streaming and "prompt_tokens" in reported and not reported.get("prompt_tokens_details")


def _leaves_out_writes(reported: Mapping[str, Any]) -> bool:
    details = provider_usage.as_object(reported.get("prompt_tokens_details"))
    known = any(
        details.get(name) is not None for name in ("text_tokens", "cache_creation_tokens", "cache_write_tokens")
    )
    return "prompt_tokens" in reported and bool(reported.get("cache_creation_input_tokens")) and not known


def _provider_id(said: str, provider: str, own: str) -> str:
    """The id by which the provider names its response; "" where LiteLLM has made one up."""
    if said == own or (_MADE_ID.fullmatch(said) and provider not in _NAMES_ITS_RESPONSES_SO):
        return ""
    if said.startswith(_WRAPPED_ID) and len(said) <= _LONGEST_WRAPPED:
        try:
            inner = base64.b64decode(said.removeprefix(_WRAPPED_ID), validate=True)
        except (binascii.Error, ValueError):
            return said
        found = _INNER_ID.search(inner)
        return found[1].decode() if found else said
    return said
