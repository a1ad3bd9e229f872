"""How long calls took in a window and before in; whether they became slower than the rule allows out. Pure."""

import msgspec

from farthing.alerts.checks import threshold
from farthing.alerts.checks.looking import Look
from farthing.alerts.rule import Measure
from farthing.alerts.sums import SPEEDS
from farthing.alerts.verdict import Verdict

LEAST_CALLS = 20
"""A 95th percentile of fewer calls is the slowest one."""


def judge(look: Look) -> list[Verdict]:
    """By default of the 95th percentile of latency."""
    rule = look.rule
    measure = rule.measure if rule.measure in SPEEDS else Measure.LATENCY_P95
    least = rule.least_calls or LEAST_CALLS
    return threshold.judge(look._replace(rule=msgspec.structs.replace(rule, measure=measure, least_calls=least)))
