"""What a call may cost at most, in; a reservation with every budget that blocks, or the budget it doesn't fit into, out.

A budget is never overshot: what the ledger tells, what calls under way may cost at most, and what calls cost that the ledger may not
know of yet, are together never more than its limit. Where the last of these decides, the ledger is asked first.

A call whose cost nobody will ever know (cut off, or lost with the process) keeps its reservation until the period is over: that is
written down, so that it holds after a restart too. One that was made in the background keeps it until somebody is told what it used.

Where several servers share the meta store, what calls of the others take counts like that of our own: `turns.py` tells of it. Then a call that
a budget counts is admitted in this server's turn only.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

from farthing.budgets.apart import Apart
from farthing.budgets.fitting import Found, Late, Refusal, Standing, part_of
from farthing.budgets.holdings import Handed, Holdings, Part, Reservation
from farthing.budgets.lasting import Lasting, holds
from farthing.budgets.live import Budgets
from farthing.budgets.matching import Facts
from farthing.budgets.periods import CALENDAR
from farthing.budgets.shares import Kept, News, Share, Taken, Telling
from farthing.budgets.state import BudgetState
from farthing.budgets.turns import LONGEST_CALENDAR_S, Turns
from farthing.errors import FarthingError
from farthing.query.moments import NS
from farthing.store.meta.budget_holds import Hold
from farthing.store.meta.budget_turns import Taking
from farthing.store.meta.database import Database

log = logging.getLogger(__name__)

ASK_S = 5.0
"""How long a call waits for the ledger where only the ledger can tell whether it fits."""

ASKED_AGAIN_S = 0.05


class Reservations:
    """What is reserved of all projects' budgets. Every method may be called from any thread."""

    def __init__(
        self, budgets: Budgets, database: Database, clock: Callable[[], int], turns: Turns | None = None
    ) -> None:
        """`clock` answers Unix nanoseconds; `turns` are there where several servers may share the meta store."""
        self._budgets = budgets
        self._clock = clock
        self._lock = threading.Lock()
        self._projects: dict[str, Holdings] = {}
        self._lasting = Lasting(database)
        self._turns = turns
        self._apart = Apart() if turns and turns.is_apart else None
        self._shares: dict[str, Share] = {}
        self._others: dict[Part, list[Taking]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._late: Late | None = None

    def start(self) -> None:
        """Read what was written down, and forget what no calendar period can be in any more. Raises `StoreError`."""
        self._keep_all(self._lasting.begin(self._clock() // NS - LONGEST_CALENDAR_S))
        if self._turns:
            self._turns.start(self)

    def close(self) -> None:
        """Finish writing."""
        if self._turns:
            self._turns.close()
        self._lasting.close()

    @property
    def is_alone(self) -> bool:
        """Whether no other server takes anything of these budgets."""
        return self._turns is None

    def settles_late(self, late: Late) -> None:
        """`late` holds calls that are over and not settled yet: it is asked where that matters."""
        self._late = late

    def standing(self, project_id: str, facts: Sequence[Facts]) -> Standing:
        """How the budgets stand that count a call of which one of these sets of facts will be true, each once."""
        known_ns = self._budgets.known_ns(project_id)
        at = self._clock() // NS
        if len(facts) == 1:
            states = list(self._budgets.states(project_id, facts[0], at))
        else:
            found = {one.id: one for some in facts for one in self._budgets.states(project_id, some, at)}
            states = list(found.values())
        return Standing(known_ns, at, states, [one for one in states if one.blocks])

    def reserve_at_once(
        self, project_id: str, facts: Sequence[Facts], worst: int, standing: Standing
    ) -> Reservation | None:
        """As `reserve`, where nobody need be asked for that; None: it has to be awaited. `standing`: as it was a moment ago."""
        found = None if self._turns else self._try(project_id, facts, worst, standing)
        return found if isinstance(found, Reservation) else None

    async def reserve(
        self, project_id: str, facts: Sequence[Facts], worst: int, standing: Standing | None = None
    ) -> Reservation | Refusal:
        """Reserve `worst` units of every budget that blocks. One that it doesn't fit into takes nothing of any."""
        found = await self._decided(project_id, facts, worst, standing)
        if isinstance(found, Reservation):
            return found
        deadline = asyncio.get_running_loop().time() + ASK_S
        while asyncio.get_running_loop().time() <= deadline:
            if self._late is not None and self._late.waits:
                await asyncio.to_thread(self._late.settle)
            elif found[1]:
                break
            else:
                await self._ask(project_id)
            found = await self._decided(project_id, facts, worst)
            if isinstance(found, Reservation):
                return found
        return found[0]

    def settle(self, reservation: Reservation, cost: int | None) -> None:
        """Its call has ended and cost so much; None: nobody will know."""
        if not reservation.counts:
            return
        with self._lock:
            reservation.is_open = False
            if cost is not None:
                self._tell(reservation, cost - reservation.units)
                self._holdings(reservation.project_id).change(reservation, cost)
                return
            self._tell(reservation, -reservation.units)
            self._write_down(reservation)

    def release(self, reservation: Reservation) -> None:
        """Its call was never made, or certainly cost nothing and is told to nobody."""
        if reservation.counts:
            with self._lock:
                reservation.is_open = False
                self._tell(reservation, -reservation.units)
                self._holdings(reservation.project_id).drop(reservation)

    def lost(self, project_id: str, facts: Sequence[Facts], worst: int, at: int) -> None:
        """A call that began at this Unix second was under way when a process died: nobody will know what it cost."""
        with self._lock:
            self._write_down(self._hold_ended(project_id, facts, worst, at))

    def recovered(self, project_id: str, facts: Sequence[Facts], cost: int, at: int) -> Reservation | None:
        """A call that began at this Unix second had ended when a process died; the ledger will have what it cost."""
        if self._turns and not self._apart:  # what a former process took is held by its share until all of it is told
            return None
        with self._lock:
            return self._hold_ended(project_id, facts, cost, at)

    def all_told(self) -> None:
        """What a former process left is in the ledger, or was told to be lost."""
        if self._turns:
            if self._apart:
                with self._lock:
                    self._apart.end_former()
            self._turns.end_former()

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
        if self._turns and not self._apart:
            with self._lock:
                for reservation in (reservation for one in handed for reservation in one.reservations):
                    self._share(reservation.project_id).land(reservation)
            self._turns.soon()

    def told_late(self, project_id: str, calls: Collection[str]) -> None:
        """Whoever asks the ledger from now on finds what these calls cost, which nobody knew when they ended."""
        if self._turns:  # others hold it as well, and may not have asked
            return
        with self._lock:
            gone = self._lasting.let_go(project_id, self._lasting.of_calls(project_id, calls))
            handed = self._holdings(project_id).hand_on(gone)
            handed.in_ledger_ns = self._clock()

    def reserved(self, project_id: str, state: BudgetState) -> int:
        """What is taken of a budget beyond what the ledger is known to tell."""
        part = part_of(state, state.stretch.start)
        if self._late is not None:
            self._late.settle()
        with self._lock:
            if part is None:
                return 0
            others = self._taken_elsewhere(part, state)
            holdings = self._projects.get(project_id)
            if holdings is None:
                return others
            holdings.forget(self._budgets.known_ns(project_id))
            return others + sum(holdings.taken(part))

    # Of turns, on their thread.

    def resume(self, takings: Iterable[Taking]) -> None:
        """What a former start of this server said that it takes."""
        if self._apart:
            with self._lock:
                self._apart.resume({Part(one.budget_id, one.since): Taken(one.units, one.at) for one in takings})

    def listens(self) -> bool:
        """Whether any budget blocks."""
        return self._budgets.any_blocks

    def hear(self, takings: Sequence[Taking], news: Iterable[tuple[str, News]]) -> list[Handed]:
        """What all others take now, and what happened since; what the ledger counts of it, out."""
        others: dict[Part, list[Taking]] = {}
        for one in takings:
            others.setdefault(Part(one.budget_id, one.since), []).append(one)
        handed: list[Handed] = []
        with self._lock:
            self._others = others
            for project_id, told in news:
                for kept in told.kept:
                    self._keep(Hold(kept.id, project_id, kept.budget_id, kept.since, kept.at, int(kept.units)))
                landed = [
                    Reservation(project_id, 0, (Part(one.budget_id, one.since),), int(one.units), is_open=False)
                    for one in told.landed
                ]
                if landed:
                    for one in landed:
                        self._holdings(project_id).hold(one)
                    handed.append(self._holdings(project_id).hand_on(landed))
        return handed

    def touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        """Calls of a project changed on this server."""
        if self._budgets.blocks(project_id) and not self._apart:
            with self._lock:
                self._share(project_id).touch(half_hours)

    def catch_up(self) -> None:
        """Read again what was written down, and ask the ledger for everything."""
        self._keep_all(self._lasting.listing())
        self._budgets.touch_all()

    def tell(self) -> Mapping[str, Telling]:
        """What others don't know yet, by project."""
        with self._lock:
            told = {project_id: share.tell() for project_id, share in self._shares.items() if not share.is_told}
            if self._apart:
                for project_id in self._budgets.project_ids:
                    if shares := self._account(self._apart, project_id):
                        told[project_id] = Telling(shares, told[project_id].news if project_id in told else News())
            return told

    def told_in_vain(self, told: Mapping[str, Telling]) -> None:
        """They may not have heard it."""
        with self._lock:
            for project_id, telling in told.items():
                if self._apart:
                    self._apart.told_in_vain(telling.shares)
                    telling = telling._replace(shares={})  # noqa: PLW2901
                self._share(project_id).told_in_vain(telling)

    def _share(self, project_id: str) -> Share:
        return self._shares.setdefault(project_id, Share())

    def _tell(self, reservation: Reservation, units: int) -> None:
        if self._turns:
            if not self._apart:
                self._share(reservation.project_id).take(reservation, units)
            if units < 0:
                self._turns.soon()

    def _account(self, apart: Apart, project_id: str) -> dict[Part, Taken]:
        """What others don't know yet of what this server's own ledger counts, and its calls take."""
        # Looked up first: what is forgotten must be in how budgets stand.
        known_ns, now = self._budgets.known_ns(project_id), self._clock() // NS
        states = self._budgets.blocking(project_id, now)
        holdings = self._holdings(project_id)
        holdings.forget(known_ns)
        lasting = self._lasting.taken(project_id)  # told as news, and held by everybody

        def taken(part: Part) -> int:
            return sum(holdings.taken(part)) - lasting.get(part, 0)

        return apart.news(states, taken, now) if known_ns else {}

    def _taken_elsewhere(self, part: Part, state: BudgetState) -> int:
        """By calls that this period may count: of a server that died, nobody takes it back."""
        slides = state.period not in CALENDAR
        return sum(one.units for one in self._others.get(part, ()) if not (slides and one.at < state.stretch.start))

    async def _decided(
        self, project_id: str, facts: Sequence[Facts], worst: int, standing: Standing | None = None
    ) -> Found:
        if self._turns is None or not self.standing(project_id, facts).blocking:
            return self._try(project_id, facts, worst, standing)
        answer = self._turns.take(lambda: self._try(project_id, facts, worst), self._undo)
        try:
            return cast(Found, await asyncio.shield(asyncio.wrap_future(answer)))
        except asyncio.CancelledError:
            # Who asked is gone, but the turn is taken all the same.
            answer.add_done_callback(lambda done: done.exception() or self._undo(done.result()))
            raise

    def _undo(self, found: object) -> None:
        if isinstance(found, Reservation):
            self.release(found)

    def _try(self, project_id: str, facts: Sequence[Facts], worst: int, standing: Standing | None = None) -> Found:
        now = self._clock() // NS
        if standing is None or (standing.at != now and not all(one.stretch.holds(now) for one in standing.blocking)):
            standing = self.standing(project_id, facts)  # a period has ended since somebody looked
        if not standing.blocking:
            return Reservation(project_id, standing.at, (), worst)
        with self._lock:
            if self._budgets.known_ns(project_id) != standing.known_ns:
                # What the ledger has by now may be forgotten already, and then it must be in how budgets stand.
                standing = self.standing(project_id, facts)
            known_ns, now, _, blocking = standing
            holdings = self._holdings(project_id)
            holdings.forget(known_ns)
            if self._lasting.has_any:
                slid = {one.id: one.stretch.start for one in blocking if one.period not in CALENDAR}
                for gone in self._lasting.expired(project_id, slid):
                    holdings.drop(gone)
            parts: list[Part] = []
            for one in blocking:
                part = part_of(one, now)
                if part is None:  # its one period is over, or has not begun
                    continue
                held, doubtful = holdings.taken(part)
                left = one.left_units - held
                if self._others:
                    left -= self._taken_elsewhere(part, one)
                is_known = bool(known_ns) and (one.spent_usd is not None or one.calls > 0)
                if worst > left - doubtful or not is_known:
                    # Certain only if it wouldn't fit even when the ledger counted all that it may count.
                    return Refusal(one, worst, max(left - doubtful, 0)), is_known and worst > left
                parts.append(part)
            reservation = Reservation(project_id, now, tuple(parts), worst)
            holdings.hold(reservation)
            self._tell(reservation, worst)
            return reservation

    def _hold_ended(self, project_id: str, facts: Sequence[Facts], units: int, at: int) -> Reservation:
        parts = tuple(
            part for one in self.standing(project_id, facts).blocking if (part := part_of(one, at)) is not None
        )
        reservation = Reservation(project_id, at, parts, units, is_open=False)
        self._holdings(project_id).hold(reservation)
        return reservation

    def _holdings(self, project_id: str) -> Holdings:
        found = self._projects.get(project_id)
        if found is None:
            found = self._projects[project_id] = Holdings()
        return found

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

    def _keep_all(self, held: Iterable[Hold]) -> None:
        with self._lock:
            for hold in held:
                self._keep(hold)

    def _keep(self, hold: Hold) -> None:
        """It stays reserved, if that is not known yet."""
        if (kept := self._lasting.add(hold)) is not None:
            self._holdings(hold.project_id).hold(kept)

    def _write_down(self, reservation: Reservation) -> None:
        """It is held, and stays so."""
        for hold in holds(reservation):
            self._lasting.add(hold)
            if self._turns:
                kept = Kept(hold.id, hold.budget_id, hold.since, hold.at, str(hold.units))
                self._share(hold.project_id).keep(kept)
                self._turns.soon()
            else:
                self._lasting.write(hold)
