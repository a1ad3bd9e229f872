"""Codex CLI's events, as spans, in; a call or None out.

The end of each response's stream tells its usage (`codex.sse_event` of kind `response.completed`), with the model beside it;
a request that failed is told by `codex.api_request`. What is relied on: `docs/coding-agents.md`.
- Numbers are sent as text. Input includes the cache, output the reasoning.
- There is no id of the response, and no cost.
"""

import msgspec

from farthing.model.call import Status
from farthing.model.span import Span
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "codex"
SCOPES = ()
MARKERS = ("codex.event",)
PROVIDER = "openai"

_CALLS = frozenset({"codex.sse_event", "codex.api_request", "codex.websocket_request"})

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "request_model": ("model", "slug"),
        "input": ("input_token_count",),
        "output": ("output_token_count",),
        "cache_read": ("cached_token_count",),
        "reasoning": ("reasoning_token_count",),
    }
)


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if span.name not in _CALLS:
        return None
    call = semconv.call(span, NAME, input_includes_cache=True, vocabulary=_VOCABULARY)
    failed = call.status is Status.ERROR
    return Reading(
        msgspec.structs.replace(
            call,
            provider=call.provider or PROVIDER,
            operation="chat",
            error_type=semconv.text(span.attributes, ("http.response.status_code", "event.kind")) if failed else "",
        )
    )
