"""The past and the last hours of groups in; which of them spend more than usual, by how much and since when, out. Pure.

Statistics say whether; how much is then added up exactly, in the window that they point at.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from farthing.alerts.anomaly.judgement import Interval, Judgement, Settings
from farthing.alerts.checks.looking import Look
from farthing.alerts.past import Known
from farthing.alerts.rule import Measure, Rule
from farthing.alerts.sums import NOTHING, UNITS, uncovered, value
from farthing.alerts.verdict import Group, Verdict
from farthing.query.moments import NS

DAY_S = 86_400
_LEAST = {Measure.COST: 1.0, Measure.CALLS: 20.0}
_LEAST_TOKENS = 50_000.0
_CENT = Decimal("0.01")
_EXACT = ("rate", "calls", "sum")


def judge(look: Look, past: Known) -> list[Verdict]:
    """One verdict for each group that anything is known of."""
    groups = past.groups
    if not groups:
        return []
    found = past.judged(settings(look.rule), _expected(look, groups))
    return [_verdict(look, group, one) for group, one in zip(groups, found, strict=True)]


def settings(rule: Rule) -> Settings:
    """The rule in the terms of the statistics."""
    least = float(rule.least_usd) if rule.measure is Measure.COST else 0.0
    return Settings(
        times=float(rule.sensitivity),
        least=least or _LEAST.get(rule.measure, _LEAST_TOKENS),
        trailing_days=max(2, min(35, rule.window_s // DAY_S)),
        unit="$" if rule.measure is Measure.COST else "",
    )


def _expected(look: Look, groups: Sequence[Group]) -> list[tuple[Interval, ...]]:
    marked = look.answers.expected(look.rule.project_id, look.rule.id)
    where = look.where
    by_group: dict[Group, list[Interval]] = {}
    for pairs, start, end in marked:
        group = where.group(pairs)
        if group is not None:
            by_group.setdefault(group, []).append((start, end))
    return [tuple(by_group.get(group, ())) for group in groups] if by_group else []


def _verdict(look: Look, group: Group, found: Judgement) -> Verdict:
    rule = look.rule
    start, end = found.window if found.window[1] > found.window[0] else (look.at - 300, look.at)
    sums = NOTHING
    actual = _rounded(found.actual)
    if found.firing and found.sign in _EXACT:
        counted = look.answers.sums(look.where, start, end).get(group)
        exact = value(rule.measure, counted) if counted else None
        actual, sums = (actual if exact is None else exact), counted or sums
    # What is missing could be what is too much: nobody should hear that it is over.
    calm = found.recovered and not (uncovered(rule.measure, sums))
    return Verdict(
        group=look.where.pairs(group),
        firing=found.firing,
        judged=found.enough,
        actual=actual,
        expected=_rounded(found.expected),
        lower=_rounded(found.lower),
        upper=_rounded(found.upper),
        unit=UNITS[rule.measure],
        since_ns=None if found.since_s is None else found.since_s * NS,
        window=(start * NS, end * NS),
        leaves_out=sums.leaves_out,
        why=found.why,
        critical=_is_critical(look, actual, found),
        calm=calm,
    )


def _is_critical(look: Look, actual: Decimal | None, found: Judgement) -> bool:
    limit = look.rule.critical_limit
    return found.firing and limit is not None and actual is not None and actual >= limit


def _rounded(amount: float | None) -> Decimal | None:
    """To the cent, or to two digits that count: an estimate has no more to say."""
    if amount is None or not math.isfinite(amount):
        return None
    told = Decimal(repr(amount))
    digits = _CENT if abs(told) >= _CENT or not told else Decimal(1).scaleb(told.adjusted() - 1)
    return told.quantize(digits)
