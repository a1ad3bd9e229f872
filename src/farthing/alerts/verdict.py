"""The noun that every check ends in: what it found of one group at one moment. Pure."""

from decimal import Decimal
from typing import Literal

import msgspec

Unit = Literal["usd", "calls", "tokens", "ratio", "ms", "seconds"]

Pairs = tuple[tuple[str, str | None], ...]
"""Names of dimensions and their values; None: calls of which nobody said."""

Group = tuple[str, ...]
"""The values alone, in the order of a question's dimensions; "" where nobody said."""


class Driver(msgspec.Struct, frozen=True):
    """Something that moved: by how much, and which share of all that moved that is."""

    dimensions: Pairs
    change: Decimal
    share: Decimal | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of one group in one window of time."""

    group: Pairs = ()
    """Empty: the whole project."""
    firing: bool
    judged: bool = True
    """False: nothing can be said, because there are no data or they are unknown. An incident that is open stays so."""
    actual: Decimal | None = None
    expected: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    """The limit or the band it is judged against."""
    unit: Unit
    since_ns: int | None = None
    """When it began, if that can be told."""
    window: tuple[int, int]
    """From, to: Unix nanoseconds."""
    drivers: tuple[Driver, ...] = ()
    leaves_out: tuple[int, int] = (0, 0)
    """Calls that are in no figure here: without a price, and of which nobody told what they used."""
    why: str
    """One plain sentence."""
    critical: bool = False
    """Whether it is beyond the rule's critical limit."""
    level: int = 0
    """How many steps, such as thresholds of a budget, it has come over: people are told of each further one."""
    calm: bool = True
    """Where it doesn't fire: whether it is well within its limits, so that an incident may end."""
