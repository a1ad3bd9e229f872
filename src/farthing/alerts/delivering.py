"""The stores, the vault and what an operator allows in; channels to be configured, and all that is sent through them, out."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.book import Channels
from farthing.alerts.digesting import Digesting, Ledger
from farthing.alerts.outbox import NS, Outbox
from farthing.errors import StartError
from farthing.query import moments
from farthing.query.errors import ParameterError
from farthing.routing.vault import Vault
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease

LEASE = "alert-delivery"


class Place(msgspec.Struct, frozen=True):
    """What is particular to one server."""

    server: str
    """Its name among several."""
    base_url: str
    """Where people find the UI."""
    allowed: str = ""
    """Hosts and networks within our own walls that may be sent to."""


class Delivering(msgspec.Struct, frozen=True):
    """Its parts, from `start` to `stop`."""

    channels: Channels
    outbox: Outbox
    digests: Digesting

    def start(self) -> None:
        """Send what is stored and what comes; secrets that are encrypted with an older key are encrypted anew."""
        self.channels.seal_anew()
        self.outbox.start()
        self.digests.start()

    def stop(self) -> None:
        """End."""
        self.digests.stop()
        self.outbox.stop()


def delivering(database: Database, vault: Vault, ledger: Ledger, place: Place, clock: Callable[[], int]) -> Delivering:
    """`clock` answers Unix nanoseconds. Raises `StartError`."""
    try:
        addresses = Addresses(place.allowed)
    except ParameterError as error:
        raise StartError(str(error)) from error
    channels = Channels(database, vault, addresses, lambda: moments.EPOCH + timedelta(seconds=clock() / NS))
    lease = Lease(database, LEASE, place.server)
    outbox = Outbox(database, channels, addresses, lease, clock, ledger.pictures(database).of)
    return Delivering(channels, outbox, Digesting(channels, database, ledger, place.base_url, clock))
