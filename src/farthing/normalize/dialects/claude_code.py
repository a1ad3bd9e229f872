"""Claude Code's events and spans, as spans, in; a call or None out.

It tells each request to the model as a log event (`claude_code.api_request`, `claude_code.api_error`), and with its tracing
turned on as a span (`claude_code.llm_request`) too. What is relied on, and where it is documented: `docs/coding-agents.md`.
- Names are bare (`model`, `input_tokens`), numbers are sent as text at times.
- Input leaves the cache out.
- The cost is worked out by Claude Code itself, from list prices.
- What remains the same in event and span is `request_id`, the id of the request, not of the message.
"""

import msgspec

from farthing.model.call import Call, Status
from farthing.model.span import Span
from farthing.normalize import semconv
from farthing.normalize.reading import Reading

NAME = "claude_code"
SCOPES = ("com.anthropic.claude_code",)
MARKERS = ("claude_code.event",)
PROVIDER = "anthropic"

_REQUESTS = frozenset({"claude_code.api_request", "claude_code.api_error", "claude_code.llm_request"})

_VOCABULARY = semconv.CONVENTIONS.extended(
    {
        "request_model": ("model",),
        "response_id": ("request_id",),
        "input": ("input_tokens",),
        "output": ("output_tokens",),
        "cache_read": ("cache_read_tokens",),
        "cache_write": ("cache_creation_tokens",),
        "cost": ("cost_usd",),
        "ttft_ms": ("ttft_ms",),
        "finish": ("stop_reason",),
    }
)


def read(span: Span) -> Reading | None:
    """The call this span describes; None when it describes none."""
    if span.name not in _REQUESTS:
        return None
    call = semconv.call(span, NAME, input_includes_cache=False, vocabulary=_VOCABULARY)
    return Reading(
        msgspec.structs.replace(
            call,
            provider=call.provider or PROVIDER,
            operation="chat",
            error_type=_error_type(span, call),
            served_tier=call.served_tier or ("fast" if span.attributes.get("speed") == "fast" else ""),
        )
    )


def _error_type(span: Span, call: Call) -> str:
    """The class of HTTP's answer; the error's message is no type."""
    if call.status is not Status.ERROR or call.error_type:
        return call.error_type
    return semconv.text(span.attributes, ("status_code",))
