"""An incident that people hear no more of in; services that keep an alert of it open, as PagerDuty does, told that it is over, out.

Whoever snoozes or expects an incident, or deletes its rule, wants to be left in peace. An alert that is open elsewhere leaves nobody in peace until
somebody closes it there, so those services, and only those, hear of it all the same: each that was told of the incident, once.
"""

from collections.abc import Collection
from typing import Protocol

from farthing.alerts import telling
from farthing.alerts.channels import kinds
from farthing.alerts.incident import Incident, What
from farthing.alerts.notice import Notice
from farthing.store.meta import deliveries
from farthing.store.meta.database import Transaction

HOLDING = frozenset(kind.name for kind in kinds.KINDS.values() if kind.holds_open)


class Teller(Protocol):
    """Whoever keeps a notice until it is sent; in the transaction that keeps what it is about."""

    def __call__(
        self, session: Transaction, notice: Notice, channel_ids: Collection[str], not_before_ns: int
    ) -> object:
        """Keep it."""
        ...


def let_go(session: Transaction, incident: Incident, now_ns: int, tell: Teller = deliveries.add) -> None:
    """Have it closed where it is still open, if it is over or was to be expected; in the transaction that keeps it as such."""
    if incident.is_open and incident.expected_ns is None:
        return
    last = deliveries.last_told(session, incident.id, HOLDING)
    holders = [channel_id for channel_id, what in last.items() if what != What.RECOVERED]
    if holders:
        tell(session, telling.notice(incident, What.RECOVERED, "", "", now_ns), holders, now_ns)
