"""What servers with ledgers of their own tell each other."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from budgets.made_budgets import make_budget

from farthing.budgets.apart import KEPT_S, SAID_AGAIN_S, Apart
from farthing.budgets.budget import Enforcement
from farthing.budgets.holdings import Part
from farthing.budgets.periods import Period
from farthing.budgets.shares import Taken
from farthing.budgets.state import BudgetState, Sums, state
from farthing.model import money

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
DAY = NOW - NOW % 86_400
CENT = money.to_units(Decimal("0.01"))


def standing(cents: int | None, period: Period = Period.DAY, now: int = NOW, **more: str) -> BudgetState:
    made = make_budget(period, "1", enforcement=Enforcement.BLOCK, **more)
    sums = None if cents is None else Sums(1, cents * CENT)
    return state(made, made.stretch(now), sums)


def nothing(_: Part) -> int:
    return 0


def takes(one: BudgetState, units: int) -> Callable[[Part], int]:
    return lambda wanted: {part(one): units}.get(wanted, 0)


def part(one: BudgetState, since: int = DAY) -> Part:
    return Part(one.id, since)


def test_what_the_ledger_counts_and_what_calls_take_is_said_once() -> None:
    apart, one = Apart(), standing(3)
    assert apart.news([one], takes(one, 2 * CENT), NOW) == {part(one): Taken(5 * CENT, NOW)}
    assert apart.news([one], takes(one, 2 * CENT), NOW + 1) == {}
    # A call has got into the ledger: nothing is different for others.
    assert apart.news([standing(5)], nothing, NOW + 2) == {}


def test_what_nobody_asked_the_ledger_is_not_said() -> None:
    apart = Apart()
    one = standing(3)
    apart.news([one], nothing, NOW)
    assert apart.news([standing(None)], takes(one, CENT), NOW) == {}


def test_what_nobody_heard_is_said_again() -> None:
    apart, one = Apart(), standing(3)
    said = apart.news([one], nothing, NOW)
    apart.told_in_vain(said)
    assert apart.news([one], nothing, NOW) == said


def test_a_former_start_counts_whole_until_all_of_it_is_told() -> None:
    apart, one = Apart(), standing(3)
    apart.resume({part(one): Taken(7 * CENT, NOW - 60)})
    # The ledger's three cents may be in those seven.
    assert apart.news([one], takes(one, CENT), NOW) == {part(one): Taken(8 * CENT, NOW)}
    apart.end_former()
    assert apart.news([one], takes(one, CENT), NOW) == {part(one): Taken(4 * CENT, NOW)}


def test_a_sliding_period_is_said_again_though_it_is_the_same() -> None:
    apart, one = Apart(), standing(3, Period.ROLLING, window="1h")
    assert apart.news([one], nothing, NOW) == {part(one, 0): Taken(3 * CENT, NOW)}

    def later(seconds: int) -> list[BudgetState]:
        return [standing(3, Period.ROLLING, NOW + seconds, window="1h")]

    assert apart.news(later(SAID_AGAIN_S - 1), nothing, NOW + SAID_AGAIN_S - 1) == {}
    assert apart.news(later(SAID_AGAIN_S), nothing, NOW + SAID_AGAIN_S) == {
        part(one, 0): Taken(3 * CENT, NOW + SAID_AGAIN_S)
    }


def test_a_former_period_is_taken_back_an_hour_after_its_end() -> None:
    apart, one = Apart(), standing(3)
    apart.news([one], nothing, NOW)
    next_day = DAY + 86_400
    new = standing(0, now=next_day)
    assert apart.news([new], nothing, next_day + KEPT_S - 1) == {}
    assert apart.news([new], nothing, next_day + KEPT_S) == {part(one): Taken(0, next_day + KEPT_S)}
    assert apart.news([new], nothing, next_day + KEPT_S) == {}
