"""Nothing in; rules that many want, each by a name, ready to be made, out. Pure."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from farthing.alerts.rule import Compare, Kind, Measure, Rule, Severity


class Preset(msgspec.Struct, frozen=True):
    """A rule to begin with. Its name is the rule's, unless somebody gives another."""

    name: str
    about: str
    rule: Rule


def _preset(name: str, about: str, kind: Kind, **fields: object) -> Preset:
    rule = msgspec.structs.replace(Rule("", "", name, kind), **fields)
    return Preset(name, about, rule)


PRESETS: Sequence[Preset] = (
    _preset(
        "spend-24h",
        "More than $500 in any 24 hours, looked at every 5 minutes; from twice as much on it is critical.",
        Kind.THRESHOLD,
        limit=Decimal(500),
        critical_limit=Decimal(1000),
        window="24h",
        every="5m",
    ),
    _preset(
        "spend-anomaly",
        "A feature spends three times what its last 14 days let expect at this hour.",
        Kind.ANOMALY,
        by=("feature",),
        window="14d",
        sensitivity=Decimal(3),
        least_usd=Decimal(1),
        cooldown="2h",
    ),
    _preset(
        "rate-limits",
        "A provider refused 5 calls in 5 minutes because there were too many.",
        Kind.RATE_LIMIT,
        limit=Decimal(5),
        window="5m",
    ),
    _preset(
        "error-rate",
        "One in ten calls of a quarter of an hour fails, of 50 at least.",
        Kind.ERROR_RATE,
        by=("model",),
        limit=Decimal("0.1"),
        least_calls=50,
        window="15m",
    ),
    _preset(
        "latency",
        "The slowest calls of a model take half as long again as in the week before.",
        Kind.LATENCY,
        measure=Measure.LATENCY_P95,
        by=("model",),
        window="30m",
        compare=Compare(ratio=Decimal("1.5"), past="7d"),
        least_calls=50,
    ),
    _preset(
        "first-token",
        "The slowest first tokens of a model take half as long again as in the week before.",
        Kind.LATENCY,
        measure=Measure.TTFT_P95,
        by=("model",),
        window="30m",
        compare=Compare(ratio=Decimal("1.5"), past="7d"),
        least_calls=50,
    ),
    _preset(
        "runaway-call",
        "One single call wrote 50,000 tokens.",
        Kind.RUNAWAY,
        measure=Measure.OUTPUT_TOKENS,
        by=("feature",),
        limit=Decimal(50_000),
        window="1h",
    ),
    _preset(
        "cost-per-call",
        "A call of a feature costs twice what it did on average in the week before.",
        Kind.THRESHOLD,
        measure=Measure.COST_PER_CALL,
        by=("feature",),
        window="6h",
        compare=Compare(ratio=Decimal(2), past="7d"),
        least_calls=50,
        severity=Severity.INFO,
    ),
    _preset(
        "unpriced-model",
        "A model without a price is used.",
        Kind.UNPRICED,
        by=("model",),
        limit=Decimal(1),
        window="24h",
        every="5m",
        cooldown="1d",
        severity=Severity.INFO,
    ),
    _preset(
        "unknown-usage",
        "Of one in twenty calls of a day nobody told the usage.",
        Kind.UNKNOWN_USAGE,
        by=("feature",),
        limit=Decimal("0.05"),
        least_calls=20,
        window="24h",
        every="5m",
        cooldown="1d",
        severity=Severity.INFO,
    ),
    _preset(
        "stale-prices",
        "The price data is older than 60 days.",
        Kind.STALE_PRICES,
        window="60d",
        every="1h",
        cooldown="1d",
        severity=Severity.INFO,
    ),
    _preset("silent", "No calls for an hour, though there were some in the week before.", Kind.SILENT, window="1h"),
    _preset(
        "bill-drift",
        "A provider's bill is 5 % away from what was reckoned. Bills can't be entered yet: until then it says that it can't be judged.",
        Kind.DRIFT,
        limit=Decimal("0.05"),
        least_usd=Decimal(1),
        every="1h",
        cooldown="1d",
    ),
)


def find(name: str) -> Preset | None:
    """The preset with this name."""
    return next((one for one in PRESETS if one.name == name), None)
