"""Read me first: every step between a decoded span and a stored, priced call, in order.

    keep    (commit thread)   scrub → write `spans` → acknowledge
    settle  (settle thread)   complete the trace → normalise → price → write `calls` → touch the rollup → watermark

A span is acknowledged once it is durable. What it means is derived afterwards from all spans of its trace, by
a pure function, so order and repetition of batches can't change any total; and a crash between the two steps
costs nothing, because whatever was kept after the watermark is settled again.
"""

import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from enum import StrEnum
from typing import Protocol

import msgspec

from farthing import vitals
from farthing.errors import BusyError, FarthingError, StoreError
from farthing.model.call import Call, PricedCall
from farthing.model.ledger import Cost
from farthing.model.span import Span
from farthing.normalize.trace import calls_of
from farthing.privacy.scrub import scrub
from farthing.store.telemetry import call_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.traces import Traces

log = logging.getLogger(__name__)

Pieces = dict[str, dict[bytes, list[Span]]]
"""Project → trace → spans."""

COMMIT_SPANS = 20_000
"""Spans that share one commit at most: past this the engine's rate no longer grows."""

SETTLE_SPANS = 20_000
WATERMARK_SECONDS = 1.0
RETRY_SECONDS = 1.0
LAST_SECONDS = 2.0
"""What a thread that is out of time gets to finish the statement it is in."""


class DropReason(StrEnum):
    """Why a span is refused. Every refusal is counted and told to the sender."""

    MALFORMED = "malformed"
    BAD_TRACE_ID = "trace_id is not 16 non-zero bytes"
    BAD_SPAN_ID = "span_id is not 8 non-zero bytes"
    BAD_PARENT_ID = "parent_span_id is not 8 bytes"
    TOO_OLD = "it starts before 2010: its clock is not set"
    IN_THE_FUTURE = "it starts or ends more than a day in the future: check the sender's clock"
    NOT_WRITABLE = "it can't be written"


class Rollup(Protocol):
    """What settling tells the aggregates: these calls' time buckets are no longer what they were."""

    def touch(self, project_id: str, starts_ns: Iterable[int]) -> None:
        """Called after the rows are visible."""
        ...


class Kept(msgspec.Struct):
    """Spans that are about to be, or have been, made durable together."""

    project_id: str
    spans: list[Span]
    done: "Future[Counter[DropReason]]"
    dropped: int = 0
    """Spans of the same request that can't be written."""


class Committed(msgspec.Struct):
    """One commit: all spans with this `commit` number are durable."""

    commit: int
    parts: list[Kept]


class Watermark(Protocol):
    """Remembers durably up to which commit everything is settled."""

    def read(self) -> int:
        """The last settled commit; 0 when nothing ever was."""
        ...

    def save(self, commit: int) -> None:
        """Everything up to this commit is settled."""
        ...


class Pipeline:
    """The two threads that keep and settle, and the bounded queue before them."""

    def __init__(
        self,
        engine: Engine,
        price: Callable[[Call], Cost],
        rollup: Rollup,
        watermark: Watermark,
        *,
        most_pending: int,
        clock: Callable[[], int],
    ) -> None:
        """Nothing runs before `start`. `clock` answers Unix nanoseconds."""
        self._engine = engine
        self._price = price
        self._rollup = rollup
        self._watermark = watermark
        self._most_pending = most_pending
        self._clock = clock
        self._lock = threading.Lock()
        self._pending = 0
        self._closed = False
        self._last_commit = 0
        self._settled_before = self._kept_before = 0
        self._unsettled = 0
        """Spans kept before the start that are not settled yet."""
        self._arrived: queue.SimpleQueue[Kept | None] = queue.SimpleQueue()
        self._committed: queue.SimpleQueue[Committed | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._settled = threading.Condition()
        self._settled_commit = 0
        self._saved_at = 0.0
        self._traces = Traces(engine)
        self._threads = [
            threading.Thread(target=self._keep_forever, name="keep", daemon=True),
            threading.Thread(target=self._settle_forever, name="settle", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads; what a crash left unsettled is settled first, in the background."""
        self._settled_before = self._watermark.read()
        kept, revision, unsettled = self._engine.query(
            "SELECT (SELECT max(commit) FROM spans), (SELECT max(revision) FROM calls),"
            " (SELECT count() FROM spans WHERE commit > {settled:UInt64})",
            {"settled": self._settled_before},
        ).rows[0]
        self._kept_before = int(kept)
        self._last_commit = max(int(kept), int(revision))
        self._unsettled = int(unsettled)
        self._release(0)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Refuse new spans, finish what was accepted, within `seconds`; True when all of it was settled."""
        with self._lock:
            self._closed = True
        self._arrived.put(None)
        self._join(seconds)
        in_time = not self._alive()
        self._stopping.set()
        self._join(LAST_SECONDS)
        return in_time

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def keep(self, project_id: str, spans: list[Span]) -> "Future[Counter[DropReason]]":
        """Queue spans to be made durable.

        The future is done once they are, with the spans that could not be written counted by reason; it fails
        with `StoreError` when nothing was kept. Raises `BusyError` when the queue is full or the server is stopping.
        """
        with self._lock:
            if self._closed:
                msg = "The server is stopping. Send the same again in a moment."
                raise BusyError(msg)
            if self._pending and self._pending + len(spans) > self._most_pending:
                msg = (
                    f"{self._pending} spans are waiting to be written and no more than {self._most_pending} may. "
                    "Send the same again in a moment."
                )
                raise BusyError(msg)
            self._pending += len(spans)
            vitals.SPANS_PENDING.set(self._pending + self._unsettled)
            kept = Kept(project_id, spans, Future())
            # From here on it can't be taken back: a sender that goes away must not cancel what others share.
            kept.done.set_running_or_notify_cancel()
            self._arrived.put(kept)
        return kept.done

    def wait_settled(self, timeout: float) -> bool:
        """Wait until everything acknowledged so far is settled; False on time-out."""
        with self._lock:
            commit = self._last_commit
        with self._settled:
            return self._settled.wait_for(lambda: self._settled_commit >= commit, timeout)

    # keep: scrub → write → acknowledge

    def _keep_forever(self) -> None:
        while (first := self._arrived.get()) is not None and not self._stopping.is_set():
            parts = [first]
            size = len(first.spans)
            last = False
            # Whoever came while the last commit was written shares this one.
            while size < COMMIT_SPANS:
                try:
                    more = self._arrived.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                parts.append(more)
                size += len(more.spans)
            self._commit(parts)
            if last:
                break
        self._committed.put(None)

    def _commit(self, parts: list[Kept]) -> None:
        commit = self._next_commit()
        try:
            self._write_spans(parts, commit)
        except FarthingError as error:
            self._release(sum(len(part.spans) for part in parts))
            for part in parts:
                part.done.set_exception(error)
            return
        except Exception:
            # Something in here can't be written: find out whose, one request at a time, and then which spans.
            log.exception("A commit of %d requests failed; writing what can be written", len(parts))
            for part in parts:
                if len(parts) == 1:
                    self._drop_unwritable(part)
                self._commit([part])
            return
        for part in parts:
            part.done.set_result(Counter({DropReason.NOT_WRITABLE: part.dropped} if part.dropped else ()))
        self._committed.put(Committed(commit, parts))

    def _drop_unwritable(self, part: Kept) -> None:
        writable = [span for span in part.spans if span_rows.is_writable(span)]
        if len(writable) == len(part.spans):
            writable = []  # each for itself can be written, but not together: none of it is kept
        dropped = len(part.spans) - len(writable)
        self._release(dropped)
        part.spans = writable
        part.dropped += dropped

    def _write_spans(self, parts: list[Kept], commit: int) -> None:
        started = time.perf_counter()
        for part in parts:
            part.spans = [scrub(span) for span in part.spans]
        if not any(part.spans for part in parts):
            return
        table = span_rows.table(((p.project_id, p.spans) for p in parts), commit)
        self._engine.insert("spans", table)
        vitals.COMMIT_SECONDS.observe(time.perf_counter() - started)
        vitals.COMMIT_SPANS.observe(table.num_rows)
        vitals.SPANS_KEPT.inc(table.num_rows)

    def _next_commit(self) -> int:
        """Rises with every commit, also when the clock goes back."""
        with self._lock:
            self._last_commit = max(self._last_commit + 1, self._clock() // 1000)
            return self._last_commit

    def _release(self, spans: int) -> None:
        with self._lock:
            self._pending -= spans
            vitals.SPANS_PENDING.set(self._pending + self._unsettled)

    # settle: complete → normalise → price → write → touch → watermark

    def _settle_forever(self) -> None:
        if not self._persist(self._recover):
            return
        while (first := self._committed.get()) is not None and not self._stopping.is_set():
            group = [first]
            size = sum(len(part.spans) for part in first.parts)
            last = False
            while size < SETTLE_SPANS:
                try:
                    more = self._committed.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                group.append(more)
                size += sum(len(part.spans) for part in more.parts)
            if not self._persist(lambda group=group: self._settle(group)):
                return
            if last:
                break
        self._advance(self._settled_commit, save_now=True)

    def _persist(self, work: Callable[[], None]) -> bool:
        """Do it, again and again while the store fails; False when the server stops first. Nothing is lost meanwhile."""
        while True:
            try:
                work()
            except StoreError as error:
                vitals.SETTLE_FAILURES.inc()
                log.warning("Settling waits for the store: %s", error)
                if self._stopping.wait(RETRY_SECONDS):
                    return False
            else:
                return True

    def _settle(self, group: Sequence[Committed]) -> None:
        pieces: Pieces = {}
        for committed in group:
            for part in committed.parts:
                traces = pieces.setdefault(part.project_id, {})
                for span in part.spans:
                    traces.setdefault(span.trace_id, []).append(span)
        self._settle_traces(pieces)
        self._release(sum(len(part.spans) for committed in group for part in committed.parts))
        self._advance(group[-1].commit)

    def _settle_traces(self, pieces: Pieces) -> None:
        started = time.perf_counter()
        try:
            self._derive(pieces)
        except StoreError:
            raise
        except Exception:
            halves = _halves(pieces)
            if not halves:
                # The spans are kept; a trace we can't read must not stop everybody else's.
                vitals.SETTLE_FAILURES.inc()
                log.exception(
                    "A trace can't be settled: %s", {p: [t.hex() for t in traces] for p, traces in pieces.items()}
                )
            for half in halves:
                self._settle_traces(half)
        vitals.SETTLE_SECONDS.observe(time.perf_counter() - started)

    def _derive(self, pieces: Pieces) -> None:
        priced: list[tuple[str, list[PricedCall]]] = []
        for project_id, traces in pieces.items():
            whole = self._traces.complete(project_id, traces, self._clock())
            calls = [PricedCall(call, self._price(call)) for spans in whole.values() for call in calls_of(spans)]
            if calls:
                priced.append((project_id, calls))
        if priced:
            self._write_calls(priced)

    def _write_calls(self, batches: list[tuple[str, list[PricedCall]]]) -> None:
        table = call_rows.table(batches, self._next_commit())
        self._engine.insert("calls", table)
        vitals.CALLS_SETTLED.inc(table.num_rows)
        for project_id, calls in batches:
            self._rollup.touch(project_id, {p.call.start_ns for p in calls})

    def _advance(self, commit: int, *, save_now: bool = False) -> None:
        now = time.monotonic()
        if commit and (save_now or now - self._saved_at >= WATERMARK_SECONDS):
            with contextlib.suppress(FarthingError):  # an older watermark only repeats work
                self._watermark.save(commit)
            self._saved_at = now
        with self._settled:
            self._settled_commit = max(self._settled_commit, commit)
            self._settled.notify_all()

    def _recover(self) -> None:
        """Settle what was kept after the watermark: all of it after a crash, nothing after a clean stop."""
        self._traces.recall()
        for pieces in self._traces.kept_between(self._settled_before, self._kept_before):
            if self._stopping.is_set():
                return
            self._settle_traces(pieces)
        self._advance(self._kept_before, save_now=True)
        self._unsettled = 0
        self._release(0)


def _halves(pieces: Pieces) -> tuple[Pieces, ...]:
    """The same traces in two parts; nothing when there is only one."""
    names = [(project_id, trace_id) for project_id, traces in pieces.items() for trace_id in traces]
    if len(names) < 2:
        return ()
    halves: tuple[Pieces, Pieces] = ({}, {})
    for number, (project_id, trace_id) in enumerate(names):
        halves[number * 2 // len(names)].setdefault(project_id, {})[trace_id] = pieces[project_id][trace_id]
    return halves
