"""What a call may cost at most, in; a reservation with every budget that blocks, or the budget it doesn't fit into, out.

A budget is never overshot: what the ledger tells, what calls under way may cost at most, and what calls cost that the ledger may not
know of yet, are together never more than its limit. Where the last of these decides, the ledger is asked first.

A call whose cost nobody will ever know (cut off, or lost with the process) keeps its reservation until the period is over: that is
written down, so that it holds after a restart too.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import NamedTuple

from farthing.budgets.budget import Enforcement
from farthing.budgets.holdings import Handed, Holdings, Part, Reservation
from farthing.budgets.live import Budgets
from farthing.budgets.matching import Facts
from farthing.budgets.periods import CALENDAR
from farthing.budgets.state import BudgetState
from farthing.errors import FarthingError
from farthing.model import money
from farthing.query.moments import NS
from farthing.store.meta import budget_holds as rows
from farthing.store.meta.budget_holds import Hold
from farthing.store.meta.database import Database

log = logging.getLogger(__name__)

ASK_S = 5.0
"""How long a call waits for the ledger where only the ledger can tell whether it fits."""

ASKED_AGAIN_S = 0.05
LONGEST_CALENDAR_S = 100 * 86_400
"""Longer than a quarter of a year."""


class Refusal(NamedTuple):
    """The budget that a call doesn't fit into."""

    state: BudgetState
    needed: int
    """The most the call may cost, in units of 10^-24 dollars."""
    left: int
    """What was left for it, at most."""


class Reservations:
    """What is reserved of all projects' budgets, within this process. Every method may be called from any thread."""

    def __init__(self, budgets: Budgets, database: Database, clock: Callable[[], int]) -> None:
        """`clock` answers Unix nanoseconds."""
        self._budgets = budgets
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._projects: dict[str, Holdings] = {}
        self._kept: dict[str, list[tuple[str, Reservation]]] = {}
        """Of each project: those whose cost stays unknown, by the id they are written down under."""
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="reservations")
        self._asking: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Read what was written down, and forget what no calendar period can be in any more. Raises `StoreError`."""
        with self._database.write() as session:
            rows.remove_before(session, self._clock() // NS - LONGEST_CALENDAR_S)
            held = rows.listing(session)
        with self._lock:
            for hold in held:
                part = Part(hold.budget_id, hold.since)
                reservation = Reservation(hold.project_id, hold.at, (part,), hold.units, is_open=False)
                self._holdings(hold.project_id).hold(reservation)
                self._kept.setdefault(hold.project_id, []).append((hold.id, reservation))

    def close(self) -> None:
        """Finish writing."""
        self._threads.shutdown()

    def states(self, project_id: str, facts: Iterable[Facts]) -> list[BudgetState]:
        """How the budgets stand that count a call of which one of these sets of facts will be true, each once."""
        found = {one.id: one for some in facts for one in self._budgets.states(project_id, some)}
        return list(found.values())

    def blocking(self, project_id: str, facts: Iterable[Facts]) -> list[BudgetState]:
        """Those among them that block when they are spent."""
        return [one for one in self.states(project_id, facts) if one.enforcement is Enforcement.BLOCK]

    async def reserve(self, project_id: str, facts: Sequence[Facts], worst: int) -> Reservation | Refusal:
        """Reserve `worst` units of every budget that blocks. One that it doesn't fit into takes nothing of any."""
        deadline = asyncio.get_running_loop().time() + ASK_S
        while True:
            found = self._try(project_id, self.blocking(project_id, facts), worst)
            if isinstance(found, Reservation):
                return found
            refusal, is_certain = found
            if is_certain or asyncio.get_running_loop().time() > deadline:
                return refusal
            await self._ask(project_id)

    def settle(self, reservation: Reservation, cost: int | None) -> None:
        """Its call has ended and cost so much; None: nobody will know."""
        if not reservation.counts:
            return
        with self._lock:
            reservation.is_open = False
            if cost is not None:
                self._holdings(reservation.project_id).change(reservation, cost)
                return
        self._write_down(reservation)

    def release(self, reservation: Reservation) -> None:
        """Its call was never made, or certainly cost nothing and is told to nobody."""
        if reservation.counts:
            with self._lock:
                reservation.is_open = False
                self._holdings(reservation.project_id).drop(reservation)

    def lost(self, project_id: str, facts: Sequence[Facts], worst: int, at: int) -> None:
        """A call that began at this Unix second was under way when a process died: nobody will know what it cost."""
        parts = tuple(part for one in self.blocking(project_id, facts) if (part := _part(one, at)) is not None)
        reservation = Reservation(project_id, at, parts, worst)
        if parts:
            with self._lock:
                self._holdings(project_id).hold(reservation)
            self.settle(reservation, None)

    def handed_on(self, reservations: Iterable[Reservation]) -> list[Handed]:
        """Their calls, whose costs are known, are on their way into the ledger."""
        by_project: dict[str, list[Reservation]] = {}
        for one in reservations:
            if one.parts:
                by_project.setdefault(one.project_id, []).append(one)
        with self._lock:
            return [self._holdings(project_id).hand_on(found) for project_id, found in by_project.items()]

    def in_ledger(self, handed: Sequence[Handed]) -> None:
        """Whoever asks the ledger from now on finds the calls of these."""
        now = self._clock()
        for one in handed:
            one.in_ledger_ns = now

    def reserved(self, project_id: str, state: BudgetState) -> int:
        """What is taken of a budget beyond what the ledger is known to tell."""
        part = _part(state, state.stretch.start)
        with self._lock:
            holdings = self._projects.get(project_id)
            if holdings is None or part is None:
                return 0
            holdings.forget(self._budgets.known_ns(project_id))
            return sum(holdings.taken(part))

    def _try(self, project_id: str, blocking: Sequence[BudgetState], worst: int) -> Reservation | tuple[Refusal, bool]:
        now = self._clock() // NS
        if not blocking:
            return Reservation(project_id, now, (), worst)
        known_ns = self._budgets.known_ns(project_id)
        with self._lock:
            holdings = self._holdings(project_id)
            holdings.forget(known_ns)
            self._expire(project_id, blocking)
            parts: list[Part] = []
            for one in blocking:
                part = _part(one, now)
                if part is None:  # its one period is over, or has not begun
                    continue
                held, doubtful = holdings.taken(part)
                left = money.to_units(one.limit_usd) - money.to_units(one.spent_usd or Decimal(0)) - held
                is_known = bool(known_ns) and (one.spent_usd is not None or one.calls > 0)
                if worst > left - doubtful or not is_known:
                    # Certain only if it wouldn't fit even when the ledger counted all that it may count.
                    return Refusal(one, worst, max(left - doubtful, 0)), is_known and worst > left
                parts.append(part)
            reservation = Reservation(project_id, now, tuple(parts), worst)
            holdings.hold(reservation)
            return reservation

    def _holdings(self, project_id: str) -> Holdings:
        return self._projects.setdefault(project_id, Holdings())

    def _expire(self, project_id: str, blocking: Sequence[BudgetState]) -> None:
        """Let go of what was kept for a sliding period that has moved on."""
        kept = self._kept.get(project_id)
        if not kept:
            return
        moved = {one.id: one.stretch.start for one in blocking if one.period not in CALENDAR}
        for entry in list(kept):
            reservation = entry[1]
            if any(reservation.at < moved.get(part.budget_id, 0) for part in reservation.parts):
                kept.remove(entry)
                self._projects[project_id].drop(reservation)
                self._threads.submit(self._remove, entry[0])

    async def _ask(self, project_id: str) -> None:
        """Bring the project's budgets up to date; all who wait for it share one question."""
        asking = self._asking.get(project_id)
        if asking is None or asking.done():
            asking = self._asking[project_id] = asyncio.create_task(self._asked(project_id))
        await asyncio.shield(asking)

    async def _asked(self, project_id: str) -> None:
        try:
            await asyncio.to_thread(self._budgets.current, project_id)
        except FarthingError as error:
            log.warning("How the budgets of a project stand could not be asked: %s", error)
        # What was handed on may be settled in a moment; the next question comes no sooner.
        await asyncio.sleep(ASKED_AGAIN_S)

    def _write_down(self, reservation: Reservation) -> None:
        for part in reservation.parts:
            hold = Hold(
                rows.new_id(), reservation.project_id, part.budget_id, part.since, reservation.at, reservation.units
            )
            alone = Reservation(hold.project_id, hold.at, (part,), hold.units, is_open=False)
            with self._lock:
                self._kept.setdefault(hold.project_id, []).append((hold.id, alone))
            self._threads.submit(self._insert, hold)

    def _remove(self, hold_id: str) -> None:
        # Should it fail, the next start finds it again, and so does the next look after that.
        with contextlib.suppress(FarthingError), self._database.write() as session:
            rows.remove(session, [hold_id])

    def _insert(self, hold: Hold) -> None:
        try:
            with self._database.write() as session:
                rows.insert(session, hold)
        except FarthingError as error:
            log.warning("A reservation of %s could not be written down: %s", hold.budget_id, error)


def _part(state: BudgetState, at: int) -> Part | None:
    if state.period in CALENDAR:
        return Part(state.id, state.stretch.start) if state.stretch.holds(at) else None
    return Part(state.id, 0) if at < state.stretch.end else None
