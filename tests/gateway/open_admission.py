"""An admission that lets everything through, for tests of what comes after it."""

from typing import NoReturn

import msgspec

from farthing.access.identity import Identity
from farthing.gateway.accounted import Outcome
from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.late_usage import LateUsage
from farthing.gateway.records import Record
from farthing.routing.plan import Plan, Target


def nothing_late() -> LateUsage:
    """Nobody here looks at responses that were made before."""

    def never(*_: object) -> NoReturn:
        raise AssertionError

    return LateUsage(never, never)


class _Free(msgspec.Struct, frozen=True):
    plan: Plan
    headers: list[tuple[bytes, bytes]] = []
    reserved: int = 0
    counted_by: list[dict[str, str]] = []
    is_cache_only: bool = False

    async def once_more(self) -> bool:
        """As often as anybody likes."""
        return True

    def over(self, record: Record) -> None:
        """Nothing was held."""

    def priced(self, outcome: Outcome | None) -> None:
        """Nothing was held."""

    def told(self) -> None:
        """Nothing was held."""

    def release(self) -> None:
        """Nothing was held."""


class Open:
    """Lets everything through."""

    async def admit(self, wanted: Wanted) -> Ticket:
        """Go by the plan."""
        return _Free(wanted.plan)

    def may_ask(self, identity: Identity, name: str, target: Target) -> bool:  # noqa: ARG002  all of them
        """Anybody for anything."""
        return True
