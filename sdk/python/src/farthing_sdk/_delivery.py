"""Records go in from any thread; one thread of its own sends them in batches, waits, tries again, and tells what became of them."""

from __future__ import annotations

import random
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Final

from farthing_sdk._backlog import Backlog
from farthing_sdk._queue import Queue
from farthing_sdk._result import Result, Stats
from farthing_sdk._trouble import DeliveryError, raising, swallow, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from farthing_sdk._backlog import Item
    from farthing_sdk._record import Record
    from farthing_sdk._sending import Outcome, Sender
    from farthing_sdk._settings import Settings

_SPOOLED_WITHIN: Final = 0.1
"""Seconds after which a record is on the disk, where there is a spool."""
_FIRST_BACKOFF: Final = 0.25


class Delivery:
    """The way from `put` to the server."""

    def __init__(self, settings: Settings, listener: Callable[[Result, Mapping[str, Any] | None], None]) -> None:
        """Nothing happens before the first record."""
        self._settings = settings
        self._listener = listener
        self._made_sender: Sender | None = None
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue = Queue(self._settings.max_queue_records, self._settings.max_queue_bytes)
        self._backlog = Backlog(self._settings)
        self._thread: threading.Thread | None = None
        self._turning = threading.Lock()
        self._closed = False
        self._flushing = 0
        self._oldest_at = 0.0
        self._not_before = 0.0
        self._commanded = False
        self._failures = 0
        self._on_the_way = 0
        self._chores: Callable[[], float | None] | None = None
        self._chores_at: float | None = None
        self._error: DeliveryError | None = None
        self._counts: dict[str, int] = dict.fromkeys(("accepted", "duplicate", "rejected", "dropped", "retries"), 0)

    @property
    def sender(self) -> Sender:
        """For the sending thread alone."""
        if self._made_sender is None:
            # It brings http and ssl, which take longer to load than the application should wait for its import.
            from farthing_sdk._sending import Sender  # noqa: PLC0415

            self._made_sender = Sender(self._settings)
        return self._made_sender

    def put(self, record: Record) -> None:
        """Take the record. It waits for nothing but other threads that do the same."""
        with self._lock:
            gone = [record] if self._closed else self._queue.put(record)
            waiting = len(self._queue.waiting)
            if waiting == 1:
                self._oldest_at = time.monotonic()
            if waiting == 1 or waiting == self._settings.batch_size:
                self._changed.notify_all()
            if self._thread is None and not self._closed:
                self._start()
        if gone:
            if not self._closed:
                tell("full queue", "More calls wait than memory is allowed for; the oldest are dropped, and counted.")
            self._dropped(gone, "the client is closed" if self._closed else "no room in memory")

    def hasten(self) -> None:
        """Send what waits rather now than with others."""
        with self._lock:
            self._oldest_at = -self._settings.flush_interval
            self._changed.notify_all()

    def attend(self, chores: Callable[[], float | None]) -> None:
        """Have the sending thread do this between batches; it answers in how many seconds again, or None for never."""
        with self._lock:
            self._chores, self._chores_at = chores, 0.0
            if self._thread is None and not self._closed:
                self._start()
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Send now whatever waits. True: nothing is left. Raises DeliveryError under the test flag."""
        deadline = time.monotonic() + timeout
        with self._lock:
            self._flushing += 1
            if not self._commanded:
                self._not_before = 0.0
            if not self._is_empty() and self._thread is None and not self._closed:
                self._start()
            by_itself = self._thread is not None and self._thread.is_alive()
            self._changed.notify_all()
        try:
            if by_itself:
                with self._lock:
                    self._changed.wait_for(lambda: self._is_empty() or self._is_hopeless(deadline), timeout)
            else:
                self._drain(deadline)
        finally:
            with self._lock:
                self._flushing -= 1
                empty, error, self._error = self._is_empty(), self._error, None
        if error is not None and raising():
            raise error
        return empty

    def close(self, timeout: float) -> bool:
        """Flush, then end the thread and let go of file and connection."""
        done = self.flush(timeout)
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            # It may hang in a request that nobody waits for any more.
            thread.join(min(timeout, self._settings.timeout) if done else 0.1)
        if thread is None:
            self._let_go()
        return done

    def stats(self) -> Stats:
        """What was done so far."""
        with self._lock:
            counts = self._counts
            return Stats(
                accepted=counts["accepted"],
                duplicates=counts["duplicate"],
                rejected=counts["rejected"],
                dropped=counts["dropped"] + self._backlog.dropped,
                retries=counts["retries"],
                queued=len(self._queue) + len(self._backlog) + self._on_the_way,
                paused=self._commanded and self._not_before > time.monotonic(),
            )

    def after_fork(self) -> None:
        """In the child: the parent sends what waits; here everything begins anew, without a thread until one is needed."""
        self._backlog.abandon()
        self._made_sender = None
        self._begin()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="farthing-sdk", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The interpreter is ending, or threads are not to be had: `flush` does the work itself.
            return
        self._thread = thread
        processes = sys.modules.get("multiprocessing.util")
        if processes is not None:
            # Children of multiprocessing end without running what atexit knows.
            processes.Finalize(None, self.flush, args=(self._settings.exit_timeout,), exitpriority=10)

    def _run(self) -> None:
        while self._await_something():
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001, PERF203 - nothing may end this thread
                self.fail(error)
        self._let_go()

    def _let_go(self) -> None:
        with self._turning:
            self._backlog.close()
            if self._made_sender is not None:
                self._made_sender.close()

    def _await_something(self) -> bool:
        """Wait until there is something to do; False: until it is over."""
        with self._lock:
            while not self._closed:
                due = self._due()
                wait = None if due is None else due - time.monotonic()
                if wait is not None and wait <= 0:
                    return True
                self._changed.wait(wait)
        return False

    def _due(self) -> float | None:
        """When there will be something to do, on the monotonic clock; None: not before somebody says so."""
        due: list[float] = []
        if len(self._queue):
            at_once = self._flushing or len(self._queue) >= self._settings.batch_size
            linger = _SPOOLED_WITHIN if self._backlog.spools else self._settings.flush_interval
            when = 0.0 if at_once else self._oldest_at + linger
            due.append(when if self._backlog.spools else max(when, self._not_before))
        if self._backlog.may_hold:
            due.append(self._not_before)
        if self._chores_at is not None:
            due.append(self._chores_at)
        return min(due) if due else None

    def _turn(self) -> None:
        """Take in what waits; send one batch, unless it is to rest."""
        with self._turning:
            if not self._may_send() and not self._backlog.spools:
                self._do_chores()
                return
            with self._lock:
                records = self._queue.take(self._settings.batch_size)
                self._oldest_at = time.monotonic()
                self._on_the_way = len(records)
            if records:
                self._dropped(self._backlog.take_in(records), "it can't be written as JSON")
            if self._may_send():
                batch = self._backlog.batch()
                with self._lock:
                    self._on_the_way = len(batch)
                if batch:
                    self._send(batch)
            with self._lock:
                self._on_the_way = 0
                self._changed.notify_all()
            self._do_chores()

    def _may_send(self) -> bool:
        return time.monotonic() >= self._not_before

    def _send(self, batch: list[Item]) -> None:
        outcome = self.sender.send(batch)
        self._backlog.give_back(outcome.again)
        self._backlog.done([item for item, _ in outcome.settled])
        self._schedule(outcome)
        for item, result in outcome.settled:
            self._told(result, item)

    def _schedule(self, outcome: Outcome) -> None:
        with self._lock:
            if not outcome.again:
                self._failures, self._not_before, self._commanded = 0, 0.0, False
                return
            self._counts["retries"] += 1
            self._commanded = outcome.rest is not None
            if outcome.rest is not None:
                wait = outcome.rest
            else:
                longest = min(self._settings.max_backoff, _FIRST_BACKOFF * 2 ** min(self._failures, 20))
                # Full jitter, but not nothing: a thousand processes must not come back together, nor one at once.
                wait = longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                self._failures += 1
            self._not_before = time.monotonic() + wait

    def _told(self, result: Result, item: Item | None) -> None:
        with self._lock:
            self._counts[result.status] += 1
            if result.error is not None and self._error is None:
                self._error = DeliveryError(f"{result.external_request_id} was {result.status}: {result.error}")
        try:
            self._listener(result, None if item is None else item.said)
        except Exception as error:  # noqa: BLE001 - it is the application's function
            self.fail(error)

    def _dropped(self, records: Sequence[Record], why: str) -> None:
        for record in records:
            self._told(Result(record.external_request_id or "", "dropped", {}, why), None)

    def _do_chores(self) -> None:
        if self._chores is None or self._chores_at is None or self._chores_at > time.monotonic():
            return
        again = self._chores()
        self._chores_at = None if again is None else time.monotonic() + again

    def fail(self, error: Exception) -> None:
        """What goes wrong in the sending thread is told; under the test flag the next flush raises it."""
        try:
            swallow(error, f"delivery {type(error).__name__}")
        except Exception as raised:  # noqa: BLE001 - nobody would see it here
            with self._lock:
                self._error = DeliveryError(f"{type(raised).__name__}: {raised}")

    def _is_empty(self) -> bool:
        return not len(self._queue) and not self._on_the_way and not self._backlog.may_hold

    def _is_hopeless(self, deadline: float) -> bool:
        """The server has asked for a rest that is longer than anybody waits."""
        resting = self._commanded and self._not_before > deadline
        return resting and not (self._backlog.spools and len(self._queue))

    def _drain(self, deadline: float) -> None:
        """Do the thread's work here, where there is none to be had."""
        while not self._is_empty() and not self._is_hopeless(deadline):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if self._may_send() or self._backlog.spools:
                self._turn()
            else:
                time.sleep(min(left, max(self._not_before - time.monotonic(), 0.01)))
