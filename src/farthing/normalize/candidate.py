"""One span's reading and its place in the trace in; whether two of them may be the same call out.

Nothing here decides: these are the facts about two sightings that the decision weighs.
"""

import re

import msgspec

from farthing.model.call import GATEWAY, Call, Operation, Status
from farthing.model.usage import UsageSource

_WEAK_ID = re.compile(r"(chat)?cmpl-\d{1,3}")
"""Ollama numbers its answers with three digits at random: such an id comes again soon."""

_WEAK_REACH_NS = 10 * 60 * 10**9
_COARSEST_CLOCK_NS = 2 * 10**6
"""JavaScript's spans begin and end at whole milliseconds."""

_FAMILIES = {
    "azure.ai.openai": "openai",
    "azure.ai.inference": "openai",
    "gcp.vertex_ai": "gcp",
    "gcp.gemini": "gcp",
    "gcp.gen_ai": "gcp",
    "aws.bedrock": "anthropic",
}
"""Providers whose answers two libraries may attribute to one or the other."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A call as read from one span. `ancestors` are those known, nearest first; for the roles see `Reading`."""

    call: Call
    scope: str
    parent: bytes = b""
    ancestors: tuple[bytes, ...] = ()
    wrapper: bool = False
    opening: bool = False
    closing: bool = False
    of_log: bool = False
    """Whether a log record told it. It owns its tokens only where no span does."""

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What names the span."""
        return (self.call.trace_id, self.call.span_id)

    @property
    def tokens(self) -> tuple[int | None, int | None]:
        """Input and output, as far as told: output without any input is an input that wasn't."""
        output_tokens = self.call.usage.output_tokens
        return (self.call.usage.input_tokens or (None if output_tokens else 0), output_tokens)

    @property
    def is_counted(self) -> bool:
        """Whether any usage was told."""
        return self.call.usage.source is UsageSource.PROVIDER

    @property
    def has_failed(self) -> bool:
        """Whether it ended in an error."""
        return self.call.status is Status.ERROR

    @property
    def end_ns(self) -> int:
        """When it ended."""
        return self.call.start_ns + self.call.duration_ns


def same_response(a: Candidate, b: Candidate) -> bool:
    """Whether two sightings with the same response id mean the same response: ids collide across providers."""
    if a.call.dialect == b.call.dialect == GATEWAY:
        # Some name all their answers alike.
        return a.key == b.key
    elsewhere = a.scope != b.scope
    if not (_same_provider(a, b) or (elsewhere and nested(a, b))):
        return False
    if _WEAK_ID.fullmatch(a.call.response_id) is None:
        return True
    if not elsewhere:
        return a.key == b.key or overlap(a, b)
    return same_or_unknown_tokens(a, b) and abs(a.call.start_ns - b.call.start_ns) <= _WEAK_REACH_NS


def alike(a: Candidate, b: Candidate) -> bool:
    """Whether both ask the same kind of thing of the same model, as far as either says."""
    if (a.call.operation == Operation.EMBEDDINGS) != (b.call.operation == Operation.EMBEDDINGS):
        return False
    ours, theirs = _models(a), _models(b)
    if ours and theirs and not any(x.startswith(y) or y.startswith(x) for x in ours for y in theirs):
        return False
    return _same_provider(a, b)


def same_tokens(a: Candidate, b: Candidate) -> bool:
    """Whether both tell the same usage."""
    return a.is_counted and b.is_counted and a.tokens == b.tokens


def same_or_unknown_tokens(a: Candidate, b: Candidate) -> bool:
    """Whether the usage of neither contradicts the other's."""
    if not (a.is_counted and b.is_counted):
        return True
    return all(None in sides or sides[0] == sides[1] for sides in zip(a.tokens, b.tokens, strict=True))


def nested(a: Candidate, b: Candidate) -> bool:
    """Whether one of the spans contains the other."""
    return a.call.trace_id == b.call.trace_id and (a.call.span_id in b.ancestors or b.call.span_id in a.ancestors)


def beside(a: Candidate, b: Candidate) -> bool:
    """Whether both spans hang under the same span, one of them perhaps higher up; or one under a trace itself, its own or the other's."""
    if not a.parent or not b.parent:
        return True
    if a.call.trace_id != b.call.trace_id:
        return False
    return a.parent == b.parent or a.parent in b.ancestors or b.parent in a.ancestors


def overlap(a: Candidate, b: Candidate) -> bool:
    """Whether they ran at the same time."""
    return a.call.start_ns <= b.end_ns + _COARSEST_CLOCK_NS and b.call.start_ns <= a.end_ns + _COARSEST_CLOCK_NS


def encloses_in_time(a: Candidate, b: Candidate) -> bool:
    """Whether one ran while the other did, from its start to its end."""
    outer, inner = (a, b) if a.call.duration_ns >= b.call.duration_ns else (b, a)
    return (
        outer.call.start_ns <= inner.call.start_ns + _COARSEST_CLOCK_NS
        and inner.end_ns <= outer.end_ns + _COARSEST_CLOCK_NS
    )


def _same_provider(a: Candidate, b: Candidate) -> bool:
    one, other = a.call.provider, b.call.provider
    return one == other or not one or not other or _FAMILIES.get(one, one) == _FAMILIES.get(other, other)


def _models(a: Candidate) -> list[str]:
    return [name for name in (a.call.request_model, a.call.response_model) if name]
