"""Spans of Logfire's own instrumentations of OpenAI's and Anthropic's clients, versions 2 to now, in; a call or None out.

- The span's name is a template ("Chat Completion with {request_data[model]!r}"). Older versions have no other attributes
  than `request_data` and `response_data`; what of these is no content stands in `farthing.*`.
- Input includes the cache. Which part it was stands in `gen_ai.usage.raw`, the provider's usage object.
- A streamed call is told twice: by the request's span, which ends when the answer begins, and by a span without duration
  when the stream is over. Unless the request had a parent the second has a trace of its own.
- Claude's agent SDK tells the usage of a run once, with the run: what its calls say of theirs is not the final count. So the
  run is taken for the call.
- Where nobody knows which model answered, Logfire puts the one asked for: that is no answer.
"""

import re

import msgspec

from farthing.model.call import Call, Operation, Status
from farthing.model.span import Span
from farthing.model.usage import Usage
from farthing.normalize import provider_usage, semconv
from farthing.normalize.reading import Reading
from farthing.normalize.usage import settle

NAME = "logfire"
_AGENTS = "logfire.openai_agents"
_CLAUDE_AGENTS = "logfire.claude_agent_sdk"
SCOPES = ("logfire.openai", "logfire.anthropic", _AGENTS, _CLAUDE_AGENTS)
MARKERS: tuple[str, ...] = ()

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "request_model": ("farthing.request_model",),
        "response_model": ("farthing.model",),
        "response_id": ("farthing.response_id",),
        "finish": ("farthing.finish_reason",),
        "requested_tier": ("farthing.requested_tier",),
        "served_tier": ("farthing.served_tier",),
        "streaming": ("farthing.streaming",),
        "cost": ("operation.cost",),
        "provider_usage": ("farthing.usage",),
        "stream_seconds": ("duration",),
    }
)
_TEMPLATE = re.compile(
    r"(Chat [Cc]ompletion|Completion|Embedding Creation|Image Generation|Message|Responses API) with "
)
_OPERATIONS = {
    "Completion": Operation.TEXT_COMPLETION,
    "Embedding Creation": Operation.EMBEDDINGS,
    "Image Generation": Operation.GENERATE_CONTENT,
}
_STREAMED = "streaming response from "
_STREAMABLE = (Operation.CHAT, Operation.TEXT_COMPLETION)
_LONGEST_S = 86_400


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if span.scope.name == _CLAUDE_AGENTS:
        return _run_of_claude(span)
    template = _TEMPLATE.match(span.name)
    closing = span.name.startswith(_STREAMED)
    if not (template or closing or semconv.looks_like_call(span.attributes)):
        return None
    operation = span.attributes.get(semconv.OPERATION)
    if not isinstance(operation, str):
        operation = _OPERATIONS.get(template[1], Operation.CHAT) if template else Operation.CHAT
    elif operation == "image_generation":
        operation = Operation.GENERATE_CONTENT
    told = _VOCABULARY.told(span.attributes)
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY, operation=operation)
    found = msgspec.structs.replace(
        found,
        provider=found.provider or ("anthropic" if span.scope.name.endswith("anthropic") else "openai"),
        usage=_usage(found, told.get("provider_usage"), operation),
        reported_cost=found.reported_cost or None,
    )
    if closing:
        return Reading(_closing(found, told.get("stream_seconds")), closing=True)
    if _is_opening(span, found):
        return Reading(msgspec.structs.replace(_without_guess(found), streaming=True), opening=True)
    return Reading(_without_guess(found) if found.status is Status.ERROR else found, operation in semconv.WRAPPERS)


def _run_of_claude(span: Span) -> Reading | None:
    if span.attributes.get(semconv.OPERATION) != "invoke_agent":
        return None
    found = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY, operation=Operation.CHAT)
    return Reading(msgspec.structs.replace(found, reported_cost=found.reported_cost or None), not found.usage.buckets)


def _usage(call: Call, raw: object, operation: str) -> Usage:
    shaped = provider_usage.of(raw)
    if shaped is None:
        return call.usage
    whole = (call.usage.input_tokens, call.usage.output_tokens)
    its = shaped.settled()
    if operation == Operation.EMBEDDINGS and shaped.counts.output is None:
        shaped.counts.output = 0
        its = settle(shaped.counts, input_includes_cache=True)
    # Older versions tell nothing else; where both tell, the span's own figures must be the same ones.
    return its if not call.usage.buckets or whole == (its.input_tokens, its.output_tokens) else call.usage


def _is_opening(span: Span, call: Call) -> bool:
    """A request that was answered, but not in this span."""
    return (
        call.operation in _STREAMABLE
        and span.scope.name != _AGENTS
        and call.status is Status.OK
        and not (call.usage.buckets or call.response_id or "response_data" in span.attributes)
    )


def _closing(call: Call, seconds: object) -> Call:
    """The span marks the end of the stream; how long that took stands beside it."""
    call = msgspec.structs.replace(_without_guess(call), streaming=True)
    if isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST_S:
        lasted = round(seconds * 10**9)
        return msgspec.structs.replace(call, start_ns=call.start_ns - lasted, duration_ns=call.duration_ns + lasted)
    return call


def _without_guess(call: Call) -> Call:
    if call.response_model == call.request_model and not call.response_id:
        return msgspec.structs.replace(call, response_model="")
    return call
