"""Traces, or some spans of them, in; what is known of each span, with its content and its call, out."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from farthing.normalize.fragments import OF_TRACE
from farthing.query import content, shapes
from farthing.query.content import Content
from farthing.query.shapes import Row
from farthing.query.signals import IS_LOG
from farthing.store.telemetry.engine import Engine

MOST_SPANS = 50_000
TIMEOUT_S = 120

_A = "attributes"
_KIND = f"JSONExtractString({_A}, 'openinference.span.kind')"
_OPERATION = f"JSONExtractString({_A}, 'gen_ai.operation.name')"
_MODELS = " OR ".join(
    f"JSONHas({_A}, '{name}')"
    for name in ("gen_ai.request.model", "gen_ai.response.model", "llm.model_name", "ai.model.id")
)
TYPE = f"""multiIf(
    JSONExtractString({_A}, 'langfuse.observation.type') != '', upper(JSONExtractString({_A}, 'langfuse.observation.type')),
    {_KIND} = 'LLM', 'GENERATION',
    {_KIND} IN ('EMBEDDING', 'AGENT', 'TOOL', 'CHAIN', 'RETRIEVER', 'GUARDRAIL', 'EVALUATOR'), {_KIND},
    {_OPERATION} IN ('chat', 'completion', 'text_completion', 'generate_content', 'generate'), 'GENERATION',
    {_OPERATION} = 'embeddings', 'EMBEDDING',
    {_OPERATION} IN ('invoke_agent', 'create_agent'), 'AGENT',
    {_OPERATION} = 'execute_tool', 'TOOL',
    {_MODELS}, 'GENERATION',
    'SPAN')"""
"""In SQL: of which of Langfuse's types a row of `spans` is."""

IS_OBSERVATION = f"position(attributes, '\"{OF_TRACE}\":true') = 0 AND NOT ({IS_LOG})"
"""In SQL: whether it is an observation, and stands for no trace and no log record."""


class Observed(msgspec.Struct, frozen=True):
    """One span. Times are Unix nanoseconds."""

    trace_id: bytes
    span_id: bytes
    name: str
    start_ns: int
    end_ns: int
    failed: bool
    status_message: str
    type: str
    is_observation: bool
    resource: dict[str, Any]
    updated_ns: int
    said: Content
    call: Row | None
    """The row of its call, if it tells of one."""

    @property
    def attributes(self) -> dict[str, Any]:
        """Its attributes, content included."""
        return self.said.attributes


_SPANS = f"""
SELECT trace_id, span_id, name, toUnixTimestamp64Nano(start_time), duration_ns, status = 2, status_message, {TYPE},
    {IS_OBSERVATION}, resource, commit
FROM spans
WHERE project_id = {{project:String}}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16))
    AND (empty({{spans:Array(String)}}) OR span_id IN (SELECT toFixedString(unhex(arrayJoin({{spans:Array(String)}})), 8)))
ORDER BY commit DESC, start_time
LIMIT 1 BY trace_id, span_id
LIMIT {MOST_SPANS}
"""

_CALLS = f"""
SELECT {", ".join((*shapes.CALL, *shapes.LINES))}
FROM calls FINAL
WHERE project_id = {{project:String}}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16))
    AND (empty({{spans:Array(String)}}) OR span_id IN (SELECT toFixedString(unhex(arrayJoin({{spans:Array(String)}})), 8)))
ORDER BY is_owner, start_time DESC
"""


def of_traces(
    engine: Engine, project_id: str, traces: Iterable[bytes], spans: Sequence[bytes] = ()
) -> dict[bytes, list[Observed]]:
    """All spans of these traces, or some of them alone, the earliest first, by trace. Raises `StoreError`."""
    ids = [one.hex() for one in traces]
    asked = {"project": project_id, "traces": ids, "spans": [one.hex() for one in spans]}
    if not ids:
        return {}
    said = content.of_traces(engine, project_id, ids, asked["spans"])
    # A span with two starts has two rows: that which owns the tokens comes last.
    calls = {
        (row["trace_id"], row["span_id"]): row for row in shapes.rows(engine.query(_CALLS, asked, timeout_s=TIMEOUT_S))
    }
    found: dict[bytes, list[Observed]] = {}
    for row in engine.query(_SPANS, asked, timeout_s=TIMEOUT_S).rows:
        trace_id, span_id, name, start_ns, lasted, failed, message, kind, is_observation, resource, commit = row
        whole = said.get(trace_id.hex(), {}).get(span_id.hex())
        if whole is None:  # it came in between
            continue
        one = Observed(
            trace_id, span_id, name, start_ns, start_ns + lasted, bool(failed), message, kind, bool(is_observation),
            shapes.attributes(resource), commit * 1000, whole, calls.get((trace_id, span_id)),
        )  # fmt: skip
        found.setdefault(trace_id, []).append(one)
    for held in found.values():
        held.sort(key=lambda one: (one.start_ns, one.span_id))
    return found


def of_places(engine: Engine, project_id: str, places: Sequence[tuple[bytes, bytes]]) -> list[Observed]:
    """These spans, each named by trace and id, in this order; what is not there is left out. Raises `StoreError`."""
    traces = of_traces(engine, project_id, dict.fromkeys(trace for trace, _ in places), [span for _, span in places])
    held = {(one.trace_id, one.span_id): one for spans in traces.values() for one in spans}
    return [held[place] for place in places if place in held]
