"""What calls under way and calls just ended take of budgets in; how much of one is taken, out. Pure arithmetic, exact.

A reservation goes through three states. *Held*: the call is under way, or has ended, and the ledger can't know of it yet.
*Doubtful*: it was handed on; the ledger may count it or not. *Gone*: the ledger counts it, so it is forgotten here.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec


class Part(NamedTuple):
    """One budget in one of its periods. `since` is the period's first Unix second; 0 where periods slide or there is but one."""

    budget_id: str
    since: int


class Reservation(msgspec.Struct, eq=False, gc=False):
    """What one attempt takes of every budget that counts it, in units of 10^-24 dollars. Only `Holdings` changes it."""

    project_id: str
    at: int
    """The Unix second its call began."""
    parts: tuple[Part, ...]
    units: int
    is_open: bool = True
    call: str = ""
    """The span of its call, where what nobody knows now may be told later."""

    @property
    def counts(self) -> bool:
        """Whether any budget waits to hear what it cost in the end."""
        return bool(self.parts) and self.is_open


class Handed(msgspec.Struct, eq=False):
    """Reservations whose calls went to the ledger together."""

    reservations: tuple[Reservation, ...]
    in_ledger_ns: int | None = None
    """From when on whoever asks the ledger finds them; None: not yet."""


class Taken(NamedTuple):
    """Of one budget: what the ledger certainly doesn't count, and what it may count or not."""

    held: int
    doubtful: int


class Holdings:
    """The reservations of one project. Not thread-safe."""

    def __init__(self) -> None:
        """None yet."""
        self._held: dict[Part, int] = {}
        self._doubtful: dict[Part, int] = {}
        self._handed: deque[Handed] = deque()

    def taken(self, part: Part) -> Taken:
        """How much of a budget is taken."""
        return Taken(self._held.get(part, 0), self._doubtful.get(part, 0))

    def hold(self, reservation: Reservation) -> None:
        """From now on it takes its units."""
        _add(self._held, reservation.parts, reservation.units)

    def change(self, reservation: Reservation, units: int) -> None:
        """It takes so many from now on."""
        _add(self._held, reservation.parts, units - reservation.units)
        reservation.units = units

    def drop(self, reservation: Reservation) -> None:
        """It takes nothing any more."""
        self.change(reservation, 0)

    def hand_on(self, reservations: Iterable[Reservation]) -> Handed:
        """Their calls are on their way into the ledger."""
        handed = Handed(tuple(reservations))
        for one in handed.reservations:
            _add(self._held, one.parts, -one.units)
            _add(self._doubtful, one.parts, one.units)
        self._handed.append(handed)
        return handed

    def forget(self, known_ns: int) -> None:
        """The ledger was asked at this time, and all budgets know what it said."""
        # In order: a batch that waits for the ledger holds back those behind it, which only makes the answer more careful.
        while self._handed and (at := self._handed[0].in_ledger_ns) is not None and at <= known_ns:
            for one in self._handed.popleft().reservations:
                _add(self._doubtful, one.parts, -one.units)


def _add(sums: dict[Part, int], parts: Iterable[Part], units: int) -> None:
    for part in parts:
        total = sums.get(part, 0) + units
        if total:
            sums[part] = total
        else:
            sums.pop(part, None)
