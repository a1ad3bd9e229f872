"""How many days content is kept in; what is older dropped, day by day, out: at the start and every hour."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from farthing.errors import FarthingError
from farthing.store.telemetry import contents, fragment_rows

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3600.0


class Retention:
    """The thread that drops, from its making until `stop`. Several servers may do the same at once."""

    def __init__(self, engine: "Engine", days: int, clock: Callable[[], datetime]) -> None:
        """Begins at once."""
        self._engine = engine
        self._days = days
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and end."""
        self._stopping.set()
        self._thread.join()

    def drop(self) -> int:
        """Drop what is over age now; how many days' content that was. Raises `StoreError`."""
        first = self._clock().date() - timedelta(days=self._days)
        fragment_rows.forget_content_before(self._engine, first)
        return contents.drop_before(self._engine, first)

    def _run(self) -> None:
        while True:
            try:
                if dropped := self.drop():
                    log.info("Content of %d days was dropped: it is kept for %d days", dropped, self._days)
            except FarthingError as error:
                log.warning("Content that is over age could not be dropped, an hour from now again: %s", error)
            if self._stopping.wait(LOOK_EVERY_S):
                return
