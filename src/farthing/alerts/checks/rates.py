"""Calls that failed, were refused, have no price or told no usage in; whether they are too many, or too large a share, out. Pure."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from farthing.alerts.checks import threshold
from farthing.alerts.checks.looking import Look
from farthing.alerts.checks.threshold import Reading
from farthing.alerts.rule import Measure, Rule
from farthing.alerts.sums import Sums, Where, share
from farthing.alerts.verdict import Group, Verdict
from farthing.query import filters

RATE_LIMITED = filters.parse({"status": ["429"]})
"""All ways in which libraries report that a provider was asked too often."""

_NONE = Reading(Decimal(0), 0)


def rate_limit(look: Look) -> list[Verdict]:
    """So many calls that were refused because there were too many."""
    where = Where(look.rule.project_id, (*look.rule.scope, *RATE_LIMITED), look.rule.dimensions)
    found = look.answers.sums(where, look.start, look.at)
    counted = {group: Reading(Decimal(sums.calls), sums.calls) for group, sums in found.items()}
    return _verdicts(look, Measure.CALLS, "number of calls refused because there were too many", counted)


def error_rate(look: Look) -> list[Verdict]:
    """The share of failed calls."""
    return threshold.judge(look._replace(rule=msgspec.structs.replace(look.rule, measure=Measure.ERROR_RATE)))


def unpriced(look: Look) -> list[Verdict]:
    """Calls of models without a price; one is too many where nothing else is said."""
    limited = msgspec.structs.replace(look.rule, limit=look.rule.limit or Decimal(1))
    found = _sums(look)
    counted = {
        group: Reading(Decimal(sums.unpriced_calls), sums.calls, leaves_out=sums.leaves_out)
        for group, sums in found.items()
    }
    return _verdicts(look._replace(rule=limited), Measure.CALLS, "number of calls without a price", counted)


def unknown_usage(look: Look) -> list[Verdict]:
    """The share of calls of which nobody told what they used."""
    shares = {
        group: Reading(share(sums.unknown_usage_calls, sums.calls), sums.calls, leaves_out=sums.leaves_out)
        for group, sums in _sums(look).items()
    }
    return _verdicts(look, Measure.ERROR_RATE, "share of calls whose usage nobody told", shares)


def _sums(look: Look) -> Mapping[Group, Sums]:
    return look.answers.sums(look.where, look.start, look.at)


def _verdicts(look: Look, measure: Measure, what: str, found: Mapping[Group, Reading]) -> list[Verdict]:
    rule: Rule = msgspec.structs.replace(look.rule, measure=measure, compare=None)
    mine = look._replace(rule=rule, what=what)
    # Of no call at all there is no share; but there were certainly none that were refused.
    none = Reading(None, 0) if measure is Measure.ERROR_RATE else _NONE
    return [threshold.verdict(mine, group, found.get(group, none), None) for group in look.groups(found)]
