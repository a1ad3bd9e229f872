"""Calls that are over, and what was reserved for them, in; what each really took of its budgets, and nothing once the ledger has it, out.

What a call cost is known as soon as it is over, but to price it then and again when it is told would be done twice, and the first time on the
way of other calls. So an ordinary call is settled when it is told, or at once when a call doesn't fit and what others gave back might help.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence

import msgspec

from farthing.budgets.holdings import Handed, Reservation
from farthing.budgets.reservations import Reservations
from farthing.gateway.accounted import Outcome, outcome
from farthing.gateway.records import Record, spans
from farthing.model.call import CUT_OFF, PricedCall
from farthing.prepare import Price, Sender, priced

log = logging.getLogger(__name__)

SETTLED_WITHIN_S = 30.0
"""How long what was handed on is waited for before it is looked at again."""
LAST_SETTLED_WITHIN_S = 5.0
"""The same, when the server stops."""


class Ended(msgspec.Struct, eq=False):
    """A call that is over."""

    reservations: list[Reservation]
    """One for each attempt that may be charged for."""
    known: list[Reservation] = []
    """Those whose cost is known, once it is settled."""


class Settlement:
    """Settles for all calls of this server. Every method may be called from any thread."""

    def __init__(
        self, reservations: Reservations, price: Callable[[], Price], settled: Callable[[float], bool]
    ) -> None:
        """`settled` waits, at most so many seconds, until all that is kept is in the ledger. Nothing runs before `start`."""
        self._reservations = reservations
        self._price = price
        self._settled = settled
        self._waiting: dict[Ended, Record] = {}
        """Those still to be settled. Nobody need hold what is known of a call from then until it is kept."""
        self._settling = threading.Lock()
        self._handed: queue.SimpleQueue[list[Handed] | None] = queue.SimpleQueue()
        self._is_all_left_told = False
        self._thread = threading.Thread(target=self._follow, name="gateway-ledger", daemon=True)
        reservations.settles_late(self)

    def start(self) -> None:
        """Follow what is handed on into the ledger."""
        self._thread.start()

    def close(self) -> None:
        """Follow no more, but what was handed on last; what is not in the ledger then is there after the next start."""
        self._handed.put(None)
        self._thread.join()

    def calls(self, record: Record) -> list[PricedCall]:
        """What the ledger will know of it."""
        return priced(Sender(record.call.project_id, record.call.key_id), spans(record), self._price())

    def ended(self, record: Record, reservations: list[Reservation], calls: Sequence[PricedCall] | None) -> Ended:
        """A call is over: what its attempts cost is known now, or never will be. `calls`: where they are known already."""
        one = Ended(reservations)
        if reservations[0].counts:
            if calls is None and self._reservations.is_alone and _is_ordinary(record):
                self._waiting[one] = record
            else:
                self._settle(one, outcome(record, self.calls(record) if calls is None else calls))
        return one

    def priced(self, one: Ended, known: Outcome | None) -> None:
        """What the ledger will know of it, unless that is not known; settle it by that."""
        with self._settling:
            record = self._waiting.get(one)
            if record is not None:
                self._settle(one, outcome(record, self.calls(record)) if known is None else known)
                del self._waiting[one]

    @property
    def waits(self) -> bool:
        """Whether there is anything to be settled."""
        return bool(self._waiting)

    def settle(self) -> None:
        """Settle all that is over by now."""
        for one in list(self._waiting):
            self.priced(one, None)

    def told(self, one: Ended) -> None:
        """The call is kept, so the ledger will have what it cost; what nobody knows stays reserved."""
        self._hand_on(one.known)

    def left(self, record: Record) -> Callable[[], None] | None:
        """A call that the last process had no time to tell: what it cost, or may have cost at most, stays reserved.

        What is to be called when it is kept, out: from then on the ledger will have what is known of it.
        """
        call = record.call
        units = int(call.reserved or 0)
        if not units:
            return None
        at = call.start_ns // 10**9
        if any(not attempt.end_ns for attempt in record.attempts):
            for attempt in record.attempts:
                if not attempt.end_ns or attempt.error in CUT_OFF:
                    self._reservations.lost(call.project_id, call.counted_by, units, at)
        calls = self.calls(record)
        unknown, known = outcome(record, calls)
        if _is_ordinary(record) and unknown:
            self._reservations.lost(call.project_id, call.counted_by, units, at)
        held = self._reservations.recovered(call.project_id, call.counted_by, known, at) if known else None
        return None if held is None else lambda: self._hand_on([held])

    def all_left_told(self) -> None:
        """Nothing is left of what the last process had no time to tell."""
        self._is_all_left_told = True
        self._handed.put([])

    def _settle(self, one: Ended, found: Outcome) -> None:
        unknown, known = found
        for number, reservation in enumerate(one.reservations):
            self._reservations.settle(reservation, None if number < unknown else known if number == unknown else 0)
        one.known = one.reservations[unknown:]

    def _hand_on(self, known: Sequence[Reservation]) -> None:
        if any(one.parts for one in known):
            self._handed.put(self._reservations.handed_on(known))

    def _follow(self) -> None:
        is_closing = is_all_left_told = False
        while not is_closing and (first := self._handed.get()) is not None:
            batch = [*first]
            while True:
                while not is_closing and not self._handed.empty():
                    more = self._handed.get()
                    batch += more or []
                    is_closing = more is None
                is_all_left_told |= self._is_all_left_told
                if self._settled(LAST_SETTLED_WITHIN_S if is_closing else SETTLED_WITHIN_S):
                    break
                log.warning("What the gateway handed on is not in the ledger yet")
                if is_closing:
                    return
            self._reservations.in_ledger(batch)
            if is_all_left_told:
                self._is_all_left_told = is_all_left_told = False
                self._reservations.all_told()


def _is_ordinary(record: Record) -> bool:
    """Whether the provider said what its one attempt used: so its cost will be known, and should the process die before, from its journal."""
    attempts = record.attempts
    return len(attempts) == 1 and bool(attempts[0].usage) and bool(attempts[0].end_ns) and not attempts[0].error
