"""The stores, the vault and what an operator allows in; channels to be configured, and all that is sent through them, out."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from farthing.alerts.addresses import Addresses
from farthing.alerts.channels.book import Channels
from farthing.alerts.outbox import NS, Outbox
from farthing.errors import StartError
from farthing.query import moments
from farthing.query.errors import ParameterError
from farthing.routing.vault import Vault
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease

LEASE = "alert-delivery"


class Delivering(msgspec.Struct, frozen=True):
    """Its parts, from `start` to `stop`."""

    channels: Channels
    outbox: Outbox

    def start(self) -> None:
        """Send what is stored and what comes; secrets that are encrypted with an older key are encrypted anew."""
        self.channels.seal_anew()
        self.outbox.start()

    def stop(self) -> None:
        """End."""
        self.outbox.stop()


def delivering(database: Database, vault: Vault, server: str, allowed: str, clock: Callable[[], int]) -> Delivering:
    """`server` is the name of this one among several; `clock` answers Unix nanoseconds. Raises `StartError`."""
    try:
        addresses = Addresses(allowed)
    except ParameterError as error:
        raise StartError(str(error)) from error
    channels = Channels(database, vault, addresses, lambda: moments.EPOCH + timedelta(seconds=clock() / NS))
    return Delivering(channels, Outbox(database, channels, addresses, Lease(database, LEASE, server), clock))
