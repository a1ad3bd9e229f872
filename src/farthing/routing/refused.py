"""Model calls that were refused before anybody was asked in; the latest of them, and how many for which reason, out. From memory.

They are no calls: nothing was used, nothing cost anything, and no total knows of them.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

MOST_KEPT = 200
"""Of a project."""

LONGEST = 500
"""Characters of what is told of one."""


class Refused(NamedTuple):
    """One of them."""

    time: datetime
    request_id: str
    """The UUID that the client was told."""
    key_id: str
    environment: str
    """Of the key; "" when it has none."""
    operation: str
    """`chat`, `embeddings` …; "" where it is no call of a model."""
    model: str
    """As it was asked for; "" where nobody came to read it."""
    code: str
    status: int
    message: str
    """What the client was told."""


class Refusals:
    """Those of this server since it started. Every method may be called from any thread."""

    def __init__(self, since: datetime) -> None:
        """None yet, at that time."""
        self._lock = threading.Lock()
        self._latest: dict[str, deque[Refused]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self.since = since

    def add(self, project_id: str, one: Refused) -> None:
        """One more."""
        with self._lock:
            self._latest.setdefault(project_id, deque(maxlen=MOST_KEPT)).append(one)
            self._counts.setdefault(project_id, Counter())[one.code] += 1

    def latest(self, project_id: str, limit: int) -> Sequence[Refused]:
        """The latest first."""
        with self._lock:
            return list(self._latest.get(project_id, ()))[: -limit - 1 : -1]

    def counts(self, project_id: str) -> Mapping[str, int]:
        """How many by code, the most first."""
        with self._lock:
            return dict(self._counts.get(project_id, Counter()).most_common())
