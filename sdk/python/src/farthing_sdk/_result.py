"""The server's answer for one record goes in; what became of the record comes out, under names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Result(NamedTuple):
    """What became of one record."""

    external_request_id: str
    """Empty if it was dropped before anybody had given it one, or asked for it."""
    status: str
    """`accepted`; `duplicate`: it was known already and counts once; `rejected`: the server refused it; `dropped`: it was
    given up unsent."""
    answer: Mapping[str, Any] = {}
    """What the server said of it, as it said it; empty if it was never asked."""
    error: str | None = None
    """Why it was rejected or dropped."""

    @property
    def cost_usd(self) -> str | None:
        """Its cost as an exact decimal; None: not known."""
        cost = self.answer.get("costUsd")
        return None if cost is None else str(cost)

    @property
    def cost_status(self) -> str | None:
        """What that figure is worth: `computed`, `estimated`, `unpriced`, `unknown`; None: not told."""
        return self.answer.get("costStatus")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server remarked."""
        return tuple(str(warning) for warning in self.answer.get("warnings") or ())

    @property
    def budget_exceeded(self) -> bool:
        """A budget that this call falls under is spent."""
        return bool(self.answer.get("budgetExceeded"))

    @property
    def budget_warning(self) -> bool:
        """A budget that this call falls under is nearly spent."""
        return bool(self.answer.get("budgetWarning"))


class Stats(NamedTuple):
    """What a client has done since the process began to use it."""

    accepted: int
    duplicates: int
    rejected: int
    dropped: int
    retries: int
    queued: int
    """Records in memory that wait or are on their way."""
    paused: bool
    """The server has asked for a rest that isn't over."""
