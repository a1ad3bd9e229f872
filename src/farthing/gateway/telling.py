"""Calls that are over in; told to the pipeline together, off their way, out. What was not told stays in the journal.

A thread of its own: pricing a batch keeps nobody's call waiting, and what is left when the server stops is told after the last
call.
"""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

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
from farthing.prepare import Prepared, Sender, priced

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
ENOUGH = 100
"""So many calls don't wait until then."""
MUCH = 200
"""So many at once are worth a process that works them out: it has what answering calls would have to wait for."""
PART = 1_000
"""So many are worked out as soon as they are there, however long it is until they are kept: what they become is smaller than they are."""
MOST_TOGETHER = 10_000
"""So many don't wait for others to share their commit."""
REST_SECONDS = 1.0
"""From one commit to the next at least: it costs as much for ten as for a thousand, and what it leaves in the store's memory as well."""
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


class _Made(NamedTuple):
    """Calls of one sender as they are to be kept."""

    prepared: Prepared
    calls: list[tuple[str, Callable[[], None] | None]]
    """The id of each, and who is to hear when it is kept."""
    said: int
    """About so many bytes of what was said in them."""


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
        self._rests_until = 0.0
        self._is_failing = False
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
            # Twice: to wake a thread that rests, with every further call, costs that call more than all else here.
            after = len(self._waiting)
            if before < ENOUGH <= after or before < PART <= after:
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
        return self._is_failing or len(self._waiting) > MOST_WAITING

    def _run(self) -> None:
        made: list[_Made] = []
        while True:
            some, is_time = self._next(_size(made))
            made += self._made(some)
            del some  # what they became is all that is held of them
            if not is_time:
                continue
            self._rests_until = time.monotonic() + REST_SECONDS
            made = self._kept(made)
            with self._something:
                if self._closing and (made or not self._waiting):
                    return
                if made:
                    self._something.wait(RETRY_SECONDS)

    def _next(self, made: int) -> tuple[list[Told], bool]:
        """What is to be worked out next, and whether that and all that is `made` already is to be kept then."""
        if made >= MOST_TOGETHER:
            return [], True
        with self._something:
            since = time.monotonic()
            while not (is_time := self._closing or self._hurry) and len(self._waiting) < PART:
                held, now = len(self._waiting) + made, time.monotonic()
                due = since + EVERY_SECONDS if held < ENOUGH else self._rests_until
                if now < due:
                    self._something.wait(due - now)
                elif held:
                    break
                else:
                    since = now
            self._hurry = False
            is_time = is_time or len(self._waiting) < PART or time.monotonic() >= self._rests_until
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), PART))], is_time

    def _made(self, calls: Sequence[Told]) -> list[_Made]:
        """These worked out; those of them that can't be stay behind."""
        groups: dict[Sender, list[Told]] = {}
        for one in calls:
            call = one.record.call
            groups.setdefault(Sender(call.project_id, call.key_id, one.said is not None), []).append(one)
        found: list[_Made] = []
        for sender, some in groups.items():
            try:
                made = self._accounted(sender, some)
            except Exception:
                # One call that can't be understood must not stop all others; its lines stay for who looks into it.
                log.exception("%d calls of project %s can't be told", len(some), sender.project_id)
                self._lose(len(some), _held(some))
                for one in some:
                    _inform(one.priced, None)
                continue
            for one, outcome in zip(some, made.outcomes, strict=True):
                _inform(one.priced, outcome)
            found.append(_Made(made.prepared, [(one.record.call.id, one.kept) for one in some], _held(some)))
        return found

    def _kept(self, made: list[_Made]) -> list[_Made]:
        """Keep these, in one commit where that can be; those that could not be kept, out."""
        left: list[_Made] = []
        waiting: list[tuple[_Made, Future[Any]]] = []
        for one in made:
            with self._on_failure(one, left):
                waiting.append((one, self._pipeline.keep_prepared(one.prepared, more_coming=one is not made[-1])))
        for one, kept in waiting:
            with self._on_failure(one, left):
                kept.result(KEEP_SECONDS)
                self._forget(one)
        self._is_failing = bool(left)
        return left

    @contextlib.contextmanager
    def _on_failure(self, made: _Made, left: list[_Made]) -> Generator[None]:
        try:
            yield
        except (FarthingError, TimeoutError) as error:
            left.append(made)
            if not self._is_failing:
                log.warning("%d calls wait to be told: %s", len(made.calls), error or type(error).__name__)
                self._is_failing = True
        except Exception:
            log.exception("%d calls of project %s can't be kept", len(made.calls), made.prepared.project_id)
            self._lose(len(made.calls), made.said)

    def _lose(self, calls: int, said: int) -> None:
        vitals.GATEWAY_UNTOLD.inc(calls)
        self._let_go(said)

    def _forget(self, made: _Made) -> None:
        self._let_go(made.said)
        for call_id, kept in made.calls:
            self._journal.forget(call_id)
            _inform(kept)
            if call_id in self._left:
                self._left.discard(call_id)
                if not self._left:
                    self._all_left_told()

    def _let_go(self, said: int) -> None:
        if said:
            with self._something:
                self._said -= said

    def _accounted(self, sender: Sender, calls: Sequence[Told]) -> Accounted:
        records, prices = [one.record for one in calls], self._prices.current
        # What was said in calls is held here, and stays.
        if len(calls) >= MUCH and not sender.keeps_content:
            self._beside.want()
            with contextlib.suppress(ValueError, TypeError, OverflowError):  # then a span may say it, though JSON can't
                if (made := self._beside.do(batch(sender, records), prices)) is not None:
                    return made
        return account(sender, records, [span for one in calls for span in _spans(one)], prices)


def _inform(who: Callable[..., None] | None, *of: Outcome | None) -> None:
    try:
        if who is not None:
            who(*of)
    except Exception:
        # All others are still to hear of theirs.
        log.exception("What became of a call could not be told")


def _size(made: Iterable[_Made]) -> int:
    return sum(len(one.calls) for one in made)


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
