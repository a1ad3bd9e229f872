"""What a rule has judged and its judge has cost in; how many calls it may judge now out."""

from decimal import Decimal
from typing import Any

import pytest

from farthing.evaluations.bounds import Bound, Left, left
from farthing.evaluations.evaluators import Json, Judge
from farthing.evaluations.rule import Rule
from farthing.query.judging_cost import Cost

CENT = 10**22
JUDGE = Judge("{output}", model="gpt-4o-mini")


def rule(**more: Any) -> Rule:
    return Rule("ev_1", "p", "polite", Decimal(1), more.pop("evaluator", JUDGE), **more)


@pytest.mark.parametrize(
    ("wanted", "judged", "cost", "unsettled", "found"),
    [
        (rule(), 0, Cost(), 0, Left(8)),
        (rule(), 995, Cost(), 0, Left(5)),
        (rule(), 1000, Cost(), 0, Left(0, Bound.CALLS)),
        (rule(calls_per_day=3), 1, Cost(), 0, Left(2)),
        (rule(evaluator=Json(), calls_per_day=3), 3, Cost(), 0, Left(0, Bound.CALLS)),
        (rule(usd_per_day=Decimal("0.10")), 5000, Cost(), 0, Left(1)),
        (rule(usd_per_day=Decimal("0.10")), 1, Cost(1, 0, CENT, CENT), 0, Left(8)),
        (rule(usd_per_day=Decimal("0.10")), 7, Cost(7, 0, 7 * CENT, 2 * CENT), 0, Left(1)),
        (rule(usd_per_day=Decimal("0.10")), 9, Cost(9, 0, 9 * CENT, 2 * CENT), 0, Left(0, Bound.USD)),
        (rule(usd_per_day=Decimal("0.10")), 9, Cost(9, 0, 11 * CENT, CENT), 0, Left(0, Bound.USD)),
        (rule(usd_per_day=Decimal("0.10")), 1, Cost(1, 0, CENT, CENT), 2, Left(0)),
        (rule(usd_per_day=Decimal("0.10")), 1, Cost(1, 1, 0, 0), 0, Left(0, Bound.UNPRICED)),
        (rule(usd_per_day=Decimal("0.10"), when_unpriced="continue"), 1, Cost(1, 1, 0, 0), 0, Left(8)),
        (rule(usd_per_day=Decimal("0.10"), calls_per_day=2), 2, Cost(), 0, Left(0, Bound.CALLS)),
    ],
)
def test_what_is_left(wanted: Rule, judged: int, cost: Cost, unsettled: int, found: Left) -> None:
    assert left(wanted, judged, cost, unsettled) == found


def test_without_a_judge_and_a_bound_there_is_none() -> None:
    assert left(rule(evaluator=Json()), 10**6, Cost(), 0).calls > 10**6
