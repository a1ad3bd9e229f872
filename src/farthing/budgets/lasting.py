"""Reservations of calls whose cost nobody knows, and mostly never will, in; those that still count, in memory and written down, out."""

import contextlib
import logging
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from farthing.budgets.holdings import Part, Reservation
from farthing.errors import FarthingError
from farthing.store.meta import budget_holds as rows
from farthing.store.meta.budget_holds import Hold
from farthing.store.meta.database import Database

log = logging.getLogger(__name__)


class Lasting:
    """Those of all projects, by the id they are written down under. Not thread-safe; what is written, is so on a thread."""

    def __init__(self, database: Database) -> None:
        """None yet."""
        self._database = database
        self._kept: dict[str, dict[str, Reservation]] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="reservations")

    @property
    def has_any(self) -> bool:
        """Whether there ever was one."""
        return bool(self._kept)

    def close(self) -> None:
        """Finish writing."""
        self._threads.shutdown()

    def begin(self, before: int) -> list[Hold]:
        """Those written down, but for calendar periods of a Unix second before this. Raises `StoreError`."""
        with self._database.write() as session:
            rows.remove_before(session, before)
            return rows.listing(session)

    def listing(self) -> list[Hold]:
        """Those written down. Raises `StoreError`."""
        with self._database.read() as session:
            return rows.listing(session)

    def add(self, hold: Hold) -> Reservation | None:
        """It stays reserved; None: that was known."""
        kept = self._kept.setdefault(hold.project_id, {})
        if hold.id in kept:
            return None
        part = Part(hold.budget_id, hold.since)
        kept[hold.id] = Reservation(hold.project_id, hold.at, (part,), hold.units, is_open=False)
        return kept[hold.id]

    def write(self, hold: Hold) -> None:
        """It is to be known after a restart."""
        self._threads.submit(self._insert, hold)

    def taken(self, project_id: str) -> dict[Part, int]:
        """What they take of each budget's period."""
        found: dict[Part, int] = {}
        for reservation in self._kept.get(project_id, {}).values():
            for part in reservation.parts:
                found[part] = found.get(part, 0) + reservation.units
        return found

    def expired(self, project_id: str, moved: Mapping[str, int]) -> list[Reservation]:
        """Let go of those of sliding periods, by budget, that begin later than their calls by now."""
        kept = self._kept.get(project_id)
        if not kept:
            return []
        gone = [
            identity
            for identity, one in kept.items()
            if any(one.at < moved.get(part.budget_id, 0) for part in one.parts)
        ]
        return self.let_go(project_id, gone)

    def of_calls(self, project_id: str, calls: Collection[str]) -> list[str]:
        """The ids of those of these calls."""
        kept = self._kept.get(project_id, {})
        return [identity for identity in kept if (call := rows.call_of(identity)) and call in calls]

    def let_go(self, project_id: str, identities: Collection[str]) -> list[Reservation]:
        """These are needed no more."""
        kept = self._kept.get(project_id, {})
        for identity in identities:
            self._threads.submit(self._remove, identity)
        return [kept.pop(identity) for identity in identities]

    def _remove(self, identity: str) -> None:
        # Should it fail, the next start finds it again, and so does the next look after that.
        with contextlib.suppress(FarthingError), self._database.write() as session:
            rows.remove(session, [identity])

    def _insert(self, hold: Hold) -> None:
        try:
            with self._database.write() as session:
                rows.insert(session, hold)
        except FarthingError as error:
            log.warning("A reservation of %s could not be written down: %s", hold.budget_id, error)


def holds(reservation: Reservation) -> Iterator[Hold]:
    """What is to be written down of it: a hold for each budget."""
    for budget_id, since in reservation.parts:
        name = rows.new_id(reservation.call, budget_id)
        yield Hold(name, reservation.project_id, budget_id, since, reservation.at, reservation.units)
