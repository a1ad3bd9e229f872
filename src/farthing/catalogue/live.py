"""The meta store in; the prices that hold now, as one immutable snapshot that is swapped whole, out."""

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import date, datetime

from farthing import vitals
from farthing.errors import FarthingError
from farthing.model.call import Call
from farthing.model.ledger import Cost
from farthing.pricing import base
from farthing.pricing.catalog import Catalog
from farthing.pricing.overrides import Override, Scope
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.shapes import Shape
from farthing.store.meta import prices as rows
from farthing.store.meta.database import Database, Transaction

_read_override = Shape(Override).of_json

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 5.0
"""How soon a change made by another server holds here."""

STALE_DAYS = 60
"""Price data older than this is worth a warning."""

DAY_SECONDS = 86_400.0


class Live:
    """What every door and every thread prices with. Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """The prices as the meta store has them now. `clock` answers an aware datetime."""
        self._database = database
        self._clock = clock
        self._swapping = threading.Lock()
        self._stamp = ""
        self._current = Snapshot(Terms())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="prices", daemon=True)
        self.reload()

    @property
    def current(self) -> Snapshot:
        """The snapshot of this moment; take it once for whatever must be of one piece."""
        return self._current

    @property
    def catalog(self) -> Catalog:
        """Its catalogue."""
        return self._current.catalog

    def with_override(self, override: Override | None, replaces: str = "") -> Catalog:
        """The prices of this moment as if this override held too, if there is one, in place of the one with the other id."""
        snapshot = self._current
        if override is None:
            return snapshot.catalog
        others = [one for one in snapshot.terms.overrides if one.id != replaces]
        return snapshot.catalog.overridden((*others, override))

    def price(self, call: Call, scope: Scope) -> Cost:
        """What a call costs the one who pays for it, by the prices of this moment."""
        return self._current.price(call, scope)

    def reload(self) -> None:
        """Read the meta store; whatever is priced after this returns is priced by what stands there. Raises `StoreError`."""
        with self._swapping, self._database.read() as session:
            self._stamp = rows.stamp(session)
            snapshot = Snapshot(_terms(session))
            if snapshot.version != self._current.version:
                log.info("Prices are now %s", snapshot.version)
            self._current = snapshot

    def start(self) -> None:
        """Look for changes that other servers make, and at the age of the data."""
        self._tell_age(warn=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no longer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        looks = 0
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            with contextlib.suppress(FarthingError):  # a store that is out of order is told of by everything else
                with self._database.read() as session:
                    changed = rows.stamp(session) != self._stamp
                if changed:
                    self.reload()
            looks += 1
            self._tell_age(warn=looks % round(DAY_SECONDS / LOOK_EVERY_SECONDS) == 0)

    def age_days(self) -> int | None:
        """How old the data is at least; None when nobody knows."""
        today = self._clock().date()
        told = self._current.terms.read_on
        day = date.fromisoformat(told) if told else _of_package(today)
        return None if day is None else (today - day).days

    def _tell_age(self, *, warn: bool) -> None:
        days = self.age_days()
        if days is None:
            return
        vitals.PRICE_DATA_AGE.set(days * DAY_SECONDS)
        if warn and days > STALE_DAYS:
            log.warning(
                "The price data is %d days old and newer prices may be missing: run farthing prices update", days
            )


_found: dict[date, date | None] = {}


def _of_package(today: date) -> date | None:
    # Reading the whole data for its dates takes a tenth of a second: once a day is enough.
    if today not in _found:
        _found.clear()
        _found[today] = base.latest_date(today)
    return _found[today]


def _terms(session: Transaction) -> Terms:
    update = rows.live_update(session)
    found = tuple(override_of(stored.document) for stored in rows.overrides(session))
    if update is None:
        return Terms(found)
    return Terms(found, update.data, update.source, update.created_at.date().isoformat())


def override_of(document: str) -> Override:
    """An override as it is kept."""
    return _read_override(document)
