"""What may wait for the end of the event loop's turn in; done then, one after the other, out: sockets are written to that way.

A write wakes whoever listens. Where a turn answers several, to write each answer when it is made lets those who are woken take the
processor from the turn again and again; written together they are woken once, and find all that is for them.
"""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakKeyDictionary

log = logging.getLogger(__name__)

MOST = 32
"""So many don't wait: nobody's answer should wait for more than a few others'."""


class TurnEnd:
    """Of one event loop, and to be used within it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing waits."""
        self._loop = loop
        self._waiting: list[Callable[[], None]] = []

    def add(self, do: Callable[[], None]) -> None:
        """Do this when the turn ends, or when many more came: not before this returns. What it raises is logged."""
        if len(self._waiting) == MOST:
            self._come()
        if not self._waiting:
            self._loop.call_soon(self._come)
        self._waiting.append(do)

    def _come(self) -> None:
        waiting, self._waiting = self._waiting, []
        for do in waiting:
            try:
                do()
            except Exception:
                # The others are somebody else's.
                log.exception("What waited for the end of a turn failed")


_ends: "WeakKeyDictionary[asyncio.AbstractEventLoop, TurnEnd]" = WeakKeyDictionary()


def end_of(loop: asyncio.AbstractEventLoop) -> TurnEnd:
    """The one that all share who write within this loop."""
    found = _ends.get(loop)
    if found is None:
        found = _ends[loop] = TurnEnd(loop)
    return found
