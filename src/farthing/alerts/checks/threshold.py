"""A measure of a window in; whether it came to a limit, or to a ratio of what it was before, out. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from farthing.alerts import wording
from farthing.alerts.checks.looking import CALM, Look
from farthing.alerts.rule import Compare, Measure, length
from farthing.alerts.sums import ADDED_UP, NOTHING, SPEEDS, UNITS, Speed, Sums, Where, uncovered, value
from farthing.alerts.verdict import Group, Verdict

HALF_HOUR = 1_800
DEARER = 10
"""So many times the average a call that is in no figure is taken to be, before it is said that all is calm."""


class Reading(NamedTuple):
    """A measure of one group in one stretch of time, and how much of it isn't known."""

    value: Decimal | None
    calls: int
    uncovered: int = 0
    leaves_out: tuple[int, int] = (0, 0)


def judge(look: Look) -> list[Verdict]:
    """One verdict for each group."""
    rule = look.rule
    now = readings(look, look.where, rule.measure, look.start, look.at)
    past = compared(look, rule.compare) if rule.compare else {}
    blank = _blank(rule.measure)
    return [
        verdict(look, group, now.get(group, blank), past.get(group, blank) if rule.compare else None)
        for group in look.groups(now)
    ]


def readings(look: Look, where: Where, measure: Measure, start: int, end: int) -> Mapping[Group, Reading]:
    """The measure of each group that has calls in a stretch of time."""
    if measure in SPEEDS:
        first_token = measure in (Measure.TTFT_P50, Measure.TTFT_P95)
        p95 = measure in (Measure.LATENCY_P95, Measure.TTFT_P95)
        speeds = look.answers.speeds(where, start, end, first_token=first_token)
        return {group: _of_speed(speed, p95=p95) for group, speed in speeds.items()}
    return {group: _of_sums(measure, sums) for group, sums in look.answers.sums(where, start, end).items()}


def compared(look: Look, compare: Compare) -> dict[Group, Reading]:
    """What it is compared with, brought to the length of the window."""
    measure, window = look.rule.measure, look.rule.window_s
    if compare.ago:
        end = look.at - length("compare.ago", compare.ago)
        return dict(readings(look, look.where, measure, end - window, end))
    start, end = before(look.start, length("compare.past", compare.past))
    found = readings(look, look.where, measure, start, end)
    if measure not in ADDED_UP:
        return dict(found)
    return {
        group: one._replace(value=None if one.value is None else one.value * window / (end - start))
        for group, one in found.items()
    }


def before(end: int, past_s: int) -> tuple[int, int]:
    """The time right before a moment. Long ones are of whole half hours, so that many rounds compare with the same."""
    if past_s < 2 * HALF_HOUR:
        return end - past_s, end
    last = end // HALF_HOUR * HALF_HOUR
    return last - past_s // HALF_HOUR * HALF_HOUR, last


def verdict(look: Look, group: Group, now: Reading, before: Reading | None) -> Verdict:
    """What is to be said of one group; `before` is what it is compared with, if it is."""
    rule = look.rule
    expected = before.value if before else None
    bounds = [b for b in (rule.limit, _times(expected, rule.compare)) if b is not None]
    above = rule.direction == "above"
    bound = (max(bounds) if above else min(bounds)) if bounds else None
    why, judged = _unjudged(look, now, before, bound)
    # What is known of it is what it comes to at least: beyond a limit it is in any case, within it perhaps not.
    beyond = bound is not None and now.value is not None and (now.value >= bound if above else now.value <= bound)
    # Any number of times nothing is nothing: who had no errors before and has none now didn't come to twice as many.
    same = rule.compare is not None and expected == 0 and now.value == 0
    beyond = beyond and not same
    firing = judged and beyond and now.calls >= rule.least_calls and _worth(look, now, expected)
    calm = judged and not firing and (same or _is_calm(_at_most(rule.measure, now), bound, above=above))
    return Verdict(
        group=look.where.pairs(group),
        firing=firing,
        judged=judged,
        actual=now.value,
        expected=expected,
        lower=None if above else bound,
        upper=bound if above else None,
        unit=UNITS[rule.measure],
        window=look.window,
        leaves_out=now.leaves_out,
        why=why or _sentence(look, now, bound, expected),
        critical=firing and _is_critical(look, now.value, above=above),
        calm=calm or (judged and not beyond and now.calls < rule.least_calls),
    )


def _unjudged(look: Look, now: Reading, before: Reading | None, bound: Decimal | None) -> tuple[str, bool]:
    rule = look.rule
    what = look.what or _NAMES[rule.measure]
    if now.value is None:
        known = (
            "there are no calls to tell it from" if not now.calls else f"none of {now.calls:,} calls has a known one"
        )
        return f"The {what} can't be told: {known}.", False
    if bound is None:
        seen = before.calls if before else 0
        return f"There is nothing to compare the {what} with: {seen:,} calls before.", False
    if before is not None and before.calls < max(1, rule.least_calls) and rule.limit is None:
        return f"Too few calls to compare the {what} with: {before.calls:,} before.", False
    if before is not None and 2 * before.uncovered > before.calls and rule.limit is None:
        unknown = f"{before.uncovered:,} of {before.calls:,} calls before are in no figure"
        return f"Too little is known to compare the {what} with: {unknown}.", False
    if rule.direction == "below" and now.uncovered and now.value <= bound:
        return f"The {what} is known of too few calls: {now.uncovered:,} are in no figure.", False
    return "", True


def _worth(look: Look, now: Reading, expected: Decimal | None) -> bool:
    rule = look.rule
    if rule.measure is not Measure.COST or now.value is None:
        return True
    return abs(now.value - (expected or 0)) >= rule.least_usd


def _at_most(measure: Measure, now: Reading) -> Decimal | None:
    """What it may come to with the calls that are in no figure; None where that can't be told."""
    if not now.uncovered or now.value is None:
        return now.value
    covered = now.calls - now.uncovered
    return now.value * (1 + DEARER * Decimal(now.uncovered) / covered) if measure in ADDED_UP and covered > 0 else None


def _is_calm(actual: Decimal | None, bound: Decimal | None, *, above: bool) -> bool:
    if actual is None or bound is None:
        return False
    return actual < bound * CALM or actual == 0 if above else actual * CALM > bound


def _is_critical(look: Look, actual: Decimal | None, *, above: bool) -> bool:
    limit = look.rule.critical_limit
    if limit is None or actual is None:
        return False
    return actual >= limit if above else actual <= limit


def _times(expected: Decimal | None, compare: Compare | None) -> Decimal | None:
    return expected * compare.ratio if expected is not None and compare is not None else None


def _of_speed(speed: Speed, *, p95: bool) -> Reading:
    return Reading(Decimal(speed.p95 if p95 else speed.p50) if speed.calls else None, speed.calls)


def _of_sums(measure: Measure, sums: Sums) -> Reading:
    return Reading(value(measure, sums), sums.calls, uncovered(measure, sums), sums.leaves_out)


def _blank(measure: Measure) -> Reading:
    return Reading(None, 0) if measure in SPEEDS else _of_sums(measure, NOTHING)


_NAMES: Mapping[Measure, str] = {
    Measure.COST: "cost",
    Measure.CALLS: "number of calls",
    Measure.ERRORS: "number of failed calls",
    Measure.INPUT_TOKENS: "number of input tokens",
    Measure.OUTPUT_TOKENS: "number of output tokens",
    Measure.TOKENS: "number of tokens",
    Measure.ERROR_RATE: "share of failed calls",
    Measure.COST_PER_CALL: "cost per call",
    Measure.LATENCY_P50: "median latency",
    Measure.LATENCY_P95: "95th percentile of latency",
    Measure.TTFT_P50: "median time to the first token",
    Measure.TTFT_P95: "95th percentile of the time to the first token",
}


def _sentence(look: Look, now: Reading, bound: Decimal | None, expected: Decimal | None) -> str:
    rule, unit = look.rule, UNITS[look.rule.measure]
    said = f"In the last {wording.duration(rule.window_s)} the {look.what or _NAMES[rule.measure]} was"
    least = " at least" if now.uncovered else ""
    against = f"the limit is {wording.amount(bound, unit)}"
    if expected is not None:
        against = f"before it was {wording.amount(expected, unit)}, and {against}"
    beside = (
        f"; {now.uncovered:,} {'call is' if now.uncovered == 1 else 'calls are'} in no figure" if now.uncovered else ""
    )
    return f"{said}{least} {wording.amount(now.value, unit)}; {against}{beside}."
