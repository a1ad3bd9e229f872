"""Digests of credentials in, what was last found out about them out: bounded, short-lived, forgotten on change."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

import msgspec

from farthing.access.identity import Identity

SIZE = 10_000
"""Of each half; some 10 MB when both are full."""

LIFETIME = timedelta(seconds=10)
"""How long a key that was revoked by another server may still be good here."""

Token = tuple[str | None, bytes]
"""A credential without its secret: the public key, if any, and the secret's digest."""


class Verified(msgspec.Struct, frozen=True):
    """The key is known. Its end is looked at again on every request."""

    identity: Identity
    expires_at: datetime | None


class Refused(msgspec.Struct, frozen=True):
    """The key is no good, for this reason."""

    reason: str


Finding = Verified | Refused


class FindingCache:
    """What is known about credentials. Good and bad ones are held apart, so guessing can't push out the good."""

    def __init__(self, size: int = SIZE, lifetime: timedelta = LIFETIME) -> None:
        """An empty cache."""
        self._size = size
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._good: OrderedDict[Token, tuple[datetime, Finding]] = OrderedDict()
        self._bad: OrderedDict[Token, tuple[datetime, Finding]] = OrderedDict()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Goes up whenever something is forgotten: hand the one from before the question to `put`."""
        return self._generation

    def get(self, token: Token, now: datetime) -> Finding | None:
        """What is known and still fresh."""
        with self._lock:
            for half in (self._good, self._bad):
                entry = half.get(token)
                if entry is None:
                    continue
                # Both ways: a clock that was set back must not keep an entry alive.
                if abs(now - entry[0]) < self._lifetime:
                    half.move_to_end(token)
                    return entry[1]
                del half[token]
        return None

    def put(self, token: Token, finding: Finding, now: datetime, generation: int) -> None:
        """Keep a finding, unless something was forgotten since `generation`: then it may be out of date already."""
        half = self._good if isinstance(finding, Verified) else self._bad
        with self._lock:
            if generation != self._generation:
                return
            half[token] = (now, finding)
            half.move_to_end(token)
            while len(half) > self._size:
                half.popitem(last=False)

    def forget(self) -> None:
        """Forget everything: a key was made, rotated or revoked, which is rare."""
        with self._lock:
            self._generation += 1
            self._good.clear()
            self._bad.clear()

    def __len__(self) -> int:
        """How many findings are held."""
        return len(self._good) + len(self._bad)
