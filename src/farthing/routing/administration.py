"""The meta store and the vault in; all that operators can change about the gateway out."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from farthing.catalogue.overrides import Actor
from farthing.routing.accounts import Accounts
from farthing.routing.configs import Configs
from farthing.routing.live import Routing
from farthing.routing.records import Records
from farthing.routing.rollouts import Environments, Limits, Rollouts
from farthing.routing.vault import Vault
from farthing.store.meta.database import Database

_SERVER = Actor("", "server", is_of_organisation=True)


class Administration(msgspec.Struct, frozen=True):
    """What operators can change; it holds for the next call as soon as a method that changes something returns."""

    records: Records
    accounts: Accounts
    configs: Configs
    environments: Environments
    rollouts: Rollouts
    limits: Limits


def administration(database: Database, vault: Vault, routing: Routing, clock: Callable[[], datetime]) -> Administration:
    """All of it; secrets that are encrypted with an older key are encrypted anew. `clock` answers an aware moment."""
    records = Records(database, clock, routing.reload)
    accounts = Accounts(records, vault)
    accounts.seal_anew(_SERVER)
    return Administration(
        records, accounts, Configs(records), Environments(records), Rollouts(records), Limits(records)
    )
