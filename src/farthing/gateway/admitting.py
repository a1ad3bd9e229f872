"""A call that is about to be made in; leave to make it, or the rule that forbids it, out. The one admission of every route.

In this order: may the key ask for such a model, is it too fast or too busy, and does the most the call can cost fit into
every budget that blocks. What becomes of what was reserved: `settlement.py`.
"""

import fnmatch
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from farthing.access.identity import Identity
from farthing.budgets.budget import Enforcement
from farthing.budgets.fitting import Refusal
from farthing.budgets.holdings import Reservation
from farthing.budgets.reservations import Reservations
from farthing.budgets.state import BudgetState
from farthing.errors import ForbiddenError, SpentError
from farthing.gateway import prompting, worst
from farthing.gateway.accounted import Outcome
from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.dearest import Asked, Dearest
from farthing.gateway.pacing import NO_LIMITS, Pacing
from farthing.gateway.records import Record, span_id
from farthing.gateway.settlement import Ended, Settlement
from farthing.model import money
from farthing.model.call import PricedCall
from farthing.prepare import Price
from farthing.pricing.catalog import Catalog
from farthing.routing.configured import KeyLimit
from farthing.routing.plan import Plan, Spent, Target, Wish


class Reach(NamedTuple):
    """What admission needs of the rest of the server."""

    limits: Callable[[str, str], KeyLimit | None]
    """Of a project's key. None: it may do anything."""
    plan: Callable[[Wish], Plan]
    price: Callable[[], Price]
    lets_unpriced: bool
    """Whether a call whose price nobody knows may be made though a budget that blocks counts it."""
    catalog: Callable[[], Catalog] | None = None
    """What `price` goes by."""


class Admitting:
    """Decides for all calls of this server."""

    def __init__(self, reservations: Reservations, settlement: Settlement, reach: Reach) -> None:
        """All collaborators are running."""
        self._reservations = reservations
        self._settlement = settlement
        self._reach = reach
        self._dearest = Dearest(reach.price, reach.catalog)
        self._pacing = Pacing()

    async def admit(self, wanted: Wanted) -> Ticket:
        """Leave to make this call. Raises `ForbiddenError`, `TooManyError`, `SpentError`."""
        key = wanted.identity.key_id
        limits = self._reach.limits(wanted.identity.project_id, key) or NO_LIMITS
        if limits.models:
            _check_model(wanted, limits.models)
        # Counted before anything is waited for, so that callers who come together see each other.
        taken = self._pacing.enter(key, limits, wanted.asked)
        try:
            granted = await self._granted(wanted, limits)
        except BaseException:
            self._pacing.leave(key)
            self._pacing.unused(key, limits, taken)
            raise
        return _Ticket(self, self._settlement, key, limits, granted, taken)

    def may_ask(self, identity: Identity, name: str, target: Target) -> bool:
        """Whether this key's limits let it ask for a model by this name. From any thread."""
        limits = self._reach.limits(identity.project_id, identity.key_id)
        return limits is None or not limits.models or _may_ask(name, target, limits.models)

    # Of tickets.

    async def once_more(self, ticket: "_Ticket") -> bool:
        """Reserve the worst case again: what an attempt that was cut off cost, nobody will know."""
        first = ticket.reservations[0]
        if not first.parts:
            return True
        found = await self._reservations.reserve(first.project_id, ticket.counted_by, first.units)
        if isinstance(found, Refusal):
            return False
        ticket.reservations.append(found)
        return True

    def over(self, ticket: "_Ticket", record: Record) -> Ended:
        """A call is over."""
        self._pacing.leave(ticket.key_id)
        calls: list[PricedCall] | None = None
        if ticket.limits.tokens_per_minute:
            calls = self._settlement.calls(record)
            self._pacing.used(ticket.key_id, ticket.limits, ticket.tokens, calls)
        if len(record.attempts) == 1 and record.attempts[0].response_id and not record.attempts[0].usage:
            ticket.reservations[0].call = span_id(record.call.id).hex()
        return self._settlement.ended(record, ticket.reservations, calls)

    def released(self, ticket: "_Ticket") -> None:
        """The call was not made."""
        self._pacing.leave(ticket.key_id)
        self._pacing.unused(ticket.key_id, ticket.limits, ticket.tokens)
        for one in ticket.reservations:
            self._reservations.release(one)

    async def _granted(self, wanted: Wanted, limits: KeyLimit) -> "_Granted":
        found, granted = await self._try(wanted, wanted.plan)
        if not isinstance(found, Refusal):
            return granted
        if limits.when_spent is Spent.CHEAPER and limits.cheaper_model:
            # The variant's prompt and guards hold whoever answers.
            cheaper = self._reach.plan(replace(wanted.wish, model=limits.cheaper_model, config=""))
            less, granted = await self._try(wanted, replace(wanted.plan, targets=cheaper.targets))
            if not isinstance(less, Refusal):
                return granted
        if limits.when_spent is Spent.CACHE and wanted.plan.cache_ttl_s:
            return granted._replace(is_cache_only=True)
        if limits.when_spent is Spent.WARN:
            # Nothing is reserved for it: what it costs is counted once it is known.
            return granted._replace(headers=[*granted.headers, _told_of("no_room", found.state)])
        raise _spent(found)

    async def _try(self, wanted: Wanted, plan: Plan) -> tuple[Reservation | Refusal, "_Granted"]:
        """What it gets, or doesn't; and what is granted with that, which reserves nothing where it is refused."""
        project = wanted.identity.project_id
        facts = wanted.counted_by(plan)
        standing = self._reservations.standing(project, facts)
        found: Reservation | Refusal | None = None
        if standing.blocking and (dearest := self._dearest_of(wanted, plan)) is not None:
            found = self._reservations.reserve_at_once(project, facts, dearest, standing)
            found = found or await self._reservations.reserve(project, facts, dearest, standing)
        first = found if isinstance(found, Reservation) else Reservation(project, 0, (), 0)
        return found or first, _Granted(plan, first, False, _warnings(standing.states), facts)

    def _dearest_of(self, wanted: Wanted, plan: Plan) -> int | None:
        """The most it can cost, in units of 10^-24 dollars; None where it costs nothing."""
        most = _most(wanted, plan)
        if most is worst.NOTHING:
            return None
        dearest = 0
        unknown: Target | None = None
        for target in plan.targets:
            amount = None if most is None else self._amount(wanted, plan, target, most.usage)
            if amount is None:
                unknown = unknown or target
            elif amount > dearest:
                dearest = amount
        if unknown is not None and not self._reach.lets_unpriced:
            raise SpentError(_unknown(unknown.model or wanted.asked.model))
        return dearest

    def _amount(self, wanted: Wanted, plan: Plan, target: Target, usage: worst.Usage) -> int | None:
        asked, identity = wanted.asked, wanted.identity
        tier = plan.parameters.get("service_tier", asked.tier) if plan.parameters else asked.tier
        alike = Asked(
            identity.project_id, identity.key_id, target.account.provider, target.model or asked.model,
            wanted.kind.operation or "chat", tier if isinstance(tier, str) else asked.tier,
        )  # fmt: skip
        return self._dearest.amount(alike, usage)


class _Granted(NamedTuple):
    plan: Plan
    reservation: Reservation
    is_cache_only: bool
    headers: list[tuple[bytes, bytes]]
    facts: list[dict[str, str]]


class _Ticket:
    """Leave to make one call."""

    def __init__(
        self,
        admitting: Admitting,
        settlement: Settlement,
        key_id: str,
        limits: KeyLimit,
        granted: _Granted,
        tokens: int,
    ) -> None:
        self._admitting = admitting
        self._settlement = settlement
        self.key_id = key_id
        self.limits = limits
        self.tokens = tokens
        """What it is taken to use, of those a minute."""
        self.plan, first, self.is_cache_only, self.headers, self.counted_by = granted
        self.reservations = [first]
        """One for each attempt that may be charged for."""
        self._ended: Ended | None = None

    @property
    def reserved(self) -> int:
        """Units of 10^-24 dollars that are held for it."""
        first = self.reservations[0]
        return first.units if first.parts else 0

    async def once_more(self) -> bool:
        """Whether another attempt may be made though an earlier one may be charged for as well."""
        return await self._admitting.once_more(self)

    def over(self, record: Record) -> None:
        """It has been made."""
        self._ended = self._admitting.over(self, record)

    def priced(self, outcome: Outcome | None) -> None:
        """What the ledger will know of it."""
        if self._ended is not None:
            self._settlement.priced(self._ended, outcome)

    def told(self) -> None:
        """Its record is kept."""
        if self._ended is not None:
            self._settlement.told(self._ended)

    def release(self) -> None:
        """It was not made."""
        self._admitting.released(self)


def _warnings(states: Sequence[BudgetState]) -> list[tuple[bytes, bytes]]:
    return [
        _told_of(state.status, state)
        for state in states
        if (state.exceeded or state.warning) and state.enforcement is not Enforcement.NONE
    ]


def _told_of(what: str, state: BudgetState) -> tuple[bytes, bytes]:
    return b"x-farthing-budget", f"{what}; {quote(state.name)}".encode()


def _check_model(wanted: Wanted, patterns: Sequence[str]) -> None:
    asked, kind = wanted.asked.model, wanted.kind
    if not asked and not kind.costs_unread and kind.operation in worst.FREE:
        return
    for target in wanted.plan.targets:
        # What is not named may be any of the account's.
        name = asked or target.model or f"@{target.account.slug}/*"
        if not _may_ask(name, target, patterns):
            what = repr(target.model or asked) if target.model or asked else "a model that it doesn't name"
            msg = f"This key may not ask for {what}; it may ask for {', '.join(patterns)}."
            raise ForbiddenError(msg)


def _may_ask(asked: str, target: Target, patterns: Sequence[str]) -> bool:
    model = target.model or asked
    names = (asked, model, f"{target.account.provider}/{model}", f"@{target.account.slug}/{model}")
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns for name in names)


def _most(wanted: Wanted, plan: Plan) -> worst.Worst | None:
    """The most a call can use, with what its variant sets."""
    asked = wanted.asked
    if not asked.is_json or not (plan.parameters or plan.system_prompt):
        return worst.of_request(wanted.kind, asked.body, asked.members or asked.form)
    prompt = prompting.filled(asked.members, plan.system_prompt)
    return worst.of_request(wanted.kind, *worst.as_sent(asked.body, asked.members, plan.parameters, prompt))


def _unknown(model: str) -> str:
    if not model:
        return (
            "Nobody knows what this call costs at most, since no model is named where it can be read, and a budget that "
            "blocks counts it. Name one, or set FARTHING_GATEWAY_UNPRICED=allow."
        )
    return (
        f"Nobody knows what a call of {model} costs at most, and a budget that blocks counts it. Add a price for the "
        "model, or set FARTHING_GATEWAY_UNPRICED=allow."
    )


def _spent(refusal: Refusal) -> SpentError:
    state = refusal.state
    until = f" until {state.period_end:%Y-%m-%d %H:%M} UTC" if state.period_end else ""
    msg = (
        f"The budget {state.name!r} of {state.limit_usd} dollars has {money.to_text(refusal.left)} left{until}, "
        f"and this call may cost {money.to_text(refusal.needed)}."
    )
    return SpentError(msg)
