"""Calls in, the answer to a question out: worked out the plain way in Python, to hold the real answers against."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from farthing.model import money
from farthing.model.call import PricedCall, Status
from farthing.model.ledger import CostStatus

Json = dict[str, Any]
NS = 10**9

VALUE: Mapping[str, Callable[[PricedCall], str]] = {
    "provider": lambda p: p.call.provider,
    "model": lambda p: p.call.model,
    "response_model": lambda p: p.call.response_model,
    "status": lambda p: p.call.status.value,
    "operation": lambda p: p.call.operation,
    "feature": lambda p: p.call.attribution.feature,
    "user": lambda p: p.call.attribution.user_id,
    "session": lambda p: p.call.attribution.session_id,
    "team": lambda p: p.call.attribution.team,
    "tenant": lambda p: p.call.attribution.tenant,
    "environment": lambda p: p.call.attribution.environment,
    "prompt_version": lambda p: p.call.attribution.prompt_version,
    "tag.region": lambda p: p.call.attribution.tags.get("region", ""),
    "tag.it's": lambda p: p.call.attribution.tags.get("it's", ""),
}


def begins(granularity: str, at_ns: int, tz: str) -> int:
    """The Unix second at which the local day, week or month (or the hour) that holds a moment begins."""
    zone = ZoneInfo(tz)
    if granularity == "hour":
        return at_ns // NS // 3_600 * 3_600
    day = datetime.fromtimestamp(at_ns // NS, zone).date()
    if granularity == "week":
        day -= timedelta(days=day.weekday())
    if granularity == "month":
        day = day.replace(day=1)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def measures(calls: Iterable[PricedCall]) -> Json:
    """What the API says about these calls, but for latency quantiles."""
    chosen = list(calls)
    costs = [p.cost for p in chosen]
    usages = [p.call.usage for p in chosen]
    durations = [p.call.duration_ns // 1_000_000 for p in chosen]
    return {
        "cost_usd": _dollars([c.amount for c in costs]),
        "input_cost_usd": _dollars([c.input_amount for c in costs]),
        "output_cost_usd": _dollars([c.output_amount for c in costs]),
        "calls": len(chosen),
        "errors": sum(p.call.status is Status.ERROR for p in chosen),
        "input_tokens": _sum([u.input_tokens for u in usages]),
        "output_tokens": _sum([u.output_tokens for u in usages]),
        "cached_input_tokens": _sum([u.cache_read_tokens for u in usages]),
        "unpriced_calls": sum(c.status is CostStatus.UNPRICED for c in costs),
        "unknown_usage_calls": sum(p.cost.status is CostStatus.UNKNOWN and p.call.may_be_charged for p in chosen),
        "latency_ms": {
            "avg": (2 * sum(durations) + len(chosen)) // (2 * len(chosen)) if chosen else None,
            "min": min(durations, default=None),
            "max": max(durations, default=None),
        },
    }


def grouped(calls: Iterable[PricedCall], by: Iterable[str]) -> dict[tuple[str | None, ...], Json]:
    """Measures by the values of dimensions."""
    names = list(by)
    groups: dict[tuple[str | None, ...], list[PricedCall]] = {}
    for priced in calls:
        groups.setdefault(tuple(VALUE[name](priced) or None for name in names), []).append(priced)
    return {key: measures(members) for key, members in groups.items()}


def quantile_bounds(calls: Iterable[PricedCall], q: float) -> tuple[float, float]:
    """What a latency quantile with a relative error of one per cent, rounded to a millisecond, lies between."""
    durations = sorted(p.call.duration_ns // 1_000_000 for p in calls)
    rank = q * (len(durations) - 1)
    return durations[int(rank)] * 0.99 - 0.5, durations[min(int(rank) + 1, len(durations) - 1)] * 1.01 + 0.5


def _sum(numbers: list[int | None]) -> int | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if known or not numbers else None


def _dollars(units: list[int | None]) -> str | None:
    total = _sum(units)
    return None if total is None else money.decimal_text(Decimal(money.to_decimal(total)))
