"""Records of many threads go in; they come out oldest first, and what there is no room for is dropped and counted."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farthing_sdk._record import Record

BARE: Final = 1200
"""Bytes that a record takes in memory before its texts are counted, measured with tracemalloc."""


class Queue:
    """A bounded queue. Whoever uses it holds the lock of whoever owns it."""

    def __init__(self, most_records: int, most_bytes: int) -> None:
        """An empty queue."""
        self._most_records = most_records
        self._most_bytes = most_bytes
        self.waiting: Final[collections.deque[tuple[Record, int]]] = collections.deque()
        self._bytes = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self.waiting)

    def put(self, record: Record) -> Sequence[Record]:
        """Append the record; the oldest that had to go for it, or the record itself if it alone is too large."""
        size = BARE
        said: dict[str, Any] = record.__dict__
        for value in said.values():
            if type(value) is str:
                size += len(value)
        if "unread" in said or "metadata" in said:
            size += _beside_texts(record)
        if size > self._most_bytes:
            return (record,)
        self.waiting.append((record, size))
        self._bytes += size
        if self._bytes <= self._most_bytes and len(self.waiting) <= self._most_records:
            return ()
        gone: list[Record] = []
        while self._bytes > self._most_bytes or len(self.waiting) > self._most_records:
            gone += self.take(1)
        return gone

    def take(self, most: int) -> list[Record]:
        """The oldest ones, at most so many."""
        taken: list[Record] = []
        while self.waiting and len(taken) < most:
            record, size = self.waiting.popleft()
            self._bytes -= size
            taken.append(record)
        return taken


def _beside_texts(record: Record) -> int:
    size = 0
    if record.unread is not None:
        size += len(record.unread)
    if record.metadata:
        for key, value in record.metadata.items():
            size += 150 + len(str(key)) + (len(value) if isinstance(value, str) else 0)
    return size
