"""Records go in and are forgotten by who tells them; the current client sends them from behind."""

from __future__ import annotations

import collections

from farthing_sdk._context import attribute
from farthing_sdk._record import Record


class Client:
    """Takes records and sends them from a thread of its own."""

    def __init__(self) -> None:
        """Nothing is sent before the first record."""
        self._queue: collections.deque[Record] = collections.deque(maxlen=10_000)

    def submit(self, record: Record) -> None:
        """Take the record. Never raises, never waits."""
        attribute(record)
        self._queue.append(record)


_current: Client | None = None


def current() -> Client | None:
    """The client that `init` or the environment has set up; None: nobody has, so there is nothing to tell."""
    return _current
