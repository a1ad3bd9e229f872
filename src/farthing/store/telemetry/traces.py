"""Pieces of traces just kept in; the same traces with every earlier piece out, asking the store only where one may exist."""

from collections.abc import Mapping

from farthing.model.span import Span
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.memory import Memory

REMEMBERED = 2_000_000
"""Traces remembered at least, in 4 MB a generation."""

WARM = 50_000
"""Spans from before the start whose traces are remembered, the latest ones."""

REACH_NS = 6 * 3600 * 10**9
"""How far in time from a piece its trace's other pieces are looked for."""

SKEW_NS = 60 * 10**9
"""How far clocks of senders may be ahead of ours."""

MOST_SPANS = 50_000
"""Spans of one trace that are considered together."""

_ASKED_AT_ONCE = 2_000

Pieces = Mapping[bytes, list[Span]]


class Traces:
    """Knows which traces had earlier pieces. Used by one thread.

    Every piece received since some moment is remembered. A piece of an unknown trace can have earlier
    company only if one of its spans began before that moment (children begin after their ancestors, so they
    came after it too) or its parent is missing. Only then the store is asked.
    """

    def __init__(self, engine: Engine) -> None:
        """Nothing is remembered before `recall`."""
        self._engine = engine
        self._memory = Memory(REMEMBERED, 0)

    def recall(self) -> None:
        """Remember the latest traces of the store; all of them when they are few. Raises `StoreError`."""
        rows = self._engine.query(
            "SELECT project_id, trace_id, commit FROM spans ORDER BY commit DESC LIMIT {most:UInt32}",
            {"most": WARM},
            timeout_s=120,
        ).rows
        known_from = rows[-1][2] * 1000 if len(rows) == WARM else 0
        self._memory = Memory(REMEMBERED, known_from)
        for project_id, trace_id, _ in rows:
            self._memory.add((project_id, trace_id), known_from)

    def complete(self, project_id: str, pieces: Pieces, now_ns: int) -> dict[bytes, list[Span]]:
        """Each trace with all its known spans, earlier ones included. Raises `StoreError`."""
        asked = [
            trace_id
            for trace_id, spans in pieces.items()
            if self._memory.add((project_id, trace_id), now_ns) or self._may_be_older(spans)
        ]
        out = dict(pieces)
        for at in range(0, len(asked), _ASKED_AT_ONCE):
            part = asked[at : at + _ASKED_AT_ONCE]
            for trace_id, spans in self.stored(project_id, {t: pieces[t] for t in part}).items():
                held = {span.span_id for span in out[trace_id]}
                out[trace_id] = out[trace_id] + [s for s in spans if s.span_id not in held]
        return out

    def stored(self, project_id: str, pieces: Pieces) -> dict[bytes, list[Span]]:
        """What the store holds of these traces, around the times of the pieces."""
        window = (
            min(s.start_ns for spans in pieces.values() for s in spans) - REACH_NS,
            max(s.end_ns for spans in pieces.values() for s in spans) + REACH_NS,
        )
        found: dict[bytes, list[Span]] = {}
        for span in span_rows.load(self._engine, project_id, list(pieces), window, MOST_SPANS):
            found.setdefault(span.trace_id, []).append(span)
        return found

    def _may_be_older(self, spans: list[Span]) -> bool:
        known_from = self._memory.since_ns
        if not known_from:
            return False
        ids = {span.span_id for span in spans}
        return any(
            span.start_ns < known_from + SKEW_NS or (span.parent_span_id and span.parent_span_id not in ids)
            for span in spans
        )
