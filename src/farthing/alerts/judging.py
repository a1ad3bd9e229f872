"""A rule and a moment in; the verdicts of the check for its kind out. Pure, but for whoever is asked."""

from collections.abc import Callable, Mapping

from farthing.alerts.checks import latency, rates, runaway, threshold, watch
from farthing.alerts.checks.looking import Look
from farthing.alerts.rule import Kind
from farthing.alerts.verdict import Verdict

Judge = Callable[[Look], list[Verdict]]

JUDGES: Mapping[Kind, Judge] = {
    Kind.THRESHOLD: threshold.judge,
    Kind.RATE_LIMIT: rates.rate_limit,
    Kind.ERROR_RATE: rates.error_rate,
    Kind.LATENCY: latency.judge,
    Kind.RUNAWAY: runaway.judge,
    Kind.UNPRICED: rates.unpriced,
    Kind.UNKNOWN_USAGE: rates.unknown_usage,
    Kind.STALE_PRICES: watch.stale_prices,
    Kind.SILENT: watch.silent,
    Kind.DRIFT: watch.drift,
}


def judge(look: Look) -> list[Verdict]:
    """What is to be said of each group. Raises `StoreError`."""
    if look.rule.kind is Kind.ANOMALY:
        # Here and not on top: a server without such a rule needs no numpy.
        from farthing.alerts.checks import anomaly  # noqa: PLC0415

        return anomaly.judge(look, look.answers.past(look.where, look.rule.measure))
    return JUDGES[look.rule.kind](look)
