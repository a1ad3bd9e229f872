"""Calls that are over in; told to the pipeline together, off their way, out. What was not told stays in the journal.

A thread of its own: pricing a batch keeps nobody's call waiting, and what is left when the server stops is told after the last
call.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec

from farthing import vitals
from farthing.beside import Beside, Prices
from farthing.errors import FarthingError
from farthing.gateway import said as content
from farthing.gateway.accounted import Accounted, Outcome, account, batch
from farthing.gateway.journal import Journal
from farthing.gateway.records import Record, spans
from farthing.gateway.said import Said
from farthing.model import money
from farthing.model.span import Span
from farthing.pipeline import Pipeline
from farthing.prepare import Sender, priced

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
ENOUGH = 100
"""So many calls don't wait until then."""
MUCH = 200
"""So many at once are worth a process that works them out: it has what answering calls would have to wait for."""
MOST_TOGETHER = 2_000
REST_SECONDS = 1.0
"""From one batch to the next at least: many calls share a commit, which costs as much for ten as for a thousand."""
RETRY_SECONDS = 1.0
KEEP_SECONDS = 60.0
MOST_WAITING = 50_000
"""Calls held in memory while the store is out of order."""
MOST_SAID = 64 << 20
"""Bytes of what was said in them; what is too much is not kept."""


Recover = Callable[[Record], Callable[[], None] | None]
"""Hears of a call that a former process left; what is to be called when it is kept, out."""


class Told(msgspec.Struct):
    """A call that is over, and who is to hear when it is kept."""

    record: Record
    kept: Callable[[], None] | None = None
    priced: Callable[[Outcome | None], None] | None = None
    """Hears before that what it came to; None where it has to find out for itself."""
    said: Said | None = None
    """What was said in it, where that is to be kept. Only memory has it: a process that is killed loses it, and not the call."""


class Telling:
    """The thread that tells."""

    def __init__(
        self, journal: Journal, pipeline: Pipeline, prices: Prices, beside: Beside, recover: Recover,
        all_left_told: Callable[[], None],
    ) -> None:  # fmt: skip
        """Nothing runs before `start`. `prices` are those of this moment; many calls are worked out `beside` this process.

        `recover` hears of what a crash left; and then `all_left_told` is called, when all of that is told.
        """
        self._journal = journal
        self._pipeline = pipeline
        self._prices = prices
        self._beside = beside
        self._recover = recover
        self._all_left_told = all_left_told
        self._left: set[str] = set()
        self._waiting: deque[Told] = deque()
        self._said = 0
        # Calls take the lock itself: a condition's own way to it is Python code, which would be run for each of them.
        self._lock = threading.Lock()
        self._something = threading.Condition(self._lock)
        self._closing = False
        self._hurry = False
        self._failing_since = 0.0
        self._thread = threading.Thread(target=self._run, name="gateway-tell", daemon=True)

    def start(self) -> None:
        """Begin with what a former process left."""
        left = [Told(record, self._recover(record)) for record in self._journal.left()]
        if left:
            log.info("Telling of %d calls that the last run had no time to tell of", len(left))
        self._left = {one.record.call.id for one in left}
        if not left:
            self._all_left_told()
        self.tell(left)
        self._hurry = bool(left)
        self._thread.start()

    def tell(self, calls: Iterable[Told]) -> None:
        """These are over. From any thread."""
        with self._lock:
            before = len(self._waiting)
            for one in calls:
                self._waiting.append(one)
                if one.said is not None:
                    self._hold(one, one.said)
            # Once: to wake a thread that rests, with every further call, costs that call more than all else here.
            if before < ENOUGH <= len(self._waiting):
                self._something.notify()

    def _hold(self, one: Told, said: Said) -> None:
        if self._said + said.size > MOST_SAID:
            one.said = None
            vitals.GATEWAY_CONTENT_LOST.inc()
        else:
            self._said += said.size

    def cost_of(self, record: Record) -> str:
        """What a call cost, in dollars; "" where nobody knows."""
        call = record.call
        calls = priced(Sender(call.project_id, call.key_id), spans(record), self._prices.current.price)
        amounts = [one.cost.amount for one in calls]
        known = [amount for amount in amounts if amount is not None]
        return money.to_text(sum(known)) if known and len(known) == len(amounts) else ""

    def close(self, seconds: float) -> None:
        """Tell what is left, for so long; the rest stays in the journal."""
        with self._something:
            self._closing = True
            self._something.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    @property
    def is_failing(self) -> bool:
        """Whether the last calls could not be told, or too many wait."""
        return self._failing_since > 0 or len(self._waiting) > MOST_WAITING

    def _run(self) -> None:
        while True:
            batch = self._next()
            if not batch:
                return
            began = time.monotonic()
            left = self._told(batch)
            done = _held(batch) - _held(left)
            if done:
                with self._something:
                    self._said -= done
            if left:
                with self._something:
                    self._waiting.extendleft(reversed(left))
                    if self._closing:
                        return
                    self._something.wait(RETRY_SECONDS)
            elif len(batch) < MOST_TOGETHER and (rest := REST_SECONDS - (time.monotonic() - began)) > 0:
                with self._something:
                    if not self._closing:
                        self._something.wait_for(lambda: self._closing, rest)

    def _next(self) -> list[Told]:
        """What is to be told now; nothing when there is nothing more to come."""
        with self._something:
            while not self._closing:
                if not self._hurry:
                    self._something.wait_for(lambda: self._closing or len(self._waiting) >= ENOUGH, EVERY_SECONDS)
                self._hurry = False
                if self._waiting:
                    break
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]

    def _told(self, batch: list[Told]) -> list[Told]:
        """Tell of these; those that could not be told, out."""
        groups: dict[Sender, list[Told]] = {}
        for one in batch:
            call = one.record.call
            groups.setdefault(Sender(call.project_id, call.key_id, one.said is not None), []).append(one)
        left: list[Told] = []
        for sender, calls in groups.items():
            try:
                self._keep(sender, calls)
            except FarthingError as error:
                left += calls
                if not self._failing_since:
                    log.warning("%d calls wait to be told: %s", len(calls), error)
            except Exception:
                # One call that can't be understood must not stop all others; its lines stay for who looks into it.
                log.exception("%d calls of project %s can't be told", len(calls), sender.project_id)
                vitals.GATEWAY_UNTOLD.inc(len(calls))
                for one in calls:
                    if one.priced is not None:
                        one.priced(None)
        self._failing_since = (self._failing_since or time.monotonic()) if left else 0.0
        return left

    def _keep(self, sender: Sender, calls: list[Told]) -> None:
        found = self._accounted(sender, calls)
        for one, outcome in zip(calls, found.outcomes, strict=True):
            if one.priced is not None:
                one.priced(outcome)
        self._pipeline.keep_prepared(found.prepared).result(KEEP_SECONDS)
        for one in calls:
            self._journal.forget(one.record.call.id)
            if one.kept is not None:
                one.kept()
            if one.record.call.id in self._left:
                self._left.discard(one.record.call.id)
                if not self._left:
                    self._all_left_told()

    def _accounted(self, sender: Sender, calls: Sequence[Told]) -> Accounted:
        records, prices = [one.record for one in calls], self._prices.current
        # What was said in calls is held here, and stays.
        if len(calls) >= MUCH and not sender.keeps_content:
            self._beside.want()
            with contextlib.suppress(ValueError, TypeError, OverflowError):  # then a span may say it, though JSON can't
                if (made := self._beside.do(batch(sender, records), prices)) is not None:
                    return made
        return account(sender, records, [span for one in calls for span in _spans(one)], prices)


def _held(calls: Iterable[Told]) -> int:
    return sum(one.said.size for one in calls if one.said is not None)


def _spans(one: Told) -> list[Span]:
    found = spans(one.record)
    if one.said is None:
        return found
    try:
        return content.told(found, one.said)
    except Exception:
        # What a provider says may have any shape; a call must be told whether we can read that or not.
        log.exception("What was said in the call %s can't be read", one.record.call.request_id)
        return found
