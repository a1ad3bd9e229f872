"""A chance in; calls of all kinds out, stored at one catalogue's prices and to be priced again at another's."""

import random
from collections.abc import Sequence
from typing import Any

from made_calls import at
from stored_calls import new_project

from farthing.model.call import Call, PricedCall
from farthing.model.usage import MISSING, Usage, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import price
from farthing.pricing.overrides import Kind, Override, OverrideRate
from farthing.pricing.rates import TOKENS
from farthing.store.telemetry import call_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.repriced import Calls

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


def columns(call: Call, catalog: Catalog) -> dict[str, Any]:
    return {name: column[0].as_py() for name, column in call_rows.costs([price(call, catalog)]).items()}
