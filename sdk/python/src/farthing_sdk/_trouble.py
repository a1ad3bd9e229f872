"""What goes wrong within the package comes in; one line of log per kind goes out, and an exception only where a test asks."""

from __future__ import annotations

import threading
from typing import Final


class FarthingError(Exception):
    """Whatever this package raises by itself."""


class DeliveryError(FarthingError):
    """Records could not be delivered. Raised by `flush`, with `raise_errors` only."""


class BudgetExceeded(FarthingError):  # noqa: N818 - it is what happened, and no fault of anybody's
    """A budget is spent, so the call was not made. Raised by a guard, before the call."""


class _Told:
    """Which kinds of trouble were told already, and whether they are to be raised."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.raising = False
        self.lock = threading.Lock()


_told: Final = _Told()


def raise_errors(raising: bool) -> None:
    """From now on trouble is raised where it happens (True), or told once and survived (False)."""
    _told.raising = raising


def raising() -> bool:
    """Trouble is to be raised."""
    return _told.raising


def swallow(error: Exception, kind: str) -> None:
    """The application goes on; whoever reads the log is told once. Raises `error` under the test flag."""
    if _told.raising:
        raise error
    tell(kind, "%s: %s. It is told once.", type(error).__name__, error)


def tell(kind: str, message: str, *values: object) -> None:
    """One line of warning, the first time of this kind."""
    with _told.lock:
        if kind in _told.kinds:
            return
        _told.kinds.add(kind)
    warn(message, *values)


def forget(kind: str) -> None:
    """It is over: should it happen again, it is news."""
    _told.kinds.discard(kind)


def warn(message: str, *values: object) -> None:
    """One line of warning, each time."""
    # Loading it takes longer than all of this package, and an application that never has trouble may never need it.
    import logging  # noqa: PLC0415

    logging.getLogger("farthing_sdk").warning(message, *values)


def after_fork() -> None:
    """A lock that another thread held while the process forked is nobody's in the child."""
    _told.lock = threading.Lock()


def forget_all() -> None:
    """Nothing was told yet."""
    _told.kinds.clear()
