"""A call that stands for many, and how single calls are priced, in; what they cost together, as an estimate, out."""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from farthing.model.call import Call
from farthing.model.ledger import Cost, CostStatus, Grade, Line
from farthing.pricing.rates import joined

RULE = "many calls at once: each taken as a small one, without prices by size or fees per request"


def price_sum(call: Call, price: Callable[[Call], Cost]) -> Cost:
    """The sum at the rates of small calls.

    Rates that depend on a call's size must not see the size of all together: a thousand small prompts are no long one.
    """
    usage = call.usage
    least = {bucket: min(count, 1) for bucket, count in usage.buckets.items()}
    cost = price(replace(call, usage=replace(usage, buckets=least)))
    if cost.status is CostStatus.UNKNOWN:
        return cost
    status = CostStatus.ESTIMATED if cost.status is CostStatus.COMPUTED else cost.status
    return replace(cost, status=status, lines=tuple(_grown(cost.lines, usage.buckets)), rule=joined(cost.rule, RULE))


def _grown(lines: Iterable[Line], counts: Mapping[str, int]) -> Iterable[Line]:
    """The lines of one unit each, for as many units as there are."""
    for line in lines:
        count = counts.get(line.bucket)
        if count is None:
            continue
        yield replace(
            line,
            quantity=line.quantity * count,
            amount=None if line.amount is None else line.amount * count,
            grade=Grade.ESTIMATED if line.grade is Grade.COMPUTED else line.grade,
        )
