"""The stores, prices and a lease in; all that belongs to alert rules and incidents, made to work together, out."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from farthing.alerts.incidents import Incidents
from farthing.alerts.live import Alerts, More, Sources
from farthing.alerts.round import Round
from farthing.alerts.rules import Rules
from farthing.store.meta.database import Database
from farthing.store.meta.leases import Lease

DAY_S = 86_400


class Service(NamedTuple):
    """What the doors and the server need."""

    rules: Rules
    incidents: Incidents
    sources: Sources
    alerts: Alerts


def service(
    database: Database,
    sources: Sources,
    lease: Lease,
    clock: Callable[[], int],
    base_url: str,
    more: Sequence[More] = (),
) -> Service:
    """`clock` answers Unix nanoseconds; `base_url` is where people find the UI; `more` is judged in every round."""
    rules = Rules(database, clock)
    rounds = Round(database, base_url)
    alerts = Alerts(database, rules, sources, rounds, lease, clock, more)
    return Service(rules, Incidents(database, rules, rounds, clock), sources, alerts)


def known_at(age_days: Callable[[], int | None], clock: Callable[[], int]) -> int | None:
    """The Unix second at which price data of this age was brought together."""
    days = age_days()
    return None if days is None else clock() // 10**9 - days * DAY_S
