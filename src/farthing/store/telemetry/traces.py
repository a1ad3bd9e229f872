"""Pieces of traces just kept in; the same traces with every earlier piece out, asking the store only where one may exist."""

import logging
from collections.abc import Iterator, Mapping

from farthing.model.span import Resource, Scope, Span
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.memory import Memory

log = logging.getLogger(__name__)

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

_NO_SCOPE, _NO_RESOURCE = Scope(), Resource()

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

    def kept_between(self, after: int, until: int) -> Iterator[dict[str, dict[bytes, list[Span]]]]:
        """The traces of all spans of these commits (after the first, up to the last), whole, some thousand at a time.

        Raises `StoreError`.
        """
        rows = self._engine.query(
            "SELECT project_id, trace_id, toUnixTimestamp64Nano(min(start_time)),"
            " max(toUnixTimestamp64Nano(start_time)) FROM spans"
            " WHERE commit > {after:UInt64} AND commit <= {until:UInt64} GROUP BY 1, 2 ORDER BY 1, 3",
            {"after": after, "until": until},
            timeout_s=600,
        ).rows
        if rows:
            log.info("Settling %d traces that were kept but not settled before the last stop", len(rows))
        for at in range(0, len(rows), _ASKED_AT_ONCE):
            pieces: dict[str, dict[bytes, list[Span]]] = {}
            for project_id, trace_id, start, end in rows[at : at + _ASKED_AT_ONCE]:
                pieces.setdefault(project_id, {})[trace_id] = [_mark(trace_id, start), _mark(trace_id, end)]
            yield {project_id: self.stored(project_id, traces) for project_id, traces in pieces.items()}

    def _may_be_older(self, spans: list[Span]) -> bool:
        known_from = self._memory.since_ns
        if not known_from:
            return False
        ids = {span.span_id for span in spans}
        return any(
            span.start_ns < known_from + SKEW_NS or (span.parent_span_id and span.parent_span_id not in ids)
            for span in spans
        )


def _mark(trace_id: bytes, at_ns: int) -> Span:
    """A span that only says where in time to look for its trace."""
    return Span(trace_id, b"", b"", "", 0, at_ns, at_ns, 0, "", _NO_SCOPE, _NO_RESOURCE, {})
