"""What is written down of a call while it passes in; the spans it becomes, whose ids are the same whenever they are made, out. Pure."""

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from farthing.model.call import CUT_OFF
from farthing.model.span import STATUS_ERROR, STATUS_OK, STATUS_UNSET, Attributes, Resource, Scope, Span

SCOPE = "farthing.gateway"

_SCOPE = Scope(SCOPE)
_NO_RESOURCE = Resource()
_INTERNAL, _CLIENT = 1, 3

CLIENT_GONE = "client_disconnected"
INTERRUPTED = "gateway_interrupted"
"""The gateway ended before the attempt did: what it used is not known."""
STREAM_FAILED = "stream_failed"
"""The provider began to answer and told of an error then."""

_ANSWERED = range(200, 300)


class Passed(msgspec.Struct, tag="call", gc=False):
    """A call as it came in: what all its attempts have in common."""

    id: str
    """16 random bytes in hex."""
    request_id: str
    """The UUID that the client is told, or told us."""
    project_id: str
    key_id: str
    trace_id: str
    parent_id: str
    """The client's span around it; "" where it told none."""
    start_ns: int
    operation: str
    attributes: dict[str, Any]
    """Who and what it was for, and what was asked."""
    reserved: str = ""
    """Units of 10^-24 dollars that are held for it; "" for none."""
    counted_by: list[dict[str, str]] = []
    """What the budgets that hold them go by: for each place the call may go to."""


class Attempt(msgspec.Struct, tag="attempt", omit_defaults=True, gc=False):
    """One request to a provider. It is written down when it begins, with `end_ns` 0, and again when it has ended."""

    of: str
    """The call's id."""
    number: int
    provider: str
    account: str
    model: str
    start_ns: int
    end_ns: int = 0
    status: int = 0
    """HTTP status; 0 where no answer came."""
    error: str = ""
    """What went wrong; "" for nothing."""
    response_model: str = ""
    response_id: str = ""
    finish: list[str] = []
    usage: str = ""
    """The provider's own usage object, as JSON."""
    first_ns: int = 0
    """When the first byte of the answer's body came."""
    tier: str = ""
    created_s: int = 0
    """When the response began by the provider's clock, where it is one that was asked for before."""
    facts: dict[str, Any] = {}
    """Further attributes that the answer told."""


Line = Passed | Attempt


class Record(msgspec.Struct, gc=False):
    """A call that is over, or was when the gateway ended: with its attempts in order."""

    call: Passed
    attempts: list[Attempt] = []

    def put(self, attempt: Attempt) -> None:
        """Add an attempt, or what is known of it by now."""
        at = next((at for at, held in enumerate(self.attempts) if held.number == attempt.number), -1)
        if at >= 0:
            self.attempts[at] = attempt
        else:
            self.attempts.append(attempt)


def spans(record: Record) -> list[Span]:
    """One span for each attempt; where it took several, one around them, which is no call."""
    call, attempts = record.call, record.attempts
    trace_id, parent = bytes.fromhex(call.trace_id), bytes.fromhex(call.parent_id)
    own = span_id(call.id)
    if len(attempts) == 1:
        return [_span(call, attempts[0], trace_id, own, parent)]
    found = [_span(call, attempt, trace_id, _digest(f"{call.id}/{attempt.number}"), own) for attempt in attempts]
    if not found:
        return []
    last = found[-1]
    end_ns = max(span.end_ns for span in found)
    around: Attributes = {
        "farthing.request_id": call.request_id,
        "farthing.attempts": len(attempts),
        **{name: value for name, value in call.attributes.items() if not name.startswith(("gen_ai.", "openai."))},
    }
    name = f"gateway {call.operation}"
    return [
        Span(
            trace_id, own, parent, name, _INTERNAL, call.start_ns, max(end_ns, call.start_ns), last.status,
            last.status_message, _SCOPE, _NO_RESOURCE, around,
        ),
        *found,
    ]  # fmt: skip


@lru_cache(maxsize=1024)
def span_id(call_id: str) -> bytes:
    """The span of a call as a whole. It is asked for when the call comes in, when it is made and when it is told."""
    return _digest(call_id)


def _digest(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()


def _span(call: Passed, attempt: Attempt, trace_id: bytes, own: bytes, parent: bytes) -> Span:
    ended = attempt.end_ns > 0
    error = said = attempt.error or ("" if ended else INTERRUPTED)
    if error and attempt.status in _ANSWERED and not attempt.usage and error not in CUT_OFF:
        # It began to answer, so it may charge for it; that it named an error later doesn't make it free.
        error = STREAM_FAILED
    attributes: Attributes = {
        **call.attributes,
        "gen_ai.operation.name": call.operation,
        "gen_ai.provider.name": attempt.provider,
        "gen_ai.request.model": attempt.model,
        "externalRequestId": call.request_id,
        "farthing.account": attempt.account,
        "farthing.attempt": attempt.number,
    }
    for name, value in (
        ("gen_ai.response.model", attempt.response_model),
        ("gen_ai.response.id", attempt.response_id),
        ("gen_ai.response.finish_reasons", attempt.finish),
        ("gen_ai.response.service_tier", attempt.tier),
        ("http.response.status_code", attempt.status),
        ("error.type", error),
        ("farthing.usage", attempt.usage),
    ):
        if value:
            attributes[name] = value
    if attempt.first_ns and attempt.status in _ANSWERED and call.attributes.get("gen_ai.request.stream"):
        attributes["gen_ai.response.time_to_first_chunk"] = (attempt.first_ns - attempt.start_ns) / 1e9
    attributes |= attempt.facts
    status = STATUS_ERROR if error else STATUS_OK if ended else STATUS_UNSET
    return Span(
        trace_id,
        own,
        parent,
        f"{call.operation} {attempt.model}",
        _CLIENT,
        attempt.start_ns,
        max(attempt.end_ns, attempt.start_ns),
        status,
        said,
        _SCOPE,
        _NO_RESOURCE,
        attributes,
    )
