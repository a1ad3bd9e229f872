"""What the server says of budgets goes in; whether a call may still be made comes out, before it is made."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from farthing_sdk._trouble import BudgetExceeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farthing_sdk._record import Record

_SCOPE: Final = ("endpointTag", "userId", "team", "tenantId", "environment", "model")
_MOST_SCOPES: Final = 1000
_ASKED_WITHIN: Final = 300.0
"""So long after the last question the server is still asked for news."""


class _Spent(NamedTuple):
    at: float
    why: str


class Budgets:
    """The latest known state: of the project, and of whom its calls were for."""

    def __init__(self, max_age: float) -> None:
        """Nothing is known, so nothing is forbidden."""
        self._max_age = max_age
        self._lock = threading.Lock()
        self._project: _Spent | None = None
        self._scopes: dict[tuple[object, ...], _Spent] = {}
        self._asked_at = float("-inf")

    def check(self, record: Record, user_id: str | None, environment: str | None, team: str | None) -> None:
        """Raise BudgetExceeded if a budget that this call would fall under is known to be spent."""
        now = time.monotonic()
        self._asked_at = now
        scope = (record.feature, user_id, team, record.tenant, environment, record.model or "unknown")
        for spent in (self._project, self._scopes.get(scope)):
            if spent is not None and now - spent.at <= self._max_age:
                raise BudgetExceeded(f"{spent.why} The call was not made.")

    def learn(self, body: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """From the answer for one call, which tells of the budgets that call falls under."""
        if "budgetExceeded" not in answer:
            return
        scope = tuple(body.get(name) for name in _SCOPE)
        with self._lock:
            self._scopes.pop(scope, None)
            if answer["budgetExceeded"]:
                if len(self._scopes) >= _MOST_SCOPES:
                    del self._scopes[next(iter(self._scopes))]
                self._scopes[scope] = _Spent(time.monotonic(), _words(answer))

    def learn_status(self, status: Mapping[str, Any]) -> None:
        """From what the server says of the whole project."""
        self._project = _Spent(time.monotonic(), _of_project(status)) if status.get("isBudgetExceeded") else None

    def ask_again_in(self) -> float | None:
        """Seconds until the project's state should be asked for; None: nobody wants to know."""
        if time.monotonic() - self._asked_at > _ASKED_WITHIN:
            return None
        return max(self._max_age / 2, 1.0)

    def after_fork(self) -> None:
        """A lock that another thread held while the process forked is nobody's in the child."""
        self._lock = threading.Lock()


def _words(answer: Mapping[str, Any]) -> str:
    for warning in answer.get("warnings") or ():
        if "budget" in str(warning).lower():
            return f"{str(warning).rstrip('.')}."
    return "A budget that this call falls under is spent."


def _of_project(status: Mapping[str, Any]) -> str:
    budget: dict[str, dict[str, Any]] = status.get("budget") or {}
    for period in ("daily", "monthly"):
        one: dict[str, Any] = budget.get(period) or {}
        if one.get("isExceeded"):
            return f"The {period} budget of {one.get('limitUsd')} US dollars is spent ({one.get('currentSpendUsd')})."
    return "The project's budget is spent."
