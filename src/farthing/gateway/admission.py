"""A call that is about to be made in; leave to make it, to be settled by what it really cost, out."""

from typing import Protocol

import msgspec

from farthing.access.identity import Identity
from farthing.gateway.accounted import Outcome
from farthing.gateway.asked import Asked
from farthing.gateway.kinds import Kind
from farthing.gateway.records import Record
from farthing.model.call import GATEWAY
from farthing.routing.plan import Plan, Target, Wish


class Wanted(msgspec.Struct, frozen=True):
    """What is to be decided on."""

    identity: Identity
    kind: Kind
    asked: Asked
    wish: Wish
    plan: Plan
    facts: dict[str, str]
    """Who and what the call is for, by dimension, as budgets name them; without provider and model."""

    def counted_by(self, plan: Plan) -> list[dict[str, str]]:
        """What budgets go by: for each place the call may go to. All that its spans will say and that is known before, by the same rules."""
        facts = self.facts
        found: list[dict[str, str]] = []
        version = facts.get("prompt_version") or (f"{plan.variant}@{plan.version}" if plan.variant else "")
        environment = self.identity.environment or plan.environment or facts.get("environment", "")
        for target in plan.targets:
            model = target.model or self.asked.model
            found.append(
                {
                    **facts,
                    "environment": environment,
                    "config": plan.config,
                    "variant": plan.variant,
                    "prompt_version": version,
                    "operation": self.kind.operation,
                    "streaming": "true" if self.asked.streams else "false",
                    "dialect": GATEWAY,
                    "provider": target.account.provider,
                    "model": model,
                    "request_model": model,
                }
            )
        return found


class Ticket(Protocol):
    """Leave to make one call: `over`, `priced` and then `told`, or `release`. From any thread."""

    @property
    def plan(self) -> Plan:
        """The plan to go by: that which was asked for, or a cheaper one."""
        ...

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the client is to be told with the answer: warnings, what is left."""
        ...

    @property
    def reserved(self) -> int:
        """Units of 10^-24 dollars that are held for it."""
        ...

    @property
    def counted_by(self) -> list[dict[str, str]]:
        """What budgets count it by: for each place it may go to."""
        ...

    @property
    def is_cache_only(self) -> bool:
        """Whether it may be answered from the cache, and from nowhere else."""
        ...

    async def once_more(self) -> bool:
        """Whether another attempt may be made though an earlier one may be charged for as well."""
        ...

    def over(self, record: Record) -> None:
        """It has been made, or a part of it was."""
        ...

    def priced(self, outcome: Outcome | None) -> None:
        """It is about to be kept, and this is what the ledger will know of it; None where that has to be looked up."""
        ...

    def told(self) -> None:
        """Its record is kept."""
        ...

    def release(self) -> None:
        """It was not made."""
        ...


class Admission(Protocol):
    """Decides whether calls may be made."""

    async def admit(self, wanted: Wanted) -> Ticket:
        """Leave to make this call. Raises a `FarthingError` when it may not be made."""
        ...

    def may_ask(self, identity: Identity, name: str, target: Target) -> bool:
        """Whether this key's limits let it ask for a model by this name, which leads to `target`. From any thread."""
        ...
