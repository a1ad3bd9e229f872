"""What is to be done after a while in; done then, unless it was called off before, as it nearly always is, out.

One timer for all of it: to set one for each call, and to take it back, would cost more than what it is there for.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Pending:
    """One thing to be done."""

    __slots__ = ("at", "do")

    def __init__(self, at: float, do: Callable[[], None]) -> None:
        """When, in the loop's time."""
        self.at = at
        self.do: Callable[[], None] | None = do

    def cancel(self) -> None:
        """It need not be done any more."""
        self.do = None


class Later:
    """Does things after one and the same while, or up to half as long again. It belongs to the event loop."""

    def __init__(self, after_s: float) -> None:
        """Nothing is to be done."""
        self._after_s = after_s
        self._pending: deque[Pending] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        """To ask which one it is takes a system call."""

    def add(self, do: Callable[[], None]) -> Pending:
        """Do this, unless it is called off."""
        loop = self._loop
        if loop is None or loop.is_closed():
            loop = self._loop = asyncio.get_running_loop()
        one = Pending(loop.time() + self._after_s, do)
        self._pending.append(one)
        if self._timer is None:
            self._timer = loop.call_later(self._after_s, self._look)
        return one

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        pending, now = self._pending, loop.time()
        while pending and (pending[0].do is None or pending[0].at <= now):
            if (do := pending.popleft().do) is not None:
                do()
        self._timer = loop.call_later(self._after_s / 2, self._look) if pending else None
