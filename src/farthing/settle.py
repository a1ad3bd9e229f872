"""Requests whose spans are durable in; the rows of their calls, out into the store: from the requests alone, or from the store.

Usually the rows were made with the request and are only written here. A trace that has other pieces, or tells of a call that
another trace tells of too, is read again from the store with all that belongs to it, and derived anew.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import pyarrow as pa

from farthing import contradictions, quarantine, vitals
from farthing.metering import Metering
from farthing.prepare import Prepared, Price, Sender, derive, derive_linked, make_rows, rows_of_calls
from farthing.quarantine import Unread
from farthing.store.telemetry import external_requests, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.quarantine_rows import Ring
from farthing.store.telemetry.traces import MOST_SPANS, REACH_NS, Piece, Traces

RECOVER_TRACES = 2_000


class Rollup(Protocol):
    """What settling tells the aggregates: these calls' time buckets are no longer what they were."""

    def writing(self, starts_ns: Mapping[str, Iterable[int]]) -> AbstractContextManager[None]:
        """Rows of projects with these start times become visible inside."""
        ...


class Settling:
    """Writes calls, and remembers which traces came before. Used by one thread."""

    def __init__(
        self,
        engine: Engine,
        price: Price,
        rollup: Rollup,
        next_revision: Callable[[], int],
        quarantine: Ring,
    ) -> None:
        """`next_revision` answers a number that is higher than any it gave before."""
        self._quarantine = quarantine
        self._engine = engine
        self._price = price
        self._rollup = rollup
        self._next_revision = next_revision
        self._traces = Traces(engine)
        self._metering = Metering(engine, price, self._write)
        self.writing = threading.Lock()
        """Held from when a revision is given until its rows are visible: whoever holds it sees all rows of lower ones."""

    def settle(self, requests: Sequence[Prepared], now_ns: int) -> None:
        """Write the calls of these requests. Raises `StoreError`, and may then be asked again."""
        posted = external_requests.add(self._engine, [one.index for one in requests if one.index is not None])
        self._make_rows(requests)
        tables: list[pa.Table] = []
        touched: dict[str, set[int]] = {}
        again: dict[str, list[Piece]] = {}
        for prepared in requests:
            earlier = self._traces.begun_earlier(prepared.project_id, prepared.pieces, now_ns)
            again.setdefault(prepared.project_id, []).extend(earlier)
            table, starts = _calls_without(prepared, {piece.trace_id for piece in earlier})
            if table is not None and table.num_rows:
                tables.append(table)
                touched.setdefault(prepared.project_id, set()).update(starts)
        restated, times = self._metering.taken_over(requests)
        for project_id, starts in times.items():
            touched.setdefault(project_id, set()).update(starts)
        self._write([*tables, *restated], touched)
        for table in tables:
            contradictions.count(contradictions.of(table))
        for project_id, pieces in again.items():
            self._again(project_id, pieces)
        self._metering.settle(requests, times)
        if posted is not None and not self._engine.is_alone:
            # After the rows are visible: of two servers at it the last one sees both.
            for project_id, pieces in external_requests.told_twice(self._engine, posted).items():
                self._again(project_id, pieces)

    def _make_rows(self, requests: Sequence[Prepared]) -> None:
        waiting: dict[str, list[Prepared]] = {}
        for prepared in requests:
            if prepared.derived or prepared.plain:
                waiting.setdefault(prepared.project_id, []).append(prepared)
        for project_id, some in waiting.items():
            self._list(project_id, make_rows(project_id, some))

    def recover(self, after: int, until: int) -> Iterator[int]:
        """Settle what these commits kept, step by step; each step answers how many traces it settled. Raises `StoreError`."""
        self._traces.recall()
        self._metering.recall()
        external_requests.recover(self._engine, (after, until))
        kept = self._traces.kept_between(after, until)
        for project_id, pieces in kept.items():
            for at in range(0, len(pieces), RECOVER_TRACES):
                part = pieces[at : at + RECOVER_TRACES]
                # Twice: what links these traces with others is known only when their calls have been derived.
                self._again(project_id, part)
                self._again(project_id, part)
                yield len(part)
        since = {project_id: min(piece.first_ns for piece in pieces) for project_id, pieces in kept.items()}
        yield from self._metering.recover(after, until, since)

    def again(self, project_id: str, trace_id: bytes, start_ns: int) -> None:
        """Settle one trace that was kept before. Raises `StoreError`."""
        self._again(project_id, [Piece(trace_id, start_ns, start_ns)])

    def trouble(self, project_id: str, trace_id: bytes, start_ns: int) -> str:
        """Why this trace can't be read or written today, "" when it can; asked by any thread. Raises `StoreError`."""
        around = (start_ns - REACH_NS, start_ns + REACH_NS)
        spans = span_rows.load(self._engine, project_id, [trace_id], around, MOST_SPANS)
        unread: list[Unread] = []
        if spans:
            rows_of_calls(project_id, [derive(spans, self._price, Sender(project_id), unread)], unread)
        return unread[0].reason.value if unread else ""

    def _again(self, project_id: str, pieces: Sequence[Piece]) -> None:
        """Traces that have several pieces or tell of one call together: read whole from the store, derived anew."""
        sender = Sender(project_id)
        for whole in self._traces.whole(project_id, pieces):
            unread: list[Unread] = []
            derived = [derive_linked(traces, self._price, sender, unread) for traces in whole]
            table = rows_of_calls(project_id, derived, unread)
            self._list(project_id, unread)
            if table is not None:
                flagged = contradictions.new(self._engine, project_id, table)
                starts = {priced.call.start_ns for calls in derived for priced in calls}
                self._write([table], {project_id: starts})
                contradictions.count(flagged)

    def _list(self, project_id: str, unread: Sequence[Unread]) -> None:
        for name, table in quarantine.rows(project_id, "traces", (), unread).items():
            placed = self._quarantine.placed([table], self._next_revision())
            if placed is not None:
                self._engine.insert(name, placed)

    def _write(self, tables: Sequence[pa.Table], touched: Mapping[str, set[int]]) -> None:
        if not tables:
            return
        with self._rollup.writing(touched), self.writing:
            table = span_rows.numbered(tables, "revision", self._next_revision())
            self._engine.insert("calls", table)
        vitals.CALLS_SETTLED.inc(table.num_rows)


def _calls_without(prepared: Prepared, others: set[bytes]) -> tuple[pa.Table | None, Iterable[int]]:
    """The rows of calls of all traces but these, and when those calls began."""
    if not others or prepared.calls is None:
        return prepared.calls, (start for piece in prepared.pieces for start in piece.call_starts)
    wanted = [piece.trace_id not in others for piece in prepared.pieces for _ in piece.call_starts]
    starts = (s for piece in prepared.pieces if piece.trace_id not in others for s in piece.call_starts)
    return prepared.calls.filter(pa.array(wanted, pa.bool_())), starts
