"""A project's budgets, and where calls were touched, in; how each stands out, asking only for what may have changed.

A period is kept in pieces: the half hours around now, where calls come in, and what lies before and behind. Touched pieces
are asked for again, whole; nothing is counted up. Which budgets there are and how they stand is one page that is swapped whole, so that readers need no lock. What was touched
while a question was under way is asked for again the next time.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from farthing.budgets import budget as budgets
from farthing.budgets import matching, periods
from farthing.budgets.budget import Budget, Enforcement
from farthing.budgets.matching import Facts, Index, Place
from farthing.budgets.periods import FOREVER, Period, Stretch
from farthing.budgets.spending import Wanted
from farthing.budgets.state import BudgetState, Sums, state

MOST_TOUCHED = 5_000
"""With more half hours than this touched, everything was."""

_HALF_HOUR = 1_800

Ask = Callable[[Collection[Wanted]], Mapping[Wanted, Sums]]


class Entry(NamedTuple):
    """A budget, and which calls it counts."""

    budget: Budget
    place: Place


class Page(NamedTuple):
    """What is known at one moment."""

    entries: Sequence[Entry]
    by_facts: Index
    states: Mapping[str, BudgetState]
    """How each stood when last looked at, by id."""


class Book:
    """The budgets of one project."""

    def __init__(self, project_id: str) -> None:
        """Without any budget."""
        self.project_id = project_id
        self._page = Page((), Index(()), {})
        self._writing = threading.Lock()
        """Held by whoever makes the next page."""
        self._lock = threading.Lock()
        self._touched: set[int] = set()
        self._everything = False
        self._observe_only = False
        self._sums: dict[str, dict[Stretch, Sums]] = {}
        """Of each budget by its id, piece by piece; out of date only where `_touched` says so."""
        self.known_ns = 0
        """Unix nanoseconds: all calls that questions could find then are counted. 0 before anything was asked."""
        self.next_end = 0
        """The Unix second at which the first period is over; one that is past as long as something was never added up."""

    @property
    def budgets(self) -> list[Budget]:
        """All of them, oldest first."""
        return [entry.budget for entry in self._page.entries]

    @property
    def blocks(self) -> bool:
        """Whether any of them does when it is spent."""
        if self._observe_only:
            return False
        return any(entry.budget.enforcement is Enforcement.BLOCK for entry in self._page.entries)

    @property
    def observe_only(self) -> bool:
        """Whether nothing is to be stopped because of any of them."""
        return self._observe_only

    def touch_all(self) -> None:
        """Any call may have changed."""
        with self._lock:
            self._everything = True

    def replace(self, found: Sequence[Budget], now: int, *, observe_only: bool = False) -> None:
        """From now on these are the budgets; what is known of those that are the same stays known."""
        with self._writing:
            before = {entry.budget.id: entry for entry in self._page.entries}
            same = {one.id for one in found if one.id in before and before[one.id].budget == one}
            if len(same) == len(found) == len(before) and observe_only == self._observe_only:
                return
            self._observe_only = observe_only
            entries = [before[one.id] if one.id in same else _entry(one) for one in found]
            known = {one.id: self._page.states[one.id] if one.id in same else _blank(one, now) for one in found}
            states = {identity: structs.replace(known[identity], observe_only=observe_only) for identity in known}
            self._page = Page(entries, Index([entry.place for entry in entries]), states)
            self._sums = {identity: sums for identity, sums in self._sums.items() if identity in same}
            self.next_end = 0

    def touch(self, half_hours: Collection[int]) -> None:
        """Calls in these half hours (their first Unix seconds) have changed."""
        with self._lock:
            self._touched.update(half_hours)
            if len(self._touched) > MOST_TOUCHED:
                self._everything = True
                self._touched.clear()

    def is_due(self, now: int) -> bool:
        """Whether something may have changed."""
        return bool(self._touched) or self._everything or now >= self.next_end

    def matching(self, facts: Facts, now: int) -> list[BudgetState]:
        """How those stand that count a call of now of which these facts are known, in their order."""
        page = self._page
        found: list[BudgetState] = []
        for number in page.by_facts.matching(facts):
            budget = page.entries[number].budget
            one = page.states[budget.id]
            if one.stretch.holds(now):
                found.append(one)
            elif budget.period is not Period.ONCE:
                # A new period has begun, and nobody knows yet what was spent in it.
                found.append(structs.replace(_blank(budget, now), observe_only=self._observe_only))
        return found

    def blocking(self, now: int) -> list[BudgetState]:
        """How those stand that block, if it is known for a period that holds now."""
        return [one for one in self._page.states.values() if one.blocks and one.stretch.holds(now)]

    def ended(self, now: int, since: int) -> list[tuple[Budget, Wanted]]:
        """What is to be asked of the periods before those of now, where they were over no earlier than `since` and the budget is still as it was then."""
        found: list[tuple[Budget, Wanted]] = []
        for one, place in self._page.entries:
            before = one.before(now)
            if before and before.end >= since and before.end > one.updated_at.timestamp():
                found.append((one, Wanted(place, before)))
        return found

    def refresh(self, now: int, ask: Ask) -> Mapping[str, BudgetState]:
        """Ask for what may have changed; how all stand, by id. Raises what `ask` raises, and then nothing is forgotten."""
        with self._writing:
            with self._lock:
                touched, self._touched = self._touched, set()
                everything, self._everything = self._everything, False
            try:
                page, self._sums = self._refreshed(now, ask, None if everything else sorted(touched))
            except BaseException:
                with self._lock:
                    self._touched |= touched
                    self._everything |= everything
                raise
            self._page = page
            ends = [one.stretch.end for one in page.states.values()]
            self.next_end = min((end for end in ends if end > now), default=FOREVER)
            return page.states

    def _refreshed(
        self, now: int, ask: Ask, touched: Sequence[int] | None
    ) -> tuple[Page, dict[str, dict[Stretch, Sums]]]:
        page = self._page
        stretches = {budget.id: budget.stretch(now) for budget, _ in page.entries}
        kept: dict[str, dict[Stretch, Sums]] = {}
        due: list[tuple[str, Wanted]] = []
        for budget, place in page.entries:
            known = self._sums.get(budget.id, {})
            mine = kept[budget.id] = {}
            for piece in periods.pieces(stretches[budget.id], now):
                if piece in known and touched is not None and not _overlaps(piece, touched):
                    mine[piece] = known[piece]
                else:
                    due.append((budget.id, Wanted(place, piece)))
        found: Mapping[Wanted, Sums] = ask({wanted for _, wanted in due}) if due else {}
        for identity, wanted in due:
            kept[identity][wanted.stretch] = found[wanted]
        states = dict(page.states)
        for budget, _ in page.entries:
            if kept[budget.id] != self._sums.get(budget.id):
                sums = sum(kept[budget.id].values(), Sums())
                states[budget.id] = state(budget, stretches[budget.id], sums, observe_only=self._observe_only)
        return page._replace(states=states), kept


def _entry(budget: Budget) -> Entry:
    return Entry(budget, matching.place(budgets.scope(budget.filters)))


def _blank(budget: Budget, now: int) -> BudgetState:
    return state(budget, budget.stretch(now), None)


def _overlaps(stretch: Stretch, half_hours: Sequence[int]) -> bool:
    """`half_hours` are sorted."""
    at = bisect_left(half_hours, stretch.start - _HALF_HOUR + 1)
    return at < len(half_hours) and half_hours[at] < stretch.end
