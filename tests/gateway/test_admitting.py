"""Calls whose attempts end in all kinds of ways in; what of a budget that blocks stays taken, and who may try again, out."""

import asyncio
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from budgets.test_reservations import World
from e2e.waiting import until
from msgspec.structs import replace

from farthing.access.identity import Identity
from farthing.errors import ForbiddenError, SpentError, TooManyError
from farthing.gateway import asked
from farthing.gateway.accounted import outcome
from farthing.gateway.admission import Ticket, Wanted
from farthing.gateway.admitting import Admitting, Reach
from farthing.gateway.kinds import find
from farthing.gateway.records import Attempt, Passed, Record
from farthing.gateway.settlement import Settlement
from farthing.model.call import Call
from farthing.model.ledger import Cost
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.pricing.overrides import Scope
from farthing.routing.configured import KeyLimit
from farthing.routing.plan import Account, Plan, Spent, Target, Wish
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine

BODY = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"max_tokens":100}'
WORST = 100 * 10**19 + len(BODY) * 25 * 10**17
"""100 tokens out at $10 a million, a token in for each byte at $2.50, in units of 10^-24 dollars."""
USED = '{"prompt_tokens":8,"completion_tokens":2}'
COST = 2 * 10**19 + 8 * 25 * 10**17


BREAKS = 77
"""So many tokens out can't be priced by anybody."""


class Doorkeeper:
    """Admission to a project whose one budget has room for three calls at their worst."""

    def __init__(self, world: World) -> None:
        catalog = base.load()

        def priced(call: Call, _: Scope) -> Cost:
            if call.usage.output_tokens == BREAKS:
                raise ArithmeticError
            return price(call, catalog)

        def limits(_: str, __: str) -> KeyLimit | None:
            return self.limit

        def plan_of(_: Wish) -> Plan:
            return PLAN

        def settled(_: float) -> bool:
            return True

        self.reach = Reach(limits, plan_of, lambda: priced, lets_unpriced=False)
        self.world = world
        self.limit: KeyLimit | None = None
        self.settlement = Settlement(world.reservations, self.reach.price, settled)
        self.settlement.start()
        self.admitting = Admitting(world.reservations, self.settlement, self.reach)
        world.make("0.004", window="24h")

    def let_in(
        self, path: str = "chat/completions", method: str = "POST", plan: Plan | None = None, body: bytes = BODY
    ) -> Ticket:
        found = find(f"/v1/{path}", method)
        assert found
        read = asked.read(body, found.kind) if found.kind.has_model else asked.Asked(b"")
        wanted = Wanted(
            Identity(self.world.project, "key_1", frozenset()),
            found.kind,
            read,
            Wish(self.world.project, "", "gpt-4o", "openai"),
            plan or PLAN,
            {},
        )
        return asyncio.run(self.admitting.admit(wanted))


PLAN = Plan((Target(Account("a", "a", "openai"), "gpt-4o"),))


@pytest.fixture
def door(telemetry_engine: Engine, tmp_path: Path) -> Generator[Doorkeeper]:
    with closing(Database.open(f"sqlite:///{tmp_path}/meta.db")) as database:
        database.migrate()
        world = World(telemetry_engine, database)
        made = Doorkeeper(world)
        yield made
        made.settlement.close()
        world.reservations.close()


def record(door: Doorkeeper, *attempts: tuple[int, str, str]) -> Record:
    """Attempts by status, error and usage."""
    passed = Passed(
        "1" * 32, "r", door.world.project, "key_1", "2" * 32, "", time.time_ns(), "chat", {}, str(WORST), [{}]
    )
    made = [
        Attempt(passed.id, at, "openai", "a", "gpt-4o", time.time_ns(), time.time_ns(), status, error, usage=usage)
        for at, (status, error, usage) in enumerate(attempts, 1)
    ]
    return Record(passed, made)


CUT = (0, "upstream_timeout", "")
GOOD = (200, "", USED)
REFUSED = (429, "rate_limit_exceeded", "")


def test_an_attempt_that_may_be_charged_takes_its_worst_before_the_next(door: Doorkeeper) -> None:
    ticket = door.let_in()
    assert door.world.reserved == ticket.reserved == WORST
    assert asyncio.run(ticket.once_more())
    assert asyncio.run(ticket.once_more())
    assert door.world.reserved == 3 * WORST
    assert not asyncio.run(ticket.once_more()), "there is no room for a fourth"
    ticket.over(record(door, CUT, CUT, GOOD))
    assert door.world.reserved == 2 * WORST + COST


def test_what_there_is_no_room_for_is_refused_or_let_through_as_the_key_has_it(door: Doorkeeper) -> None:
    for _ in range(3):
        assert not list(door.let_in().headers)
    with pytest.raises(SpentError, match="has 0"):
        door.let_in()
    door.limit = KeyLimit("l", door.world.project, "key_1", when_spent=Spent.WARN)
    through = door.let_in()
    assert through.reserved == 0
    assert list(through.headers)[-1][1].startswith(b"no_room; ")
    assert asyncio.run(through.once_more())
    through.over(record(door, CUT, GOOD))
    assert door.world.reserved == 3 * WORST


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "models"),
        ("POST", "files"),
        ("GET", "batches/b_1"),
        ("POST", "moderations"),
        ("GET", "proxy/openai/costs"),
    ],
)
def test_what_costs_nothing_passes_whatever_is_spent(door: Doorkeeper, method: str, path: str) -> None:
    for _ in range(3):
        door.let_in()
    anywhere = Plan((Target(Account("a", "a", "openai"), ""),))
    assert door.let_in(path, method, anywhere).reserved == 0
    with pytest.raises(SpentError):
        door.let_in()


def test_what_is_charged_later_is_refused_where_a_budget_blocks(door: Doorkeeper) -> None:
    with pytest.raises(SpentError, match="no model is named"):
        door.let_in("batches", plan=Plan((Target(Account("a", "a", "openai"), ""),)))


@pytest.mark.parametrize(
    ("patterns", "path", "model", "may"),
    [
        (("gpt-4o*",), "images/generations", "", False),
        (("gpt-4o*",), "images/generations", "gpt-4o-image", True),
        (("gpt-4o*",), "batches", "", False),
        (("gpt-4o*",), "proxy/a/v2/chat", "", False),
        (("gpt-4o*",), "files", "", True),
        (("gpt-4o*",), "moderations", "", True),
        (("@a/*",), "proxy/a/v2/chat", "", True),
        (("openai/*",), "images/generations", "", True),
        (("*",), "batches", "", True),
    ],
)
def test_what_names_no_model_may_be_any(
    door: Doorkeeper, patterns: tuple[str, ...], path: str, model: str, *, may: bool
) -> None:
    door.limit = KeyLimit("l", door.world.project, "key_1", models=patterns)
    door.reach = door.reach._replace(lets_unpriced=True)
    door.admitting = Admitting(door.world.reservations, door.settlement, door.reach)
    plan = Plan((Target(Account("a", "a", "openai"), model),))
    if may:
        door.let_in(path, plan=plan, body=b'{"prompt":"x"}').release()
    else:
        with pytest.raises(ForbiddenError, match="may not ask"):
            door.let_in(path, plan=plan, body=b'{"prompt":"x"}')


def test_who_is_refused_for_calls_has_used_no_tokens(door: Doorkeeper) -> None:
    door.limit = KeyLimit("l", door.world.project, "key_1", requests_per_minute=1, tokens_per_minute=3)
    door.let_in().release()
    for _ in range(9):
        with pytest.raises(TooManyError, match="1 calls a minute"):
            door.let_in()
    door.limit = KeyLimit("l", door.world.project, "key_1", tokens_per_minute=3)
    door.let_in().release()


def test_what_a_variant_sets_is_reserved(door: Doorkeeper) -> None:
    said = "Be brief. " * 10
    one = door.let_in(plan=replace(PLAN, parameters={"max_tokens": 101}, system_prompt=said))
    longer = len(b'{"max_tokens":101}') + len(said)
    assert one.reserved == WORST + 10**19 + longer * 25 * 10**17


def test_a_call_that_can_not_be_read_keeps_its_worst(door: Doorkeeper) -> None:
    ticket = door.let_in()
    ticket.over(record(door, (200, "", '{"prompt_tokens":8,"completion_tokens":77}')))
    assert door.world.reserved == WORST


def test_what_nobody_knows_stays_reserved_when_the_ledger_has_the_rest(door: Doorkeeper) -> None:
    ticket = door.let_in()
    assert asyncio.run(ticket.once_more())
    ticket.over(record(door, CUT, GOOD))
    ticket.told()
    until(lambda: door.world.reserved == WORST, 30)


def test_what_a_provider_refused_is_free_whatever_it_calls_that(door: Doorkeeper) -> None:
    ticket = door.let_in()
    ticket.over(record(door, REFUSED, REFUSED, GOOD))
    assert door.world.reserved == COST
    other = door.let_in()
    other.over(record(door, REFUSED))
    assert door.world.reserved == COST


def test_after_a_crash_every_attempt_that_may_be_charged_holds_its_worst(door: Doorkeeper) -> None:
    lost = record(door, CUT, REFUSED, GOOD)
    lost.attempts[-1].end_ns, lost.attempts[-1].usage = 0, ""
    assert door.settlement.left(lost) is None
    assert door.world.reserved == 2 * WORST


def test_what_ended_before_a_crash_is_held_until_the_ledger_has_it(door: Doorkeeper) -> None:
    kept = door.settlement.left(record(door, REFUSED, GOOD))
    assert door.world.reserved == COST
    assert kept
    kept()
    until(lambda: door.world.reserved == 0, 30)


def test_what_is_over_is_settled_when_a_call_does_not_fit_otherwise(door: Doorkeeper) -> None:
    tickets = [door.let_in() for _ in range(3)]
    for ticket in tickets:
        ticket.over(record(door, GOOD))
    assert door.settlement.waits
    door.let_in()
    assert not door.settlement.waits
    assert door.world.reserved == 3 * COST + WORST


def test_a_call_is_settled_by_what_is_told_of_it(door: Doorkeeper) -> None:
    ticket, other = door.let_in(), door.let_in()
    ended = record(door, GOOD)
    calls = door.settlement.calls(ended)
    ticket.over(ended)
    ticket.priced(outcome(ended, [*calls, *calls]))
    other.over(ended)
    other.priced(None)
    assert not door.settlement.waits
    assert door.world.reserved == 3 * COST


def test_an_ordinary_call_that_nobody_can_price_is_held_after_a_crash_too(door: Doorkeeper) -> None:
    assert door.settlement.left(record(door, (200, "", '{"prompt_tokens":8,"completion_tokens":77}'))) is None
    assert door.world.reserved == WORST
