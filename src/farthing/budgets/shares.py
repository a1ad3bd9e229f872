"""What one server takes of a project's budgets in; what the other servers have to be told of it out. Pure arithmetic, exact.

Amounts that are told again and again, whole, are a server's *share*: whatever was told last holds. What happens once is *news*: calls of these
half hours changed, the ledger counts this much that was in the share before, this much stays reserved though its call is over.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from farthing.budgets.holdings import Part, Reservation


class Amount(msgspec.Struct, frozen=True, array_like=True):
    """So many units of 10^-24 dollars of a budget; as text, for they may be more than 64 bits."""

    budget_id: str
    since: int
    units: str


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What stays reserved of one budget for a call that began at `at` and whose cost nobody will know."""

    id: str
    budget_id: str
    since: int
    at: int
    units: str


class News(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every other server hears of a project once, in the order in which it happened."""

    half_hours: tuple[int, ...] = ()
    """Their first Unix seconds. Whoever asks the ledger from now on finds what changed in them."""
    landed: tuple[Amount, ...] = ()
    """The ledger counts this much, which was in a share until now."""
    kept: tuple[Kept, ...] = ()


class Taken(NamedTuple):
    """The whole share of one budget, and the Unix second at which the last of its calls began."""

    units: int
    at: int


class Telling(NamedTuple):
    """What is told at once."""

    shares: dict[Part, Taken]
    news: News


class Share:
    """Of one project. Not thread-safe."""

    def __init__(self) -> None:
        """Nothing is taken, nothing to be told."""
        self._taken: dict[Part, Taken] = {}
        self._changed: set[Part] = set()
        self._half_hours: set[int] = set()
        self._landed: dict[Part, int] = {}
        self._kept: list[Kept] = []

    @property
    def is_told(self) -> bool:
        """Whether the others know all of it."""
        return not (self._changed or self._half_hours or self._kept)

    def take(self, reservation: Reservation, units: int) -> None:
        """This much more, or less, of all it takes of."""
        for part in reservation.parts:
            before = self._taken.get(part, Taken(0, 0))
            self._taken[part] = Taken(before.units + units, max(before.at, reservation.at))
            self._changed.add(part)

    def land(self, reservation: Reservation) -> None:
        """The ledger counts its call."""
        self.take(reservation, -reservation.units)
        for part in reservation.parts:
            self._landed[part] = self._landed.get(part, 0) + reservation.units
        self.touch([reservation.at - reservation.at % 1_800])

    def keep(self, kept: Kept) -> None:
        """It stays reserved, and is no more in the share."""
        self._kept.append(kept)

    def touch(self, half_hours: Iterable[int]) -> None:
        """Calls in these have changed."""
        self._half_hours.update(half_hours)

    def tell(self) -> Telling:
        """What the others don't know yet; from now on they do."""
        landed = tuple(Amount(*part, str(units)) for part, units in self._landed.items() if units)
        telling = Telling(
            {part: self._taken[part] for part in self._changed},
            News(tuple(sorted(self._half_hours)), landed, tuple(self._kept)),
        )
        for part in self._changed:
            if not self._taken[part].units:
                del self._taken[part]
        self._changed, self._half_hours, self._landed, self._kept = set(), set(), {}, []
        return telling

    def told_in_vain(self, telling: Telling) -> None:
        """Nobody may have heard it: it is told again."""
        for part in telling.shares:
            self._taken.setdefault(part, Taken(0, 0))
            self._changed.add(part)
        for one in telling.news.landed:
            part = Part(one.budget_id, one.since)
            self._landed[part] = self._landed.get(part, 0) + int(one.units)
        self._half_hours.update(telling.news.half_hours)
        self._kept[:0] = telling.news.kept
