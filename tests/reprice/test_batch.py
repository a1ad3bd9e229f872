"""Stored calls priced again in batches: to the last digit what the engine says of each alone."""

import random
from decimal import Decimal
from typing import Any

import pytest
from drawn_calls import AGREED, END, START, columns, drawn, override, stored

from farthing.model import money
from farthing.model.call import Call
from farthing.model.ledger import CostStatus
from farthing.model.usage import Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.cost import price
from farthing.reprice.batch import Outcome, reprice
from farthing.reprice.tally import from_kept
from farthing.store.telemetry import call_rows, repriced
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import Span


def changed(outcome: Outcome) -> dict[bytes, dict[str, Any]]:
    return {row["trace_id"]: row for table in outcome.changes for row in table.drop_columns(["start_time"]).to_pylist()}


def money_of(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        row[name] for name in ("cost_status", "cost", "line_bucket", "line_quantity", "line_rate", "line_amount")
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_comes_out_as_each_call_alone(telemetry_engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    before = base.load()
    after = before.overridden(AGREED)
    calls = [drawn(number, chance) for number in range(1, 1_500)]
    asked = stored(telemetry_engine, calls, before)
    outcome = reprice(repriced.load(telemetry_engine, asked, Span(START, END)), lambda _: after)
    found = changed(outcome)
    assert found
    for call in calls:
        old, new = columns(call, before), columns(call, after)
        row = found.get(call.trace_id)
        if row is None:
            assert money_of(old) == money_of(new), call
        else:
            assert {name: row[f"old_{name}"] for name in call_rows.COSTS} == old
            assert {name: row[f"new_{name}"] for name in call_rows.COSTS} == new, call


def test_sums_are_those_of_the_rows(telemetry_engine: Engine) -> None:
    chance = random.Random(7)
    before = base.load()
    after = before.overridden(AGREED)
    calls = [drawn(number, chance) for number in range(1, 800)]
    asked = stored(telemetry_engine, calls, before)
    tally = reprice(repriced.load(telemetry_engine, asked, Span(START, END)), lambda _: after).tally
    owners = [call for call in calls if call.owner is None]
    for catalog, total in ((before, tally.total.old_cost), (after, tally.total.new_cost)):
        assert total is not None
        assert money.to_units(total) == sum(price(call, catalog).amount or 0 for call in owners)
    unpriced = [sum(price(c, of).status is CostStatus.UNPRICED for c in owners) for of in (before, after)]
    assert [tally.total.old_unpriced, tally.total.new_unpriced] == unpriced
    assert tally.total.calls == len(owners)
    assert from_kept(tally.kept()) == tally


def test_the_same_prices_change_nothing(telemetry_engine: Engine) -> None:
    chance = random.Random(11)
    catalog = base.load()
    calls = [drawn(number, chance) for number in range(1, 1_000)]
    asked = stored(telemetry_engine, calls, catalog)
    outcome = reprice(repriced.load(telemetry_engine, asked, Span(START, END)), lambda _: catalog)
    assert not outcome.changes
    assert outcome.tally.touched == 0
    assert outcome.tally.total.old_cost == outcome.tally.total.new_cost


def test_a_rate_that_does_not_divide_is_cut_off_as_the_engine_does(telemetry_engine: Engine) -> None:
    before = base.load()
    after = before.overridden([override("quill-9", "acme", {"input": "0.000000000000000001", "output": "1"})])
    calls = [
        Call(
            n.to_bytes(16, "big"),
            bytes(8),
            START + n,
            1,
            "test",
            "acme",
            "quill-9",
            usage=Usage({"input": n, "output": 1}, UsageSource.PROVIDER),
        )
        for n in range(1, 20)
    ]
    asked = stored(telemetry_engine, calls, before)
    found = changed(reprice(repriced.load(telemetry_engine, asked, Span(START, END)), lambda _: after))
    assert found[calls[6].trace_id]["new_cost"] == Decimal("0.000001000000000000000007")
