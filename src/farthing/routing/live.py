"""What operators configured for the gateway in; the plan of each call, from memory, out."""

from collections.abc import Mapping

from farthing.routing import default_accounts
from farthing.routing.finding import Maker, find
from farthing.routing.plan import Account, Plan, Target, Wish


class Routing:
    """Where calls go. Every method may be called from any thread."""

    def __init__(self, environment: Mapping[str, str], maker: Maker = lambda _: "") -> None:
        """`environment` holds the variables that `default_accounts` names; `maker` knows whose model a name is."""
        self._defaults = default_accounts.accounts(environment)
        self._maker = maker

    def plan(self, wish: Wish) -> Plan:
        """Where a call goes, and under which rules. Raises `BadRequestError`, `NotFoundError`."""
        found = find(wish, (*self._defaults, *(_BROUGHT if wish.brings_key else ())), self._maker)
        return Plan((Target(found.account, found.model),), environment=wish.environment)


_BROUGHT = tuple(Account(f"own:{name}", name, name) for name in default_accounts.PROVIDERS)
"""For a client with a key of its own, every provider is there."""
