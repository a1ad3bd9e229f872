"""What a server has spent in a ledger that nobody else can read, and what its calls take, in; what the other servers have to count out. Pure, exact.

Several servers on one meta store whose ledgers are folders of their own can't ask each other's. So each tells, whole, what its ledger counts of a
budget's period together with what its calls take of it beyond that; to the others both are taken.
"""

from collections.abc import Callable, Iterable, Mapping

from farthing.budgets.fitting import part_of
from farthing.budgets.holdings import Part
from farthing.budgets.periods import CALENDAR
from farthing.budgets.shares import Taken
from farthing.budgets.state import BudgetState
from farthing.model import money

SAID_AGAIN_S = 60
"""What a sliding period counts is said again after so long, though it is the same: it has gone on meanwhile."""

KEPT_S = 3_600
"""How long what a former period counts is still told: clocks of servers differ, and calls go on over its end."""


class Apart:
    """One server's account. Not thread-safe."""

    def __init__(self) -> None:
        """Nothing was ever said."""
        self._said: dict[Part, Taken] = {}
        self._former: dict[Part, int] = {}

    def resume(self, said: Mapping[Part, Taken]) -> None:
        """A former start of this server said so last; what was under way then is not told yet."""
        self._said = dict(said)
        self._former = {part: taken.units for part, taken in said.items()}

    def end_former(self) -> None:
        """What was under way then is in the ledger, or told to stay reserved."""
        self._former.clear()

    def news(self, states: Iterable[BudgetState], taken: Callable[[Part], int], now: int) -> dict[Part, Taken]:
        """What the others don't know yet; from now on they do. `taken`: units that the ledger isn't known to count, now."""
        found: dict[Part, Taken] = {}
        for state in states:
            part = part_of(state, now)
            if part is None or (state.spent_usd is None and not state.calls):
                continue  # nothing was asked of the ledger yet, so nothing is admitted: what was said before holds
            own = taken(part)
            before = self._former.get(part)
            units = money.to_units(state.spent_usd or 0) + own if before is None else before + own
            said = self._said.get(part, Taken(0, now))
            slides = state.period not in CALENDAR
            if units != said.units or (slides and units and now >= said.at + SAID_AGAIN_S):
                found[part] = Taken(units, now)
            if now >= state.stretch.start + KEPT_S:
                over = [one for one in self._said if one.budget_id == part.budget_id and one.since < part.since]
                found |= dict.fromkeys(over, Taken(0, now))
        self._said |= found
        for part, (units, _) in found.items():
            if not units:
                del self._said[part]
        return found

    def told_in_vain(self, parts: Iterable[Part]) -> None:
        """Nobody may have heard it: it is told again."""
        self._said |= dict.fromkeys(parts, Taken(-1, 0))
