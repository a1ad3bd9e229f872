"""OpenInference spans (2025 to now) of any of its instrumentations, LangChain among them, in; a call or None out.

What is known of it beyond its semantic conventions, from its sources and from recordings:
- The response's id and, often, the provider's own usage object stand only in `output.value`; `extract` saves them.
- Input includes the cache, with exceptions: Bedrock's Converse passes on Bedrock's counts, early LangChain versions
  Anthropic's, which leave it out. The total tells, and the provider's own object does, where it is there.
- Anthropic's streams of 2025 (up to 0.1.20) report neither what the cache gave or took, nor an input that includes it:
  if the request asked for caching, the full input can't be known.
- Vertex AI's completion leaves out the thoughts; the provider's own object has them.
- An agent's or a chain's span may repeat the usage of the calls within it, or be the only one that tells any.
- LiteLLM of 2025 counts into Anthropic's input what was read from the cache, but not what was written to it.
- LangChain says `stream: false` of calls that were streamed.
"""

import re
from collections.abc import Mapping

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import STATUS_ERROR, Attributes, Span, Value
from farthing.model.usage import MISSING, Usage
from farthing.normalize import provider_usage, providers, semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import Counts, count, settle

NAME = "openinference"
SCOPES = ("openinference", "@arizeai/openinference-instrumentation")
KIND = "openinference.span.kind"
MARKERS = (KIND,)

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "provider": ("llm.provider", "llm.system"),
        "request_model": ("llm.request.model_name", "farthing.request_model"),
        "response_model": ("llm.response.model_name", "farthing.model"),
        "model": ("llm.model_name", "embedding.model_name"),
        "response_id": ("farthing.response_id",),
        "input": ("llm.token_count.prompt",),
        "output": ("llm.token_count.completion",),
        "total": ("llm.token_count.total",),
        "cache_read": (
            "llm.token_count.prompt_details.cache_read",
            "llm.token_count.prompt_details.cache_input",
        ),
        "cache_write": ("llm.token_count.prompt_details.cache_write",),
        "reasoning": ("llm.token_count.completion_details.reasoning",),
        "audio_input": ("llm.token_count.prompt_details.audio",),
        "audio_output": ("llm.token_count.completion_details.audio",),
        "cost": ("llm.cost.total",),
        "finish": ("llm.finish_reason", "farthing.finish_reason"),
        "streaming": ("farthing.streaming",),
        "requested_tier": ("farthing.requested_tier",),
        "served_tier": ("farthing.served_tier",),
        "provider_usage": ("farthing.usage",),
        "caching": ("farthing.caching_asked",),
    }
)
_CALLS = {"LLM": Operation.CHAT, "EMBEDDING": Operation.EMBEDDINGS}
_AROUND = frozenset({"AGENT", "CHAIN", "UNKNOWN"})
"""Kinds that contain calls."""

_FIRST_TOKEN = "First Token Stream Event"  # noqa: S105  an event's name
_OF_SCOPE = {
    "anthropic": "anthropic",
    "bedrock": "aws.bedrock",
    "google_genai": "gcp.gemini",
    "groq": "groq",
    "mistralai": "mistral_ai",
    "openai": "openai",
    "vertexai": "gcp.vertex_ai",
}
"""The last part of the scope's name → the provider, where the spans don't say it."""
_INSTRUMENTATION = re.compile(r"(?:openinference\.instrumentation\.|@arizeai/openinference-instrumentation-)([\w-]+)")
_LANGCHAIN = "langchain"
_LITELLM = "litellm"
_SILENT_STREAMS = (0, 1, 20)
"""The last version of the Anthropic instrumentation whose streams say nothing of the cache."""


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    kind = str(span.attributes.get(KIND, "")).upper()
    told = _VOCABULARY.told(span.attributes)
    if kind in _CALLS:
        return Reading(_call(span, told, _CALLS[kind]))
    if kind in _AROUND and ("input" in told or "output" in told):
        return Reading(_call(span, told, Operation.CHAT), wrapper=True)
    return None


def _call(span: Span, told: Mapping[str, Value], operation: Operation) -> Call:
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY)
    library = _library(span.scope.name)
    request_model, response_model = _models(found, told)
    first_token = next((e.time_ns - span.start_ns for e in span.events if e.name == _FIRST_TOKEN), None)
    streaming = True if first_token is not None else found.streaming
    if library == _LANGCHAIN and not streaming:
        streaming = None
    if operation is Operation.CHAT and any(key.startswith("llm.prompts") for key in span.attributes):
        operation = Operation.TEXT_COMPLETION
    return msgspec.structs.replace(
        found,
        operation=operation,
        provider=found.provider or _provider(library, span.attributes, request_model),
        request_model=request_model,
        response_model=response_model,
        streaming=streaming,
        ttft_ns=first_token if first_token is not None and first_token >= 0 else found.ttft_ns,
        usage=MISSING if span.status == STATUS_ERROR and not _counted(told) else _usage(span, told, operation),
        reported_cost=found.reported_cost or None,
    )


def _models(found: Call, told: Mapping[str, Value]) -> tuple[str, str]:
    """The model asked for and the one that answered; the plain attribute is the latter, unless nothing answered."""
    plain = str(told.get("model", ""))
    if found.status is Status.ERROR:
        return found.request_model or plain, found.response_model
    if found.response_model or plain == found.request_model:
        return found.request_model, found.response_model
    return found.request_model, plain


def _library(scope: str) -> str:
    """What is instrumented, as the scope names it in Python or in JavaScript; "" where the scope is another."""
    found = _INSTRUMENTATION.match(scope)
    return found[1].replace("-", "_") if found else ""


def _provider(library: str, attributes: Attributes, model: str) -> str:
    if library == _LITELLM and "/" in model:
        return providers.canonical(model.partition("/")[0])
    if library == _LANGCHAIN:
        return providers.canonical(str(provider_usage.as_object(attributes.get("metadata")).get("ls_provider", "")))
    return _OF_SCOPE.get(library, "")


def _counted(told: Mapping[str, Value]) -> bool:
    return bool(count(told.get("input")) or count(told.get("output")))


def _usage(span: Span, told: Mapping[str, Value], operation: Operation) -> Usage:
    counts = semconv.counts(told, operation) or Counts()
    shaped = provider_usage.of(told.get("provider_usage"))
    if shaped is not None and _is_better(shaped.counts, counts):
        if operation is Operation.EMBEDDINGS and shaped.counts.output is None:
            shaped.counts.output = 0
        return shaped.settled()
    if counts == Counts():
        return MISSING
    if _library(span.scope.name) == _LITELLM and _caches(counts) > (counts.input or 0) >= (counts.cache_read or 0):
        counts.input = (counts.input or 0) + (counts.cache_write or 0)
    found = settle(counts, input_includes_cache=True)
    return msgspec.structs.replace(found, whole=False) if _may_lack_cache(span, told, counts) else found


def _is_better(its: Counts, ours: Counts) -> bool:
    """Whether the provider's own object tells all that the attributes tell of."""
    if its.input is None or (its.output is None and ours.output):
        return False
    # A framework's copy of the object may be poorer than what the instrumentation knew.
    return all(getattr(its, part) is not None for part in ("cache_read", "cache_write") if getattr(ours, part))


def _caches(counts: Counts) -> int:
    return (counts.cache_read or 0) + (counts.cache_write or 0)


def _may_lack_cache(span: Span, told: Mapping[str, Value], counts: Counts) -> bool:
    """Whether this may be a stream of Anthropic's that reports its uncached input alone."""
    if _library(span.scope.name) != "anthropic" or counts.cache_read is not None or counts.cache_write is not None:
        return False
    return (
        _version(span.scope.version) <= _SILENT_STREAMS
        and told.get("streaming") is not False
        and (told.get("caching") is not False)
    )


def _version(text: str) -> tuple[int, ...]:
    """A release's number; of something else the lowest, so that it counts as old."""
    parts = text.split(".")[:3]
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (0,)
