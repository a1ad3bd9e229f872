"""What a rule has judged and spent today in; how many calls more it may judge, or which of its bounds stops it, out. Pure."""

from enum import StrEnum

import msgspec

from farthing.evaluations.rule import Rule
from farthing.model import money
from farthing.query.judging_cost import Cost

AT_ONCE = 8
"""Calls that one judge is asked about at the same time."""


class Bound(StrEnum):
    """Why nothing more is judged today."""

    CALLS = "calls_per_day"
    USD = "usd_per_day"
    UNPRICED = "judge_unpriced"
    """Nobody knows what the judge cost, and so not how much is left."""


class Left(msgspec.Struct, frozen=True):
    """So many calls at once; with none, `bound` says why, and without a bound it is only to be waited for."""

    calls: int
    bound: Bound | None = None


def left(rule: Rule, judged_today: int, cost: Cost, unsettled: int) -> Left:
    """`cost` is what the ledger has of today, `unsettled` how many of the judge's calls it doesn't have yet."""
    most = AT_ONCE if rule.judge else 1 << 30
    if rule.most_calls is not None:
        most = min(most, rule.most_calls - judged_today)
        if most <= 0:
            return Left(0, Bound.CALLS)
    return (
        Left(most)
        if rule.usd_per_day is None
        else _affordable(rule, money.to_units(rule.usd_per_day), most, cost, unsettled)
    )


def _affordable(rule: Rule, usd: int, most: int, cost: Cost, unsettled: int) -> Left:
    if cost.unpriced and rule.when_unpriced == "stop":
        return Left(0, Bound.UNPRICED)
    over = usd - cost.known
    if over <= 0 or over < cost.highest:
        return Left(0, Bound.USD)
    if unsettled:
        # What is under way has a cost too; with it unknown, what is left is unknown.
        return Left(0)
    if not cost.highest:
        return Left(1 if rule.when_unpriced == "stop" else most)
    return Left(min(most, over // cost.highest))
