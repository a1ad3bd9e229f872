"""A span as received in; the span as it may be written out: no message content, no credentials.

Content is off by default, whatever the library's own switch says. What is taken out leaves its key with a
mark, so that a reader sees that something was there.
"""

from functools import lru_cache

import msgspec

from farthing.model.span import Attributes, Span, SpanEvent
from farthing.privacy import extract

CONTENT_MARK = "[content not kept]"
SECRET_MARK = "[secret removed]"  # noqa: S105  what stands in a secret's place

_CONTENT = frozenset(
    {
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.response.tool_calls",
        "gen_ai.retrieval.documents",
        "gen_ai.retrieval.query.text",
        "gen_ai.event.content",
        "input.value",
        "output.value",
        "llm.prompts",
        "llm.completions",
        "llm.invocation_parameters",
        "ai.prompt",
        "ai.values",
        "ai.value",
        "ai.embedding",
        "ai.embeddings",
        "ai.toolCall.args",
        "ai.toolCall.result",
        "traceloop.entity.input",
        "traceloop.entity.output",
        "langfuse.observation.input",
        "langfuse.observation.output",
        "langfuse.trace.input",
        "langfuse.trace.output",
        "mlflow.spanInputs",
        "mlflow.spanOutputs",
        "request_data",
        "response_data",
        "all_messages",
        "all_messages_events",
        "events",
        "final_result",
        "pydantic_ai.all_messages",
        "tool_arguments",
        "tool_response",
        "prompt",
        "completion",
        "messages",
    }
)
_CONTENT_PREFIXES = (
    "gen_ai.prompt.",
    "gen_ai.completion.",
    "gen_ai.content.",
    "gen_ai.prompt.variable.",
    "llm.input_messages",
    "llm.output_messages",
    "llm.request.functions",
    "llm.tools",
    "retrieval.documents",
    "ai.prompt.",
    "ai.response.text",
    "ai.response.toolCalls",
    "ai.response.object",
    "ai.response.reasoning",
)
_KEPT = frozenset({"gen_ai.prompt.name", "gen_ai.prompt.version"})
_SECRET_WORDS = (
    "authorization",
    "api_key",
    "api-key",
    "apikey",
    "cookie",
    "password",
    "passwd",
    "secret",
    "access_token",
    "credential",
)


def scrub(span: Span) -> Span:
    """The same span without content and secrets; the very same object when there was nothing to take out.

    Facts of the call that stood only in its content are added as attributes (see `extract`).
    """
    attributes = _cleaned(span.attributes)
    saved = extract.facts(span)
    if saved:
        attributes = attributes | saved
    resource = _cleaned(span.resource.attributes)
    events = tuple(_event(event) for event in span.events)
    if (
        attributes is span.attributes
        and resource is span.resource.attributes
        and all(new is old for new, old in zip(events, span.events, strict=True))
    ):
        return span
    return msgspec.structs.replace(
        span,
        attributes=attributes,
        resource=msgspec.structs.replace(span.resource, attributes=resource),
        events=events,
    )


def _event(event: SpanEvent) -> SpanEvent:
    cleaned = _cleaned(event.attributes)
    if cleaned is event.attributes:
        return event
    return msgspec.structs.replace(event, attributes=cleaned)


def _cleaned(attributes: Attributes) -> Attributes:
    marks = _marks(tuple(attributes))
    return attributes | marks if marks else attributes


@lru_cache(maxsize=4096)
def _marks(keys: tuple[str, ...]) -> dict[str, str]:
    """What stands in place of some of these attributes; worked out once for each set of keys."""
    return {key: mark for key in keys if (mark := _mark(key))}


def _mark(key: str) -> str:
    """What stands in place of this attribute's value; "" when it may be written as it is."""
    if key in _KEPT or key.endswith(".finish_reason"):
        return ""
    if key in _CONTENT or key.startswith(_CONTENT_PREFIXES):
        return CONTENT_MARK
    lowered = key.lower()
    return SECRET_MARK if any(word in lowered for word in _SECRET_WORDS) else ""
