"""A log record that describes a model call in; a span that stands for it, in the same trace, out.

Such a record mostly restates a span that comes as well, and which of the two comes first can't be known. So it takes the
same road: it becomes a span of its own, the child of the span it names, is kept like one, and whether it owns its tokens is
decided with the trace's other spans. Its id is made of the record, so a re-sent record is the same span.
"""

import hashlib

from farthing.model.log import LogRecord
from farthing.model.span import NO_PARENT, STATUS_ERROR, STATUS_UNSET, Span, Value

SIGNAL = "farthing.signal"
"""The attribute that marks a span as made of another signal."""

LOG = "log"

DETAILS = "gen_ai.client.inference.operation.details"
"""OpenTelemetry's event; it has the attributes of the span it restates. The older events (`gen_ai.choice` …) have none."""

_CLAUDE_CODE = "claude_code."
_CLAUDE_CODE_SCOPE = "com.anthropic.claude_code"
_CLAUDE_CODE_CALLS = frozenset({"api_request", "api_error"})
_CODEX_DONE = "codex.sse_event"
_CODEX_REQUESTS = frozenset({"codex.api_request", "codex.websocket_request"})
_LONGEST_MS = 366 * 86_400 * 1000


def is_made_of_log(span: Span) -> bool:
    """Whether this span stands for a log record."""
    return span.attributes.get(SIGNAL) == LOG


def as_span(record: LogRecord, record_id: bytes) -> Span | None:
    """The span that stands for this record's call; None when it describes none. `record_id` names the record."""
    name = _name(record)
    if name is None:
        return None
    trace_id = record.trace_id or _trace(record, record_id)
    if not trace_id:
        return None
    lasted = _milliseconds(record.attributes.get("duration_ms")) * 10**6
    failed = name == "claude_code.api_error" or _is_failure(record)
    return Span(
        trace_id,
        record_id[:8],
        record.span_id or NO_PARENT,
        name,
        0,
        record.time_ns - lasted,
        record.time_ns,
        STATUS_ERROR if failed else STATUS_UNSET,
        "",
        record.scope,
        record.resource,
        {**record.attributes, **_translated(name, record), SIGNAL: LOG},
    )


def _translated(name: str, record: LogRecord) -> dict[str, Value]:
    """What a coding agent says under names of its own, under those that everything else looks for."""
    agent, _, event = name.partition(".")
    if agent not in ("claude_code", "codex"):
        return {}
    out: dict[str, Value] = {f"{agent}.event": event}
    attributes = record.attributes
    session = attributes.get("session.id") or attributes.get("conversation.id")
    user = attributes.get("user.id") or attributes.get("user.email") or attributes.get("user.account_id")
    return out | ({"session.id": session} if session else {}) | ({"user.id": user} if user else {})


def _name(record: LogRecord) -> str | None:
    """The event's full name, if it is one that describes a call."""
    name = record.event_name
    attributes = record.attributes
    if name == DETAILS:
        return name
    if name in _CODEX_REQUESTS:
        # A request that went well is told by the end of its stream, with its usage.
        return name if _is_failure(record) else None
    if name == _CODEX_DONE:
        return name if "input_token_count" in attributes or attributes.get("event.kind") == "response.failed" else None
    bare = name.removeprefix(_CLAUDE_CODE)
    named_in_full = name.startswith(_CLAUDE_CODE) or record.body == _CLAUDE_CODE + bare
    if bare in _CLAUDE_CODE_CALLS and (named_in_full or record.scope.name.startswith(_CLAUDE_CODE_SCOPE)):
        return _CLAUDE_CODE + bare
    return None


def _is_failure(record: LogRecord) -> bool:
    told = record.attributes
    if told.get("error.type") or told.get("error.message") or told.get("event.kind") == "response.failed":
        return True
    status = told.get("http.response.status_code")
    return isinstance(status, int) and status >= 400


def _trace(record: LogRecord, record_id: bytes) -> bytes:
    """The trace of a record that names none; b"" for one whose call is a span somewhere else.

    OpenTelemetry's details event is emitted beside a span, by some libraries when that has ended already; then only the
    response's id can tell which one it restates. A coding agent's events stand for themselves; those of one prompt
    belong together.
    """
    if record.event_name == DETAILS:
        return record_id if record.attributes.get("gen_ai.response.id") else b""
    prompt = record.attributes.get("prompt.id")
    if not isinstance(prompt, str) or not prompt:
        return record_id
    session = record.attributes.get("session.id")
    return hashlib.blake2b(f"{session}\0{prompt}".encode("utf-8", "replace"), digest_size=16).digest()


def _milliseconds(value: Value) -> int:
    """How long it took; 0 where nobody said. Both agents send it as text at times."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_MS:
        return 0
    return round(value)
