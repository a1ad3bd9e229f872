"""The largest single calls of a window in; those that wrote or cost too much out. Pure."""

from decimal import Decimal

from farthing.alerts import wording
from farthing.alerts.checks.looking import Look
from farthing.alerts.rule import Measure
from farthing.alerts.sums import UNITS, Largest
from farthing.alerts.verdict import Driver, Group, Verdict
from farthing.query.moments import NS, rfc3339

_MEASURES = (Measure.OUTPUT_TOKENS, Measure.INPUT_TOKENS, Measure.COST)


def judge(look: Look) -> list[Verdict]:
    """One verdict for each group that has, or had, such a call; of the tokens it wrote, unless it is to be judged by others or by its cost."""
    measure = look.rule.measure if look.rule.measure in _MEASURES else Measure.OUTPUT_TOKENS
    limit = look.rule.limit or Decimal(0)
    found = look.answers.largest(look.where, look.start, look.at, measure, limit)
    return [_verdict(look, measure, limit, group, found.get(group)) for group in look.groups(found)]


def _verdict(look: Look, measure: Measure, limit: Decimal, group: Group, largest: Largest | None) -> Verdict:
    unit = UNITS[measure]
    critical = look.rule.critical_limit
    against = f"the limit is {wording.amount(limit, unit)}"
    if largest is None:
        why = f"No call of the last {wording.duration(look.rule.window_s)} came to {wording.amount(limit, unit)}."
    else:
        others = f" and {largest.beyond - 1:,} more came to the limit" if largest.beyond > 1 else ""
        used = "cost" if measure is Measure.COST else "used"
        why = (
            f"One call, {largest.call_id}, at {rfc3339(largest.start_ns // NS * NS)}, {used} "
            f"{wording.amount(largest.amount, unit)}; {against}{others}."
        )
    return Verdict(
        group=look.where.pairs(group),
        firing=largest is not None,
        actual=largest.amount if largest else Decimal(0),
        upper=limit,
        unit=unit,
        since_ns=largest.start_ns if largest else None,
        window=look.window,
        drivers=(Driver((("call", largest.call_id),), largest.amount),) if largest else (),
        why=why,
        critical=largest is not None and critical is not None and largest.amount >= critical,
    )
