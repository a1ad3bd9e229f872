"""A project and a data mode in; the test or demo calls of it deleted for good, and that noted, out."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from farthing.errors import StoreError
from farthing.store.meta import audit
from farthing.store.meta.audit import Entry
from farthing.store.meta.database import Database
from farthing.store.telemetry import wiping
from farthing.store.telemetry.engine import Engine

SETTLED_S = 20.0
"""How long to wait until what was kept is settled: only then it is known which calls are meant."""


class Wiped(msgspec.Struct, frozen=True):
    """What was deleted; `key_id` is "" where all keys' calls were meant."""

    mode: str
    key_id: str
    calls: int


class Hygiene:
    """Deletes what was sent to try things out. Real calls can't be deleted here."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        wait_settled: Callable[[float], bool],
        clock: Callable[[], datetime],
    ) -> None:
        """`wait_settled` waits at most so many seconds and says whether all is settled."""
        self._database = database
        self._engine = engine
        self._wait_settled = wait_settled
        self._clock = clock

    def wipe(self, project_id: str, actor: str, mode: str, key_id: str = "") -> Wiped:
        """Delete a project's test or demo calls and their spans; with `key_id`, those sent with that key. Raises `StoreError`."""
        if not self._wait_settled(SETTLED_S):
            msg = "Calls are still being settled. Send the same again in a moment."
            raise StoreError(msg)
        wiped = Wiped(mode, key_id, wiping.wipe(self._engine, project_id, mode, key_id))
        with self._database.write() as session:
            subject = f"{mode}-data:{key_id or project_id}"
            after = msgspec.json.encode(wiped).decode()
            audit.record(session, Entry(self._clock(), actor, "wiped", subject, project_id, None, after))
        return wiped
