"""Read me first: every step between a decoded span and a stored, priced call, in order.

    prepare (decode thread or a process of its own)   scrub → normalise → price → rows          `prepare.py`, pure
    keep    (keep thread)                             write `spans`, or ahead of them → acknowledge
    settle  (settle thread)                           trace seen before? then all of it again, from the store
                                                      → write `calls` → touch the rollup (`settle.py`) → watermark

A span is acknowledged once it is durable. What it means is derived from all known spans of its trace, by a pure
function: in advance from the request alone, and again from the store when its trace has other pieces. So order and
repetition of batches can't change any total; and a crash between the steps costs nothing, because whatever was kept
after the watermark is settled again.
"""

import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol, TypeVar

import msgspec

from farthing import vitals
from farthing.errors import BusyError, FarthingError, StoreError
from farthing.model.flaw import DropReason
from farthing.model.span import Span
from farthing.prepare import Prepared, Price, Sender, prepare
from farthing.settle import Rollup, Settling
from farthing.store.telemetry import contents, quarantine_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.quarantine_rows import Ring
from farthing.store.telemetry.write_ahead import LARGEST, WriteAhead

log = logging.getLogger(__name__)

_Item = TypeVar("_Item")

COMMIT_SPANS = 20_000
"""Spans that share one commit at most: past this the engine's rate no longer grows."""

ENOUGH_SPANS = 4_000
LINGER_SECONDS = 0.12
"""A commit of fewer spans waits this long for requests that are known to be on their way: every commit is a part on
the disk, and merging many small ones costs more than writing them. Nobody waits when nobody else is coming."""

SETTLE_EVERY_SECONDS = 0.5
BUSY_SPANS, SETTLE_BUSY_SECONDS = 500, 0.8
"""Settling rests until this long after it began, for the same reason, and longer after a round of so many spans; more than
`ENOUGH_SPANS` don't wait. Budgets, which look once a second, still know of a call within two."""
SETTLE_SPANS = 20_000
WATERMARK_SECONDS = 1.0
RETRY_SECONDS = 1.0
LAST_SECONDS = 2.0
"""What a thread that is out of time gets to finish the statement it is in."""


class Kept(msgspec.Struct):
    """A request that is about to be made durable, and who waits for it."""

    prepared: Prepared
    done: "Future[Counter[DropReason]]"
    more_coming: bool = False
    """Whether other requests were being prepared when this one arrived."""
    size: int = 0
    """How many rows it has, most of them spans; as it came: what need not be settled is let go when it is durable."""


class Committed(msgspec.Struct):
    """One commit: all spans with this `commit` number are durable."""

    commit: int
    parts: list[Kept]
    again: tuple[str, bytes, int] | None = None
    """A project, a trace of it and when it began: one that was kept before and is to be settled anew."""

    @property
    def size(self) -> int:
        """How many spans it has."""
        return sum(part.size for part in self.parts)


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

    def __init__(  # noqa: PLR0913  its parts
        self,
        engine: Engine,
        price: Price,
        rollup: Rollup,
        watermark: Watermark,
        *,
        most_pending: int,
        clock: Callable[[], int],
        ahead: WriteAhead | None = None,
    ) -> None:
        """Nothing runs before `start`. `clock` answers Unix nanoseconds. Without `ahead` the engine keeps everything at once."""
        self._engine = engine
        self._price = price
        self._watermark = watermark
        self._most_pending = most_pending
        self._clock = clock
        self._ahead = ahead
        self._lock = threading.Lock()
        self._pending = 0
        self._closed = False
        self._last_commit = 0
        """The last number given to a commit or a revision."""
        self._kept_commit = 0
        """The last commit whose spans are durable."""
        self._settled_before = self._kept_before = 0
        self._unsettled = 0
        """Spans kept before the start that are not settled yet."""
        self._arrived: queue.SimpleQueue[Kept | None] = queue.SimpleQueue()
        self._committed: queue.SimpleQueue[Committed | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._settled = threading.Condition()
        self._settled_commit = 0
        self._saved_at = 0.0
        self._unsaved = False
        """Whether more is settled than the watermark says."""
        self._quarantine = Ring(engine)
        self._settling = Settling(engine, price, rollup, self._next_commit, self._quarantine)
        self._threads = [
            threading.Thread(target=self._keep_forever, name="keep", daemon=True),
            threading.Thread(target=self._settle_forever, name="settle", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads; what a crash left unsettled is settled first, in the background."""
        self._settled_before = self._watermark.read()
        if self._ahead:
            self._ahead.recover()
        kept, revision, unsettled = self._engine.query(
            "SELECT greatest((SELECT max(commit) FROM spans), (SELECT max(commit) FROM metric_points)),"
            " (SELECT max(revision) FROM calls), (SELECT count() FROM spans WHERE commit > {settled:UInt64})"
            " + (SELECT count() FROM metric_points WHERE commit > {settled:UInt64})",
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
        in_time = not any(thread.is_alive() for thread in self._threads)
        self._stopping.set()
        self._join(LAST_SECONDS)
        return in_time

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def keep(self, project_id: str, spans: list[Span]) -> "Future[Counter[DropReason]]":
        """Prepare spans here and now, and queue them like `keep_prepared`."""
        return self.keep_prepared(prepare(Sender(project_id), spans, self._price))

    def keep_prepared(self, prepared: Prepared, *, more_coming: bool = False) -> "Future[Counter[DropReason]]":
        """Queue a request's spans to be made durable.

        The future is done once they are, with those that could not be written counted by reason; it fails
        with `StoreError` when nothing was kept. Raises `BusyError` when the queue is full or the server is stopping.
        """
        kept = Kept(prepared, Future(), more_coming, prepared.size)
        with self._lock:
            if self._closed:
                msg = "The server is stopping. Send the same again in a moment."
                raise BusyError(msg)
            if self._pending and self._pending + kept.size > self._most_pending:
                msg = (
                    f"{self._pending} spans are waiting to be written and no more than {self._most_pending} may. "
                    "Send the same again in a moment."
                )
                raise BusyError(msg)
            self._pending += kept.size
            vitals.SPANS_PENDING.set(self._pending + self._unsettled)
            # From here on it can't be taken back: a sender that goes away must not cancel what others share.
            kept.done.set_running_or_notify_cancel()
            self._arrived.put(kept)
        return kept.done

    def wait_settled(self, timeout: float) -> bool:
        """Wait until everything acknowledged so far is settled; False on time-out."""
        commit = self._kept_commit
        with self._settled:
            return self._settled.wait_for(lambda: self._settled_commit >= commit, timeout)

    def settle_again(self, project_id: str, trace_id: bytes, start_ns: int) -> str:
        """Settle a kept trace anew; why that can't be done, "" when it is done as soon as what came before. Raises `StoreError`."""
        reason = self._settling.trouble(project_id, trace_id, start_ns)
        if not reason:
            self._committed.put(Committed(self._kept_commit, [], (project_id, trace_id, start_ns)))
        return reason

    # keep: scrub → write → acknowledge

    def _keep_forever(self) -> None:
        while (first := self._arrived.get()) is not None and not self._stopping.is_set():
            parts = [first]
            size = first.size
            last = False
            patience = time.monotonic() + LINGER_SECONDS
            # Whoever came while the last commit was written shares this one, and so does who is about to come.
            while size < COMMIT_SPANS:
                lingers = parts[-1].more_coming and size < ENOUGH_SPANS
                try:
                    more = _next(self._arrived, patience - time.monotonic() if lingers else 0)
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                parts.append(more)
                size += more.size
            self._commit(parts)
            if last:
                break
        self._committed.put(None)

    def _commit(self, parts: list[Kept]) -> None:
        commit = self._next_commit()
        try:
            self._write_spans(parts, commit)
        except Exception as error:
            # Nothing of these was kept, whatever it was: their senders are told to send it again.
            if not isinstance(error, FarthingError):
                log.exception("A commit of %d requests failed", len(parts))
                error = StoreError("The spans could not be written; the server's log says why. Send the same again.")
            self._release(sum(part.size for part in parts))
            for part in parts:
                part.done.set_exception(error)
            return
        self._kept_commit = commit
        for part in parts:
            part.prepared.kept_as(commit)
            part.prepared.others.pop(contents.NAME, None)  # often most of its bytes, and nothing to settle
            part.done.set_result(part.prepared.refused)
        self._committed.put(Committed(commit, parts))

    def _write_spans(self, parts: list[Kept], commit: int) -> None:
        started = time.perf_counter()
        # Spans last: once they are there, whatever came with them is too.
        for name in dict.fromkeys(name for part in parts for name in part.prepared.others):
            others = [part.prepared.others[name] for part in parts if name in part.prepared.others]
            if name == quarantine_rows.NAME:
                table = self._quarantine.placed(others, commit)
                if table is None:
                    continue
            else:
                table = span_rows.numbered(others, "commit", commit)
            self._engine.insert(name, table)
            vitals.RECORDS_KEPT.labels(name).inc(table.num_rows)
        table = span_rows.numbered((part.prepared.spans for part in parts), "commit", commit)
        if not table.num_rows:
            return
        # Whoever looks for a posted call before it is settled asks those who keep such calls, not the engine.
        if self._ahead and table.nbytes <= LARGEST and all(part.prepared.index for part in parts):
            self._ahead.keep(commit, table)
        else:
            self._engine.insert("spans", table)
        vitals.COMMIT_SECONDS.observe(time.perf_counter() - started)
        vitals.COMMIT_SPANS.observe(table.num_rows)
        vitals.SPANS_KEPT.inc(table.num_rows)

    def next_revision(self, given: Callable[[int], object]) -> int:
        """A revision for rows that are written beside settling; `given` is told of it before any later one exists.

        All rows of lower revisions that settling writes are visible when this returns.
        """
        with self._settling.writing:
            revision = self._next_commit()
            given(revision)
            return revision

    def recovering(self) -> tuple[int, int] | None:
        """The commits, after the first and up to the second, that are still being settled since the start; None: none."""
        return (self._settled_before, self._kept_before) if self._settled_commit < self._kept_before else None

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
        began, pause = 0.0, SETTLE_EVERY_SECONDS
        while (first := self._next_committed()) is not None and not self._stopping.is_set():
            group = [first]
            size = first.size
            last = False
            while size < SETTLE_SPANS:
                rest = began + pause - time.monotonic() if size < ENOUGH_SPANS else 0
                try:
                    more = _next(self._committed, rest)
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                group.append(more)
                size += more.size
            began = time.monotonic()
            pause = SETTLE_BUSY_SECONDS if size >= BUSY_SPANS else SETTLE_EVERY_SECONDS
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
        started = time.perf_counter()
        if self._ahead:
            self._ahead.take_in(group[-1].commit)
        self._settling.settle([part.prepared for committed in group for part in committed.parts], self._clock())
        for committed in group:
            if committed.again is not None:
                self._settling.again(*committed.again)
        vitals.SETTLE_SECONDS.observe(time.perf_counter() - started)
        self._release(sum(committed.size for committed in group))
        self._advance(group[-1].commit)

    def _next_committed(self) -> Committed | None:
        """The next commit; when none comes, what is settled is remembered meanwhile: others wait behind the watermark."""
        while True:
            try:
                return self._committed.get(timeout=WATERMARK_SECONDS if self._unsaved else None)
            except queue.Empty:
                self._advance(self._settled_commit, save_now=True)

    def _advance(self, commit: int, *, save_now: bool = False) -> None:
        now = time.monotonic()
        if commit and (save_now or now - self._saved_at >= WATERMARK_SECONDS):
            with contextlib.suppress(FarthingError):  # an older watermark only repeats work
                self._watermark.save(commit)
            self._saved_at = now
            self._unsaved = False
        else:
            self._unsaved = commit > 0
        with self._settled:
            self._settled_commit = max(self._settled_commit, commit)
            self._settled.notify_all()

    def _recover(self) -> None:
        """Settle what was kept after the watermark: all of it after a crash, nothing after a clean stop."""
        for _ in self._settling.recover(self._settled_before, self._kept_before):
            if self._stopping.is_set():
                return
        self._advance(self._kept_before, save_now=True)
        self._unsettled = 0
        self._release(0)


def _next(waiting: "queue.SimpleQueue[_Item]", seconds: float) -> "_Item":
    """The next item, waiting for it if there is time. Raises `queue.Empty`."""
    return waiting.get(timeout=seconds) if seconds > 0 else waiting.get_nowait()
