"""OpenLLMetry spans (Traceloop's instrumentations and SDK, 0.40 to now, LangChain among them) in; a call or None out.

Where they differ from the conventions:
- The 0.40 generation says `llm.request.type` for the operation, `gen_ai.usage.prompt_tokens` and `completion_tokens` for
  input and output, capitalised providers ("OpenAI", "Langchain" for the framework's own spans), `llm.is_streaming`, and the
  reason why the model stopped with each indexed completion. It tells no usage of streams.
- Input includes the cache, Anthropic's too.
- Streams have an event per chunk: the first one is the time to the first token.
- Anthropic's streams count the output that `message_start` announces twice, so their output is unknown; the SDK's own span,
  where there is one, tells it. Its `messages.stream()` was not counted until 0.41: both counts are 0.
- LangChain's spans of 2025 don't name the provider and say 0 where they don't know what was read from a cache; of Anthropic's streams they may count the output alone, with an input of 0.
- Google's output leaves out the thoughts, which only the total counts.
- What the application said of a call stands in `traceloop.association.properties.*`; spans of workflows, tasks, agents and
  tools are no calls.
"""

import msgspec

from farthing.model.call import Call, Operation
from farthing.model.span import Span
from farthing.model.usage import INPUT_SIDE, MISSING, Bucket, Usage
from farthing.normalize import semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import settle

NAME = "openllmetry"
_INSTRUMENTATIONS = (
    "agno",
    "alephalpha",
    "anthropic",
    "bedrock",
    "cohere",
    "crewai",
    "google_generativeai",
    "groq",
    "haystack",
    "langchain",
    "litellm",
    "llamaindex",
    "mistralai",
    "ollama",
    "openai",
    "openai_agents",
    "replicate",
    "sagemaker",
    "together",
    "transformers",
    "vertexai",
    "voyageai",
    "watsonx",
    "writer",
)
SCOPES = (
    *(f"opentelemetry.instrumentation.{name}" for name in _INSTRUMENTATIONS),
    "@traceloop",
    "traceloop",
)
MARKERS = ("llm.request.type", "traceloop.span.kind")

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "request_type": ("llm.request.type",),
        "provider": ("llm.vendor",),
        "request_model": ("llm.request.model",),
        "response_model": ("llm.response.model",),
        "finish": ("gen_ai.completion.0.finish_reason", "llm.response.finish_reason"),
    }
)
_OPERATIONS = {
    "chat": Operation.CHAT,
    "completion": Operation.TEXT_COMPLETION,
    "embedding": Operation.EMBEDDINGS,
    "rerank": "rerank",
}
_LANGCHAIN = ".langchain"
_ANTHROPIC = ".anthropic"
_GOOGLE = (".google_generativeai", ".vertexai")
_OLD_INPUT = "gen_ai.usage.prompt_tokens"
_OUTPUT = Bucket.OUTPUT.value
_CLASSES = {
    "AzureChatOpenAI": "azure.ai.openai",
    "ChatAnthropic": "anthropic",
    "ChatBedrock": "aws.bedrock",
    "ChatBedrockConverse": "aws.bedrock",
    "ChatCohere": "cohere",
    "ChatDeepSeek": "deepseek",
    "ChatGoogleGenerativeAI": "gcp.gemini",
    "ChatGroq": "groq",
    "ChatMistralAI": "mistral_ai",
    "ChatOllama": "ollama",
    "ChatOpenAI": "openai",
    "ChatVertexAI": "gcp.vertex_ai",
    "ChatXAI": "x_ai",
}
"""LangChain's class, after which the span is named → the provider, where the spans don't say it."""
_SPAN_KIND = "traceloop.span.kind"
_AROUND = ("workflow", "task", "agent")
_CHUNKS = ("gen_ai.content.completion.chunk", "llm.content.completion.chunk")


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    attributes = span.attributes
    kind = attributes.get(_SPAN_KIND)
    operation = _operation(span)
    if kind == "tool" or not (operation or semconv.looks_like_call(attributes)):
        return None
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY, operation=operation)
    if found.ttft_ns is None and found.streaming is not False:
        first = next((event.time_ns for event in span.events if event.name in _CHUNKS), 0)
        if span.start_ns <= first <= span.end_ns:
            found = msgspec.structs.replace(found, ttft_ns=first - span.start_ns, streaming=True)
    found = msgspec.structs.replace(found, usage=_usage(span, found))
    if not found.provider:
        found = msgspec.structs.replace(found, provider=_CLASSES.get(span.name.removesuffix(".chat"), ""))
    reading = semconv.reading(found)
    return msgspec.structs.replace(reading, wrapper=reading.wrapper or kind in _AROUND)


def _usage(span: Span, call: Call) -> Usage:
    told = call.usage
    if told.input_tokens == 0 and told.output_tokens == 0 and call.operation != Operation.EMBEDDINGS:
        return MISSING  # nothing was counted, or there was nothing to answer
    if told.input_tokens == 0 and told.output_tokens and span.scope.name.endswith(_LANGCHAIN):
        return msgspec.structs.replace(told, whole=False)
    if _OLD_INPUT in span.attributes and span.scope.name.endswith(_LANGCHAIN) and not told.cache_read_tokens:
        known = {bucket: count for bucket, count in told.buckets.items() if bucket != Bucket.CACHE_READ}
        return msgspec.structs.replace(told, buckets=known) if known else MISSING
    if span.scope.name.endswith(_GOOGLE):
        return _with_thoughts(span, call)
    if call.streaming and span.scope.name.endswith(_ANTHROPIC) and _OUTPUT in told.buckets:
        known = {bucket: count for bucket, count in told.buckets.items() if bucket in INPUT_SIDE}
        return msgspec.structs.replace(told, buckets=known, flags=(*told.flags, "output_counted_twice"))
    return told


def _with_thoughts(span: Span, call: Call) -> Usage:
    counts = semconv.counts(_VOCABULARY.told(span.attributes), call.operation)
    if counts is None or counts.input is None or counts.output is None:
        return call.usage
    if counts.total is not None and counts.total > counts.input + counts.output:
        counts.output = counts.total - counts.input
    return settle(counts, input_includes_cache=True)


def _operation(span: Span) -> str:
    """The old spelling of what was asked; "" where it isn't used."""
    asked = span.attributes.get("llm.request.type")
    if not isinstance(asked, str) or semconv.OPERATION in span.attributes:
        return ""
    # Anthropic's messages were "completion" as well.
    return Operation.CHAT if span.name.endswith(".chat") else _OPERATIONS.get(asked, "")
