"""All spans of one trace in; the attributes that one of them sets for the whole trace out.

Langfuse keeps user, session, tags and more with the trace: whichever span tells them, a child even, speaks for all. Its SDKs
from version 4 put them on every span that follows, but not on those that are open already.
"""

from collections.abc import Iterable

from farthing.model.span import Attributes, Span

_SCOPE = "langfuse-sdk"
_OF_TRACE = ("langfuse.trace.", "langfuse.session.", "langfuse.user.")
_ALSO = frozenset({"user.id", "session.id", "langfuse.environment", "langfuse.release", "langfuse.version"})


def trace_wide(spans: Iterable[Span]) -> Attributes:
    """What Langfuse's spans say of their trace; of several that say it, the earliest."""
    telling = [span for span in spans if span.scope.name == _SCOPE]
    found: Attributes = {}
    for span in sorted(telling, key=lambda s: (s.start_ns, s.span_id)):
        for key, value in span.attributes.items():
            if (key in _ALSO or key.startswith(_OF_TRACE)) and key not in found:
                found[key] = value
    return found
