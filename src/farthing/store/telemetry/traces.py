"""Pieces of traces just kept in; which of them may have earlier company, and the whole traces from the store, out."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from farthing.model.span import Span
from farthing.store.telemetry import span_rows
from farthing.store.telemetry.memory import Memory

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

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

Whole = dict[bytes, list[Span]]
"""Traces with all their known spans."""


class Piece(msgspec.Struct, frozen=True, gc=False):
    """What one request holds of one trace. Times are Unix nanoseconds."""

    trace_id: bytes
    first_ns: int
    last_ns: int
    orphan: bool = False
    """Whether a span's parent is missing from the request."""
    call_starts: tuple[int, ...] = ()
    """When its calls began."""


class Traces:
    """Knows which traces had earlier pieces. Used by one thread.

    Every piece received since some moment is remembered. A piece of an unknown trace can have earlier
    company only if one of its spans began before that moment (children begin after their ancestors, so they
    came after it too) or its parent is missing. Only then the store is asked.
    """

    def __init__(self, engine: "Engine") -> None:
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

    def begun_earlier(self, project_id: str, pieces: Iterable[Piece], now_ns: int) -> list[Piece]:
        """Those of the pieces whose traces may have others already; all are remembered from now on."""
        return [
            piece
            for piece in pieces
            if self._memory.add((project_id, piece.trace_id), now_ns) or self._may_be_older(piece)
        ]

    def whole(self, project_id: str, pieces: Sequence[Piece]) -> Iterator[Whole]:
        """The traces of these pieces as the store holds them, some thousand at a time. Raises `StoreError`."""
        for at in range(0, len(pieces), _ASKED_AT_ONCE):
            part = pieces[at : at + _ASKED_AT_ONCE]
            window = (min(p.first_ns for p in part) - REACH_NS, max(p.last_ns for p in part) + REACH_NS)
            found: Whole = {}
            names = list({piece.trace_id: None for piece in part})
            for span in span_rows.load(self._engine, project_id, names, window, MOST_SPANS):
                found.setdefault(span.trace_id, []).append(span)
            yield found

    def kept_between(self, after: int, until: int) -> dict[str, list[Piece]]:
        """The pieces, by project, that these commits kept (after the first, up to the last). Raises `StoreError`."""
        rows = self._engine.query(
            "SELECT project_id, trace_id, toUnixTimestamp64Nano(min(start_time)),"
            " max(toUnixTimestamp64Nano(start_time)) FROM spans"
            " WHERE commit > {after:UInt64} AND commit <= {until:UInt64} GROUP BY 1, 2 ORDER BY 1, 3",
            {"after": after, "until": until},
            timeout_s=600,
        ).rows
        if rows:
            log.info("Settling %d traces that were kept but not settled before the last stop", len(rows))
        found: dict[str, list[Piece]] = {}
        for project_id, trace_id, start, end in rows:
            found.setdefault(project_id, []).append(Piece(trace_id, start, end))
        return found

    def _may_be_older(self, piece: Piece) -> bool:
        known_from = self._memory.since_ns
        return known_from > 0 and (piece.orphan or piece.first_ns < known_from + SKEW_NS)
