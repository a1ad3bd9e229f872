"""Pieces of traces just kept in; which of them may have earlier company, and the whole traces from the store, out."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from farthing.model.call import GATEWAY
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

LINK_REACH_NS = 3600 * 10**9
"""How far in time from a piece other traces that tell of the same calls are looked for."""

MOST_SHARING = 200
"""Traces that may share a key: what more have in common than this is a crowd, not one call."""

_ROUNDS = 4
MOST_LINKED = 500
"""How often the traces found are asked for further ones, and how many may be found: when errors come by the hundred,
keys that only say when something happened chain them all."""

SKEW_NS = 60 * 10**9
"""How far clocks of senders may be ahead of ours."""

MOST_SPANS = 50_000
"""Spans of one trace that are considered together."""

_ASKED_AT_ONCE = 2_000

Linked = list[list[Span]]
"""Traces with all their known spans, which may tell of the same calls and so are understood together."""


class Piece(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one request holds of one trace. Times are Unix nanoseconds."""

    trace_id: bytes
    first_ns: int
    last_ns: int
    orphan: bool = False
    """Whether a span's parent is missing from the request."""
    call_starts: tuple[int, ...] = ()
    """When its calls began."""
    links: tuple[int, ...] = ()
    """The keys under which its calls may be told of by other traces (`Call.links`)."""
    of_gateway: bool = False
    """Whether our own gateway made all its calls: these may be the same as others', and never as each other."""


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
        self._links = Memory(REMEMBERED, 0)

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
        self._links = Memory(REMEMBERED, known_from)
        for project_id, link, of_gateway in self._engine.query(
            _LINKS,
            {"from": known_from // 1000, "warm": WARM, "most": REMEMBERED, "gateway": GATEWAY},
            timeout_s=120,
        ).rows:
            self._links.add((project_id, ~link if of_gateway else link), known_from)

    def begun_earlier(self, project_id: str, pieces: Iterable[Piece], now_ns: int) -> list[Piece]:
        """Those of the pieces whose traces, or traces linked with them, may have others already.

        All pieces are remembered from now on.
        """
        return [piece for piece in pieces if self._is_known(project_id, piece, now_ns) or self._may_be_older(piece)]

    def _is_known(self, project_id: str, piece: Piece, now_ns: int) -> bool:
        known = self._memory.add((project_id, piece.trace_id), now_ns)
        for link in piece.links:
            # A provider that names all its answers alike must not have every call that passes by read again with all others.
            mine, theirs = (~link, link) if piece.of_gateway else (link, ~link)
            seen = self._links.add((project_id, mine), now_ns)
            known |= (seen and not piece.of_gateway) or self._links.has((project_id, theirs))
        return known

    def whole(self, project_id: str, pieces: Sequence[Piece]) -> Iterator[list[Linked]]:
        """The traces of these pieces as the store holds them, each with those linked to it, some thousand at a time.

        Raises `StoreError`.
        """
        for at in range(0, len(pieces), _ASKED_AT_ONCE):
            part = pieces[at : at + _ASKED_AT_ONCE]
            window = (min(p.first_ns for p in part), max(p.last_ns for p in part))
            links = self._closure(project_id, part, window)
            traces: dict[bytes, list[Span]] = {trace_id: [] for trace_id in links}
            around = (window[0] - REACH_NS, window[1] + REACH_NS)
            for span in span_rows.load(self._engine, project_id, list(links), around, MOST_SPANS):
                traces[span.trace_id].append(span)
            yield [
                linked
                for together in _components(links)
                if (linked := [traces[trace_id] for trace_id in together if traces[trace_id]])
            ]

    def _closure(self, project_id: str, pieces: Sequence[Piece], window: tuple[int, int]) -> dict[bytes, set[int]]:
        """Trace → its keys, for the traces of these pieces and all that share keys with them, directly or not."""
        found: dict[bytes, set[int]] = {}
        for piece in pieces:
            found.setdefault(piece.trace_id, set()).update(piece.links)
        new_traces, new_links = set(found), set[int]().union(*found.values())
        asked = set[int]()
        for _ in range(_ROUNDS):
            if (not new_traces and not new_links) or len(found) > len(pieces) + MOST_LINKED:
                break
            asked |= new_links
            rows = self._engine.query(
                _LINKED,
                {
                    "project": project_id,
                    "from": window[0] - LINK_REACH_NS,
                    "to": window[1] + LINK_REACH_NS,
                    "traces": [trace.hex() for trace in sorted(new_traces)],
                    "links": sorted(new_links),
                    "most": MOST_SHARING,
                },
                timeout_s=120,
            ).rows
            known = set(found)
            for trace_id, links in rows:
                found.setdefault(trace_id, set()).update(links)
            new_traces = set(found) - known
            new_links = set[int]().union(*found.values()) - asked
        return found

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
        known_from = max(self._memory.since_ns, self._links.since_ns)
        return known_from > 0 and (piece.orphan or piece.first_ns < known_from + SKEW_NS)


# Re-pricing gives rows of any age new revisions: only those of the traces that are remembered count.
_LINKS = """
SELECT project_id, arrayJoin(links), dialect = {gateway:String} FROM calls
WHERE revision >= {from:UInt64}
  AND trace_id IN (SELECT trace_id FROM spans ORDER BY commit DESC LIMIT {warm:UInt32})
LIMIT {most:UInt32}
"""

_LINKED = """
SELECT trace_id, groupUniqArray(link)
FROM (
    SELECT trace_id, link
    FROM calls ARRAY JOIN links AS link
    WHERE project_id = {project:String}
      AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
      AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
      AND (link IN (SELECT arrayJoin({links:Array(UInt64)}))
           OR trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16)))
    GROUP BY trace_id, link
    ORDER BY link, trace_id
    LIMIT {most:UInt32} BY link
)
GROUP BY trace_id
"""


def _components(links: Mapping[bytes, Iterable[int]]) -> list[list[bytes]]:
    """The traces, those that share keys together."""
    root: dict[bytes, bytes] = {trace_id: trace_id for trace_id in links}

    def top(trace_id: bytes) -> bytes:
        while root[trace_id] != trace_id:
            root[trace_id] = trace_id = root[root[trace_id]]
        return trace_id

    first: dict[int, bytes] = {}
    for trace_id in sorted(links):
        for link in links[trace_id]:
            a, b = top(trace_id), top(first.setdefault(link, trace_id))
            root[max(a, b)] = min(a, b)
    together: dict[bytes, list[bytes]] = {}
    for trace_id in sorted(links):
        together.setdefault(top(trace_id), []).append(trace_id)
    return list(together.values())
