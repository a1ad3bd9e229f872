"""Pieces of traces just kept in; the same traces with every earlier piece out, asking the store only where one may exist."""

from collections.abc import Mapping

from farthing.model.span import Span
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.engine import Engine

REMEMBERED = 200_000
"""Traces remembered as seen, the longest unseen forgotten first."""

REACH_NS = 6 * 3600 * 10**9
"""How far in time from a piece its trace's other pieces are looked for."""

SKEW_NS = 300 * 10**9
"""How far clocks of senders may be behind ours."""

MOST_SPANS = 50_000
"""Spans of one trace that are considered together."""

_ASKED_AT_ONCE = 2_000

Pieces = Mapping[bytes, list[Span]]


class Traces:
    """Knows which traces had earlier pieces. Used by one thread.

    Every piece received since the horizon is remembered. A piece of an unknown trace can have earlier
    company only if one of its spans began before the horizon (children begin after their ancestors, so they
    came after it too) or its parent is missing. Only then the store is asked.
    """

    def __init__(self, engine: Engine, now_ns: int) -> None:
        """Remember from now on."""
        self._engine = engine
        self._seen: dict[tuple[str, bytes], int] = {}
        self._horizon_ns = now_ns

    def complete(self, project_id: str, pieces: Pieces, now_ns: int) -> dict[bytes, list[Span]]:
        """Each trace with all its known spans, earlier ones included. Raises `StoreError`."""
        asked = [
            trace_id
            for trace_id, spans in pieces.items()
            if (project_id, trace_id) in self._seen or self._may_be_older(spans)
        ]
        out = dict(pieces)
        for at in range(0, len(asked), _ASKED_AT_ONCE):
            part = asked[at : at + _ASKED_AT_ONCE]
            for trace_id, spans in self.stored(project_id, {t: pieces[t] for t in part}).items():
                held = {span.span_id for span in out[trace_id]}
                out[trace_id] = out[trace_id] + [s for s in spans if s.span_id not in held]
        self._remember(project_id, pieces, now_ns)
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
        ids = {span.span_id for span in spans}
        return any(
            span.start_ns < self._horizon_ns + SKEW_NS or (span.parent_span_id and span.parent_span_id not in ids)
            for span in spans
        )

    def _remember(self, project_id: str, pieces: Pieces, now_ns: int) -> None:
        for trace_id in pieces:
            key = (project_id, trace_id)
            self._seen.pop(key, None)
            self._seen[key] = now_ns
        while len(self._seen) > REMEMBERED:
            oldest = next(iter(self._seen))
            self._horizon_ns = max(self._horizon_ns, self._seen.pop(oldest))
