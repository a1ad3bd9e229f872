"""A name of something to be done in; whether it is this server that does it, out: of several servers on one database, one at a time.

Whoever has a lease says so again every `BEAT_S`. Others take it over when they have seen nothing new for `SILENT_S` by their
own clocks, so it doesn't matter whether the clocks of the machines agree. The one it was taken from stops by itself: it
doesn't believe to have a lease for longer than that after it last said so.
"""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable

import msgspec

from farthing.errors import StoreError
from farthing.shapes import Shape
from farthing.store.meta import facts
from farthing.store.meta.database import Database

BEAT_S = 5.0
SILENT_S = 20.0

_MARGIN_S = 2.0
"""So much sooner than others may take a lease over its holder gives it up."""


class _Hold(msgspec.Struct, frozen=True):
    """What stands in the database: which server, which of its starts, and a number that rises with every beat."""

    server: str
    start: str
    beat: int


_read_hold = Shape(_Hold).of_json


class Lease:
    """One server's view of who does one thing. Every method may be called from any thread."""

    def __init__(self, database: Database, name: str, server: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`server` is the same after a restart, so that it need not wait for itself; `clock` counts seconds."""
        self._database = database
        self._key = f"lease/{name}"
        self._server = server
        self._start = secrets.token_hex(8)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: str | None = None
        self._seen_at = float("-inf")
        self._tried = False
        self._said_at = float("-inf")
        self._mine: str | None = None
        self._beat = 0
        self._released = threading.Event()

    def acquire(self) -> bool:
        """Have it, if nobody else does or its holder has fallen silent; whether it is ours now. Raises `StoreError`."""
        if self.is_held():
            return True
        with self._lock:
            mine, self._mine = self._mine, None
            with self._database.read() as session:
                seen = facts.get(session, self._key)
            now = self._clock()
            is_free = seen in (None, mine) or self._is_free(seen or "", now)
            return is_free and self._say(seen, now)

    def hold(self) -> bool:
        """`acquire`, and keep it until `release` by a thread of its own. Raises `StoreError`."""
        is_new = not self.is_held()
        if not self.acquire():
            return False
        if is_new:
            self._released.set()
            self._released = released = threading.Event()
            threading.Thread(target=self._keep_until, args=(released,), name="lease", daemon=True).start()
        return True

    def is_held(self) -> bool:
        """Whether it is ours for a while yet; asked again and again while the thing is being done."""
        return self._mine is not None and self._clock() < self._said_at + SILENT_S - _MARGIN_S

    def keep(self) -> None:
        """Say that we are still at it. `hold` has it done. Raises `StoreError`."""
        with self._lock:
            if self._mine is not None and not self._say(self._mine, self._clock()):
                self._mine = None

    def release(self) -> None:
        """Let somebody else have it, at once."""
        self._released.set()
        with self._lock:
            mine, self._mine = self._mine, None
            if mine is not None:
                # If the database is away, silence says the same a little later.
                with contextlib.suppress(StoreError), self._database.write() as session:
                    facts.swap(session, self._key, mine, None)

    def _is_free(self, seen: str, now: float) -> bool:
        is_first, self._tried = not self._tried, True
        if is_first and _read(seen).server == self._server:
            return True
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        return now >= self._seen_at + SILENT_S

    def _say(self, instead_of: str | None, now: float) -> bool:
        self._tried = True
        self._beat += 1
        hold = msgspec.json.encode(_Hold(self._server, self._start, self._beat)).decode()
        with self._database.write() as session:
            is_ours = facts.swap(session, self._key, instead_of, hold)
        if is_ours:
            self._mine, self._said_at = hold, now
        return is_ours

    def _keep_until(self, released: threading.Event) -> None:
        while not released.wait(BEAT_S) and self._mine is not None:
            with contextlib.suppress(StoreError):
                self.keep()


def _read(text: str) -> _Hold:
    try:
        return _read_hold(text)
    except msgspec.DecodeError:
        return _Hold("", "", 0)
