"""Stored calls priced again in batches: to the last digit what the engine says of each alone."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from made_calls import at
from stored_calls import new_project

from farthing.model import money
from farthing.model.call import Call, PricedCall
from farthing.model.ledger import CostStatus
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.pricing import base
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import price
from farthing.pricing.overrides import Kind, Override, OverrideRate
from farthing.pricing.rates import TOKENS
from farthing.reprice.batch import Outcome, reprice
from farthing.reprice.tally import from_kept
from farthing.store.telemetry import call_rows, repriced, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import Calls, Span

START = at("2026-11-01T00:00:00")
END = at("2026-11-03T00:00:00")

MODELS = (
    ("openai", "gpt-4o-mini", "", ""),
    ("openai", "gpt-4o", "gpt-4o-2024-08-06", "batch"),
    ("openai", "gpt-5", "", "priority"),
    ("anthropic", "claude-sonnet-4-5", "", ""),
    ("google", "gemini-2.5-pro", "", ""),
    ("deepseek", "deepseek-chat", "", ""),
    ("perplexity", "sonar-pro", "", ""),
    ("acme", "quill-9", "", ""),
)
BUCKETS = ("input", "cache_read", "cache_write", "output", "reasoning", "audio_input", "web_searches", "images.hd")


def override(model: str, provider: str, rates: dict[str, str], **more: Any) -> Override:
    return Override(
        id=f"o-{model}",
        kind=Kind.RATES,
        provider=provider,
        model=model,
        rates={bucket: OverrideRate(usd) for bucket, usd in rates.items()},
        **more,
    )


AGREED = (
    override("quill-9", "acme", {"input": "3", "output": "9"}),
    override("gpt-4o", "openai", {"input": "2", "output": "8"}, valid_from=at("2026-11-01T18:00:00")),
    Override(
        id="o-steps",
        kind=Kind.RATES,
        provider="google",
        model="gemini-2.5-pro",
        rates={
            "input": OverrideRate("1", steps=((200_000, "2"),)),
            "cache_read": OverrideRate("0.1", steps=((200_000, "0.2"), (400_000, "0.3"))),
            "output": OverrideRate("7", steps=((200_000, "11"),)),
        },
    ),
    Override(
        id="o-marginal",
        kind=Kind.RATES,
        provider="deepseek",
        model="deepseek-chat",
        rates={"input": OverrideRate("1", steps=((100_000, "3"),), marginal=True), "output": OverrideRate("4")},
    ),
    Override(id="o-off", kind=Kind.DISCOUNT, provider="openai", model="gpt-5", discount_percent="33.3"),
)


def drawn(number: int, chance: random.Random) -> Call:
    provider, model, response, tier = chance.choice(MODELS)
    kind = chance.random()
    told = chance.sample(BUCKETS, chance.randint(1, 4)) if kind < 0.3 else ["input", "cache_read", "output"]
    # A row doesn't hold a zero of anything but tokens.
    counts = {bucket: (0, 1, 17, 1_000, 250_000, 700_000) if bucket in TOKENS else (1, 2, 900) for bucket in told}
    buckets = {b: chance.choice(of) if kind < 0.5 else chance.randint(1, 3_000) for b, of in counts.items()}
    source = chance.choice((UsageSource.PROVIDER,) * 9 + (UsageSource.ESTIMATED,))
    usage = MISSING if kind > 0.97 else Usage(buckets, source)
    return Call(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        start_ns=chance.randrange(START, END),
        duration_ns=1,
        dialect="test",
        provider=provider,
        request_model=model,
        response_model=response,
        served_tier=tier,
        usage=usage,
        owner=None if chance.random() < 0.9 else b"somebody",
    )


def stored(engine: Engine, calls: Sequence[Call], catalog: Catalog) -> Calls:
    project = new_project()
    table = call_rows.table(project, [PricedCall(call, price(call, catalog)) for call in calls])
    engine.insert("calls", span_rows.numbered([table], "revision", 1))
    return Calls(project, "project_id = {project:String}", {"project": project})


def changed(outcome: Outcome) -> dict[bytes, dict[str, Any]]:
    return {row["trace_id"]: row for table in outcome.changes for row in table.drop_columns(["start_time"]).to_pylist()}


def columns(call: Call, catalog: Catalog) -> dict[str, Any]:
    return {name: column[0].as_py() for name, column in call_rows.costs([price(call, catalog)]).items()}


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
