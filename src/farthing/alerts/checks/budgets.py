"""How a budget stands in; what is to be said of it, threshold by threshold, out. Pure.

Each period is an incident of its own: it opens at the first threshold, rises with every further one, and is over when the period
is, or when so much was corrected that no threshold is reached any more.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from farthing.alerts import wording
from farthing.alerts.incident import Incident
from farthing.alerts.rule import Severity
from farthing.alerts.verdict import Driver, Pairs, Verdict
from farthing.budgets.budget import Budget
from farthing.budgets.outlook import Outlook
from farthing.budgets.periods import CALENDAR, Period
from farthing.budgets.state import BudgetState
from farthing.query import moments
from farthing.query.moments import NS

PERIOD = "period"
"""The name that tells incidents of a budget apart, where its periods have names."""

CALM = Decimal("0.95")
"""A budget is back under a threshold below this share of it: not each time a call leaves a rolling window."""


def group(of: Budget, state: BudgetState) -> Pairs:
    """The period, by its first day or moment; nothing where it rolls."""
    if of.period is Period.ROLLING:
        return ()
    start = datetime.fromtimestamp(state.stretch.start, moments.zone(of.timezone))
    return ((PERIOD, f"{start:%Y-%m-%d}" if of.period in CALENDAR else start.isoformat()),)


def severity(state: BudgetState) -> Severity:
    """Critical when nothing is left, a warning from the warning ratio on."""
    return Severity.CRITICAL if state.exceeded else Severity.WARNING if state.warning else Severity.INFO


def judged(
    of: Budget,
    state: BudgetState,
    now: int,
    ahead: Outlook | None = None,
    expected: Decimal | None = None,
    drivers: Iterable[Driver] = (),
) -> Verdict:
    """What is to be said now. `ahead` and `drivers` are for whoever is told of a threshold."""
    level = len(state.thresholds_reached)
    counted = state.counted_usd
    lowest = min(of.thresholds, default=Decimal(1))
    return Verdict(
        group=group(of, state),
        firing=level > 0,
        judged=counted is not None,
        level=level,
        actual=counted,
        expected=expected,
        upper=of.limit_usd,
        unit="usd",
        window=(state.stretch.start * NS, min(now, state.stretch.end) * NS),
        drivers=tuple(drivers),
        leaves_out=(state.unpriced_calls, state.unknown_usage_calls),
        why=_why(of, state, ahead),
        critical=state.exceeded,
        calm=counted is not None and counted < of.limit_usd * lowest * CALM,
    )


def still(of: Budget, verdict: Verdict, told: int) -> Verdict:
    """Of an incident of which so many thresholds were told: who was isn't told again each time one is crossed."""
    counted = verdict.actual
    if not verdict.firing or counted is None:
        return verdict
    near = sum(counted >= of.limit_usd * one * CALM for one in of.thresholds)
    return msgspec.structs.replace(verdict, level=max(verdict.level, min(told, near)))


def late(of: Budget, ended: BudgetState) -> Verdict:
    """Of a period that is over, where a threshold was reached that nobody had been told of by its end."""
    verdict = judged(of, ended, ended.stretch.end)
    amounts = f"{wording.amount(verdict.actual, 'usd')} of {wording.amount(verdict.upper, 'usd')}"
    return msgspec.structs.replace(
        verdict, why=f"The period is over, and {amounts} was spent: the last of it came in late."
    )


def over(
    incident: Incident, what: str = "The period is over; it ended at", ended: BudgetState | None = None
) -> Verdict:
    """Of an incident whose period has passed, or whose budget is gone. `ended`: how it stood then, if somebody has asked again."""
    last = incident.verdict
    actual = last.actual if ended is None or ended.counted_usd is None else ended.counted_usd
    why = f"{what} {wording.amount(actual, 'usd')} of {wording.amount(last.upper, 'usd')}."
    return Verdict(
        group=incident.group,
        firing=False,
        actual=actual,
        upper=last.upper,
        unit="usd",
        window=last.window,
        why=why,
        # So many thresholds were told, for whoever looks at it again after late calls.
        level=last.level,
    )


def _why(of: Budget, state: BudgetState, ahead: Outlook | None) -> str:
    limit = wording.dollars(of.limit_usd)
    if state.counted_usd is None:
        return f"Nobody knows what was spent of {limit}: no price of any call is known."
    share = int(state.counted_usd * 100 / of.limit_usd)
    told = f"{wording.dollars(state.counted_usd)} of {limit} is spent ({share} %)"
    if ahead is not None and not state.exceeded:
        told += f", and it leads to ${ahead.usd:,.2f} (${ahead.low:,.2f} to ${ahead.high:,.2f})"
        if ahead.reaches is not None:
            zone = moments.zone(of.timezone)
            # What is reached within a step is known when the step is over.
            day = datetime.fromtimestamp(ahead.reaches - 1, zone)
            when = f"{day:%H:00}" if of.period is Period.DAY else f"{day:%d %B}"
            told += f": {limit} is reached about {when}"
    left_out = state.unpriced_calls + state.unknown_usage_calls
    if left_out:
        told += f"; {left_out:,} {'call is' if left_out == 1 else 'calls are'} in no sum, so it is more"
    return told + "."
