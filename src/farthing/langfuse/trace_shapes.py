"""All spans of a trace in; the trace as versions 2 to 4 of Langfuse's SDKs parse it, out. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from farthing.langfuse.observation_shapes import DEFAULT_ENVIRONMENT, observation_id, trace_id, view
from farthing.langfuse.score_shapes import legacy
from farthing.langfuse.shapes import Json, moment
from farthing.model.score import Score
from farthing.query import content, of_traces
from farthing.query.observed import Observed

_NS = Decimal(10**9)
GROUPS = frozenset({"core", "io", "scores", "observations", "metrics"})


class Trace(msgspec.Struct, frozen=True):
    """A trace as it was read."""

    project_id: str
    spans: Sequence[Observed]
    """The earliest first; at least one."""
    about: of_traces.About
    scores: Sequence[Score]
    root_path: str = ""

    @property
    def observations(self) -> list[Observed]:
        """Its spans but for the one that stands for the trace itself."""
        return [one for one in self.spans if one.is_observation]


def plain(trace: Trace, *, said: bool = True) -> Json:
    """Without what it is made of; `said`: with input, output and metadata."""
    first = trace.spans[0]
    own = next((one for one in trace.spans if not one.is_observation), None)
    root = next((one for one in trace.spans if not one.said.parent), first)
    values = content.of_whole({one.span_id.hex(): one.said for one in trace.spans}) if said else None
    told: Json = {
        "id": trace_id(first),
        "timestamp": moment((own or first).start_ns),
        "name": trace.about.name or root.name or None,
        "sessionId": trace.about.session_id or None,
        "userId": trace.about.user_id or None,
        "release": trace.about.release or None,
        "version": trace.about.version or None,
        "tags": list(trace.about.tags),
        "public": any(one.attributes.get("langfuse.trace.public") is True for one in trace.spans),
        "environment": trace.about.environment or DEFAULT_ENVIRONMENT,
        "bookmarked": False,
        "externalId": None,
        "projectId": trace.project_id,
        "createdAt": moment(min(one.updated_ns for one in trace.spans)),
        "updatedAt": moment(max(one.updated_ns for one in trace.spans)),
    }
    if values is not None:
        told |= {"input": values.input, "output": values.output, "metadata": values.metadata}
    return told


def listed(trace: Trace, groups: frozenset[str] = GROUPS) -> Json:
    """As in a list: of observations and scores the ids."""
    return {
        **plain(trace, said="io" in groups),
        "htmlPath": path(trace),
        "latency": latency(trace) if "metrics" in groups else -1,
        "totalCost": total_cost(trace) if "metrics" in groups else -1,
        "observations": [observation_id(one) for one in trace.observations] if "observations" in groups else [],
        "scores": [one.id for one in trace.scores] if "scores" in groups else [],
    }


def whole(trace: Trace) -> Json:
    """With all that it is made of."""
    known = {one.span_id: one for one in trace.spans}
    return {
        **listed(trace),
        "observations": [view(one, known) for one in trace.observations],
        "scores": [legacy(one) for one in trace.scores],
    }


def path(trace: Trace) -> str:
    """Where the trace is in the UI."""
    return f"{trace.root_path}/traces/{trace.spans[0].trace_id.hex()}"


def latency(trace: Trace) -> Decimal:
    """Seconds from its first to its last observation's end."""
    held = trace.observations or list(trace.spans)
    return (max(one.end_ns for one in held) - min(one.start_ns for one in held)) / _NS


def total_cost(trace: Trace) -> Any:
    """Dollars of all calls whose price is known."""
    costs = [one.call["cost"] for one in trace.spans if one.call is not None and one.call["is_owner"]]
    return Decimal(f"{sum((cost for cost in costs if cost is not None), Decimal(0)).normalize():f}")
