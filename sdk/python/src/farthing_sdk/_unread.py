"""Events of a stream go in as they came; what they tell of a call comes out later, where nobody waits for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping

Chunk = Callable[["Mapping[str, Any]"], "tuple[dict[str, Any], bool, bool]"]
"""One event of a stream → the fields it tells, whether it says something, whether it is the last."""


class Unread:
    """Those of one stream. For one thread at a time."""

    __slots__ = ("_chunk", "_events")

    def __init__(self, chunk: Chunk) -> None:
        """None yet."""
        self._chunk = chunk
        self._events: list[bytes] = []

    def __len__(self) -> int:
        """Bytes."""
        return sum(map(len, self._events))

    def add(self, data: bytes) -> None:
        """One more."""
        self._events.append(data)

    def read(self, said: dict[str, Any]) -> None:
        """Fill in what they tell, each as if it had been read when it came."""
        events, self._events = self._events, []
        for data in events:
            event = parsed(data)
            if event is not None:
                said.update({name: value for name, value in self._chunk(event)[0].items() if value is not None})


def parsed(data: bytes) -> Mapping[str, Any] | None:
    """The JSON object in these bytes, if it is one."""
    try:
        found = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]
