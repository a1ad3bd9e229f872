"""How budgets stand that count a call, in; what it got of them, or the one it doesn't fit into, out: the nouns of that, and no more."""

from typing import NamedTuple, Protocol

from farthing.budgets.holdings import Part, Reservation
from farthing.budgets.periods import CALENDAR
from farthing.budgets.state import BudgetState


class Refusal(NamedTuple):
    """The budget that a call doesn't fit into."""

    state: BudgetState
    needed: int
    """The most the call may cost, in units of 10^-24 dollars."""
    left: int
    """What was left for it, at most."""


class Standing(NamedTuple):
    """How the budgets stand that count a call."""

    known_ns: int
    """When the ledger was last asked. Looked up first: what was found out in between may not be in that."""
    at: int
    """The Unix second it is of: each of these periods holds it."""
    states: list[BudgetState]
    blocking: list[BudgetState]
    """Those among them that block when they are spent."""


class Late(Protocol):
    """Settles calls some time after they are over."""

    @property
    def waits(self) -> bool:
        """Whether there is anything to be settled."""
        ...

    def settle(self) -> None:
        """Settle all that is over by now."""
        ...


Found = Reservation | tuple[Refusal, bool]
"""What a call got: if it doesn't fit, also whether that is certain, whatever the ledger counts by now."""


def part_of(state: BudgetState, at: int) -> Part | None:
    """Its period that a call of this Unix second counts in; None where that is over, or has not begun."""
    if state.period in CALENDAR:
        return Part(state.id, state.stretch.start) if state.stretch.holds(at) else None
    return Part(state.id, 0) if at < state.stretch.end else None
