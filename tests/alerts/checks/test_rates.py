"""Calls that failed, were refused or told too little in; what the checks of shares, single calls and silence say out."""

from decimal import Decimal

import pytest
from alerts.made_rules import NOW, answers, dollars, rule, where

from farthing.alerts.checks import rates, runaway, watch
from farthing.alerts.checks.looking import Look
from farthing.alerts.replay import Recorded, Single
from farthing.alerts.rule import Kind, Measure
from farthing.alerts.sums import Drift, Largest, Sums, Where
from farthing.query.moments import NS


@pytest.mark.parametrize(("calls", "fires"), [(4, False), (5, True)])
def test_five_refusals_are_too_many(calls: int, fires: bool) -> None:
    of = rule(Kind.RATE_LIMIT, limit=Decimal(5), window="5m")
    refused = Where(of.project_id, (*of.scope, *rates.RATE_LIMITED), of.dimensions)
    (found,) = rates.rate_limit(Look(of, NOW, answers(refused, [(NOW - 299, (), dollars(0, calls=calls))])))
    assert (found.firing, found.actual) == (fires, Decimal(calls))


def test_that_no_call_was_refused_is_known() -> None:
    (found,) = rates.rate_limit(Look(rule(Kind.RATE_LIMIT, limit=Decimal(5)), NOW, Recorded()))
    assert (found.judged, found.firing, found.calm) == (True, False, True)


def test_models_without_a_price_and_calls_without_usage_are_told_of() -> None:
    of = rule(Kind.UNPRICED, limit=None, by=("model",))
    cells = [(NOW - 60, ("quill-9",), dollars(1, unpriced=2)), (NOW - 60, ("gpt-5",), dollars(1))]
    found = {one.group[0][1]: one.firing for one in rates.unpriced(Look(of, NOW, answers(where(of), cells)))}
    assert found == {"quill-9": True, "gpt-5": False}
    of = rule(Kind.UNKNOWN_USAGE, limit=Decimal("0.25"))
    (share,) = rates.unknown_usage(Look(of, NOW, answers(where(of), [(NOW - 60, (), Sums(8, 0, 0, 2))])))
    assert (share.firing, share.actual, share.unit) == (True, Decimal("0.25"), "ratio")


def test_one_call_that_wrote_too_much_is_named_and_over_when_its_window_is() -> None:
    of = rule(Kind.RUNAWAY, limit=Decimal(50_000), by=("feature",))
    recorded = Recorded()
    recorded.singles = [Single(("chat",), Largest(Decimal(126_208), "ab-cd", (NOW - 60) * NS, 1))]
    (found,) = runaway.judge(Look(of, NOW, recorded))
    assert (found.firing, found.actual, found.since_ns) == (True, Decimal(126_208), (NOW - 60) * NS)
    assert found.drivers[0].dimensions == (("call", "ab-cd"),)
    (later,) = runaway.judge(Look(of, NOW + 3_600, recorded, (("chat",),)))
    assert (later.firing, later.calm) == (False, True)


def test_silence_is_noticed_where_there_were_calls_before() -> None:
    of = rule(Kind.SILENT, limit=None, by=("feature",))
    cells = [(NOW - 86_400, ("was",), dollars(1)), (NOW - 60, ("is",), dollars(1)), (NOW - 86_400, ("is",), dollars(1))]
    found = {one.group[0][1]: one.firing for one in watch.silent(Look(of, NOW, answers(where(of), cells)))}
    assert found == {"was": True, "is": False}
    (never,) = watch.silent(Look(rule(Kind.SILENT, limit=None), NOW, Recorded()))
    assert (never.firing, never.judged) == (False, False)


def test_old_prices_and_bills_that_say_otherwise_are_told_of() -> None:
    of = rule(Kind.STALE_PRICES, limit=None, window="60d", measure=Measure.COST)
    recorded = Recorded()
    assert not watch.stale_prices(Look(of, NOW, recorded))[0].judged
    recorded.prices = NOW - 61 * 86_400
    assert watch.stale_prices(Look(of, NOW, recorded))[0].firing
    of = rule(Kind.DRIFT, limit=Decimal("0.05"))
    assert not watch.drift(Look(of, NOW, recorded))[0].judged
    recorded.found_drifts = [Drift((("provider", "openai"),), Decimal(90), Decimal(100), 0, NOW * NS)]
    (found,) = watch.drift(Look(of, NOW, recorded))
    assert (found.firing, found.actual) == (True, Decimal("0.1"))
