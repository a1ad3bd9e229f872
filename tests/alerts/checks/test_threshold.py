"""Sums of windows in; what the threshold check says of them out: limits, comparisons, and what nobody knows."""

from decimal import Decimal

import pytest
from alerts.made_rules import NOW, answers, dollars, rule, where

from farthing.alerts.checks import threshold
from farthing.alerts.checks.looking import Look
from farthing.alerts.replay import Recorded
from farthing.alerts.rule import Compare, Kind, Measure, Rule
from farthing.alerts.sums import Speed, Sums
from farthing.alerts.verdict import Verdict

HOUR = 3_600


def said(of: Rule, recorded: Recorded, *open_groups: tuple[str, ...]) -> dict[tuple[str | None, ...], Verdict]:
    found = threshold.judge(Look(of, NOW, recorded, open_groups))
    return {tuple(value for _, value in one.group): one for one in found}


def test_it_fires_at_the_limit_and_not_a_moment_outside_the_window() -> None:
    of = rule(by=("feature",))
    recorded = answers(
        where(of),
        [
            (NOW - HOUR, ("chat",), dollars("9.99")),
            (NOW - 1, ("chat",), dollars("0.01")),
            (NOW - HOUR - 1, ("search",), dollars(100)),
            (NOW - 60, ("search",), dollars("9.5")),
        ],
    )

    found = said(of, recorded, ("gone",))

    assert found["chat",].firing
    assert found["chat",].actual == Decimal(10)
    assert found["chat",].why == "In the last 1 h the cost was $10.00; the limit is $10.00."
    assert (found["search",].firing, found["search",].calm) == (
        False,
        False,
    )  # 5 % below its limit is not well within it
    assert (found["gone",].firing, found["gone",].calm, found["gone",].actual) == (False, True, Decimal(0))


def test_what_is_unknown_is_never_zero() -> None:
    of = rule(by=("feature",))
    recorded = answers(
        where(of),
        [
            (NOW - 60, ("partly",), dollars(2, unpriced=3)),
            (NOW - 60, ("beyond",), dollars(20, unpriced=3)),
            (NOW - 60, ("nothing",), dollars(0, calls=0, unpriced=4)),
        ],
    )

    found = said(of, recorded)

    assert (found["partly",].firing, found["partly",].judged, found["partly",].calm) == (False, True, False)
    assert found["partly",].why == (
        "In the last 1 h the cost was at least $2.00; the limit is $10.00; 3 calls are in no figure."
    )
    assert found["partly",].leaves_out == (3, 0)
    assert found["beyond",].firing  # it is beyond the limit whatever the others cost
    assert (found["nothing",].judged, found["nothing",].firing, found["nothing",].calm) == (False, False, False)


def test_below_a_limit_nothing_is_said_while_calls_are_unknown() -> None:
    of = rule(direction="below", limit=Decimal(10))
    assert said(of, answers(where(of), [(NOW - 60, (), dollars(5))]))[()].firing
    assert not said(of, answers(where(of), [(NOW - 60, (), dollars(5, unpriced=1))]))[()].judged
    assert not said(of, answers(where(of), [(NOW - 60, (), dollars(50, unpriced=1))]))[()].firing


def test_a_window_is_compared_with_the_time_before_or_the_same_one_earlier() -> None:
    before = rule(limit=None, compare=Compare(ratio=Decimal(2), past="1h"))
    cells = [(NOW - 2 * HOUR, (), dollars(4)), (NOW - 60, (), dollars(8))]
    found = said(before, answers(where(before), cells))[()]
    assert (found.firing, found.expected, found.upper) == (True, Decimal(4), Decimal(8))

    ago = rule(limit=None, compare=Compare(ratio=Decimal(2), ago="7d"))
    cells = [(NOW - 7 * 86_400 - 60, (), dollars("4.01")), (NOW - 60, (), dollars(8))]
    assert not said(ago, answers(where(ago), cells))[()].firing
    alone = said(ago, answers(where(ago), [(NOW - 60, (), dollars(8))]))[()]
    assert (alone.firing, alone.judged) == (False, False)  # with nothing to compare with, nothing can be said


@pytest.mark.parametrize("measure", [Measure.COST, Measure.ERRORS, Measure.ERROR_RATE], ids=str)
@pytest.mark.parametrize("direction", ["above", "below"])
def test_nothing_is_no_number_of_times_nothing(measure: Measure, direction: str) -> None:
    of = rule(measure=measure, direction=direction, limit=None, compare=Compare(ratio=Decimal(2), ago="1d"))
    free = dollars(0, calls=5)
    found = said(of, answers(where(of), [(NOW - 60, (), free), (NOW - 86_400 - 60, (), free)]))[()]
    assert (found.firing, found.judged, found.calm) == (False, True, True)


def test_any_error_is_more_than_none() -> None:
    of = rule(measure=Measure.ERRORS, limit=None, compare=Compare(ratio=Decimal(2), ago="1d"))
    cells = [(NOW - 60, (), dollars(0, calls=5, errors=1)), (NOW - 86_400 - 60, (), dollars(0, calls=5))]
    assert said(of, answers(where(of), cells))[()].firing


def test_a_past_of_which_most_is_unknown_is_nothing_to_compare_with() -> None:
    of = rule(limit=None, compare=Compare(ratio=Decimal(2), ago="1d"))
    now = (NOW - 60, (), dollars(8))
    found = said(of, answers(where(of), [now, (NOW - 86_400 - 60, (), dollars(1, unpriced=9))]))[()]
    assert (found.firing, found.judged, found.calm) == (False, False, False)
    assert found.why == "Too little is known to compare the cost with: 9 of 10 calls before are in no figure."
    assert said(of, answers(where(of), [now, (NOW - 86_400 - 60, (), dollars(1, calls=9, unpriced=1))]))[()].firing


def test_so_little_is_at_stake_that_nobody_is_told() -> None:
    of = rule(limit=None, least_usd=Decimal(5), compare=Compare(ratio=Decimal(2), past="1h"))
    little = [(NOW - 2 * HOUR, (), dollars(1)), (NOW - 60, (), dollars("5.99"))]
    much = [(NOW - 2 * HOUR, (), dollars(1)), (NOW - 60, (), dollars(6))]
    assert not said(of, answers(where(of), little))[()].firing
    assert said(of, answers(where(of), much))[()].firing


def test_shares_and_calls_have_a_least_number_and_a_critical_limit() -> None:
    of = rule(measure=Measure.ERROR_RATE, limit=Decimal("0.1"), critical_limit=Decimal("0.5"), least_calls=10)
    few = answers(where(of), [(NOW - 60, (), dollars(1, calls=4, errors=4))])
    many = answers(where(of), [(NOW - 60, (), dollars(1, calls=40, errors=4))])
    most = answers(where(of), [(NOW - 60, (), dollars(1, calls=40, errors=20))])
    assert not said(of, few)[()].firing
    assert (said(of, many)[()].firing, said(of, many)[()].critical) == (True, False)
    assert (said(of, most)[()].actual, said(of, most)[()].critical) == (Decimal("0.5"), True)
    assert not said(of, answers(where(of), []))[()].judged


def test_tokens_and_cost_per_call_leave_out_whose_usage_nobody_told() -> None:
    tokens = rule(measure=Measure.TOKENS, limit=Decimal(220))
    cells = [(NOW - 60, (), dollars(1, calls=2)), (NOW - 30, (), Sums(1, 0, 0, 1))]
    found = said(tokens, answers(where(tokens), cells))[()]
    assert (found.firing, found.actual, found.leaves_out) == (True, Decimal(220), (0, 1))
    per_call = rule(measure=Measure.COST_PER_CALL, limit=Decimal("0.5"))
    assert said(per_call, answers(where(per_call), cells))[()].actual == Decimal("0.5")


def test_how_long_calls_took_is_judged_by_quantiles() -> None:
    of = rule(Kind.LATENCY, measure=Measure.LATENCY_P95, limit=None, compare=Compare(ratio=Decimal("1.5"), past="7d"))
    recorded = Recorded()
    recorded.quick[NOW - HOUR, NOW, False] = {(): Speed(100, 900, 3_000)}
    recorded.quick[*threshold.before(NOW - HOUR, 7 * 86_400), False] = {(): Speed(5_000, 800, 2_000)}
    found = said(of, recorded)[()]
    assert (found.firing, found.actual, found.upper, found.unit) == (True, Decimal(3_000), Decimal(3_000), "ms")
