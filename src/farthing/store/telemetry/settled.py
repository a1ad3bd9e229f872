"""A place in the order in which spans were kept in; the next ones, with what their calls cost, out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from farthing.model.span import Span
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.engine import Engine

TIMEOUT_S = 120


class Position(msgspec.Struct, frozen=True):
    """The last span that has been dealt with: its commit, and its place within that."""

    commit: int = 0
    start_ns: int = 0
    trace: str = "0" * 32
    span: str = "0" * 16


class Settled(msgspec.Struct, frozen=True):
    """A span, where it stands, and what the call cost that it owns; None when it owns none, or nobody knows."""

    span: Span
    position: Position
    cost: Decimal | None
    size: int = 0
    """About how many bytes it has."""


# What stands before a span in its batch is summed up, so that a batch of huge spans ends early; the first is always there.
_SPANS = f"""
SELECT * EXCEPT (before) FROM (
SELECT {span_rows.COLUMNS}, project_id, commit, length(resource) + length(attributes) + length(events) AS size,
  sum(length(resource) + length(attributes) + length(events)) OVER (ORDER BY commit, start_time, trace_id, span_id
  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
FROM (SELECT * FROM spans
WHERE commit >= {{commit:UInt64}} AND commit <= {{until:UInt64}} AND (commit, start_time, trace_id, span_id) >
  ({{commit:UInt64}}, fromUnixTimestamp64Nano({{start:Int64}}, 'UTC'), toFixedString(unhex({{trace:String}}), 16),
   toFixedString(unhex({{span:String}}), 8))
ORDER BY commit, start_time, trace_id, span_id
LIMIT {{most:UInt32}})) WHERE before <= {{bytes:UInt64}}
ORDER BY commit, start_ns, trace_id, span_id
"""

_COSTS = """
SELECT project_id, trace_id, span_id, cost FROM calls FINAL
WHERE is_owner AND cost IS NOT NULL AND project_id IN {projects:Array(String)}
  AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
"""


def after(engine: Engine, position: Position, until: int, most: int, most_bytes: int) -> list[Settled]:
    """The next spans of commits up to `until`, no more than about so many bytes. Raises `StoreError`."""
    rows = engine.query(
        _SPANS,
        {
            "commit": position.commit,
            "start": position.start_ns,
            "trace": position.trace,
            "span": position.span,
            "until": until,
            "most": most,
            "bytes": most_bytes,
        },
        timeout_s=TIMEOUT_S,
    ).rows
    found = [(span_rows.span(row[:-3]), str(row[-3]), int(row[-2]), int(row[-1])) for row in rows]
    costs = _costs(engine, [span for span, *_ in found], sorted({project for _, project, *_ in found}))
    return [
        Settled(
            span,
            Position(commit, span.start_ns, span.trace_id.hex(), span.span_id.hex()),
            costs.get((project, span.trace_id, span.span_id)),
            size,
        )
        for span, project, commit, size in found
    ]


def _costs(engine: Engine, spans: Sequence[Span], projects: list[str]) -> dict[tuple[str, bytes, bytes], Decimal]:
    if not spans:
        return {}
    asked: dict[str, Any] = {
        "projects": projects,
        "from": min(span.start_ns for span in spans),
        "to": max(span.start_ns for span in spans),
        "traces": sorted({span.trace_id.hex() for span in spans}),
    }
    return {(p, trace, span): cost for p, trace, span, cost in engine.query(_COSTS, asked, timeout_s=TIMEOUT_S).rows}
