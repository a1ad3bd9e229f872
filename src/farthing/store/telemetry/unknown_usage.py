"""Ids of responses in; what the ledger has of the gateway's calls they answered, out: whether their usage is known, and the span where it isn't."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from farthing.model.call import GATEWAY
from farthing.model.span import Span
from farthing.model.usage import UsageSource
from farthing.store.telemetry import span_rows

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

REACH_NS = 3600 * 10**9
"""How far the provider's clock may be off."""
_MOST_SPANS = 1_000

_CALLS = """
SELECT response_id, usage_source, trace_id, span_id, toUnixTimestamp64Nano(start_time)
FROM calls FINAL
WHERE project_id = {project:String}
  AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
  AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
  AND dialect = {gateway:String} AND response_id IN {ids:Array(String)}
"""


def find(engine: "Engine", project_id: str, ids: Sequence[str], between: tuple[int, int]) -> dict[str, Span | None]:
    """Response's id → the span of its call, None where its usage is known; without those that have no call. Raises `StoreError`.

    `between` (Unix ns) the provider began to answer them.
    """
    window = (between[0] - REACH_NS, between[1] + REACH_NS)
    asked = {"project": project_id, "ids": list(ids), "from": window[0], "to": window[1], "gateway": GATEWAY}
    found: dict[str, Span | None] = {}
    unknown: dict[tuple[bytes, bytes, int], str] = {}
    for response_id, source, trace_id, span_id, start_ns in engine.query(_CALLS, asked).rows:
        found[response_id] = None
        if source == UsageSource.MISSING.value:
            unknown[trace_id, span_id, start_ns] = response_id
    if unknown:
        starts = [start_ns for _, _, start_ns in unknown]
        traces = sorted({trace_id for trace_id, _, _ in unknown})
        for span in span_rows.load(engine, project_id, traces, (min(starts), max(starts)), _MOST_SPANS):
            response_id = unknown.get((span.trace_id, span.span_id, span.start_ns))
            if response_id is not None:
                found[response_id] = span
    return found
