"""Data points of metrics that tell what model calls used in; calls out, each standing for all those of one interval.

A counter knows no single calls. What it gained between two exports is one `Call`, dated at the later export: usage in
buckets, the cost the emitter reported. All series that were exported together and differ in the type of token only
are one call. A pure function of the set of points: order and repetition make no difference.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from farthing.model.call import Call, Status
from farthing.model.metric import Kind, Point, Temporality
from farthing.model.span import NO_PARENT, STATUS_UNSET, Attributes, Span
from farthing.model.usage import Usage, UsageSource
from farthing.normalize import semconv
from farthing.normalize.attribution import attribute

NAME = "metrics"
"""The dialect by which calls made of metrics are known."""

LONGEST_NS = 86_400 * 10**9
"""An interval longer than this is taken to be this long: what began earlier is not looked for."""

COST = "cost"

MANY = bytes(8)
"""The owner of what several calls own together: none of them alone."""

_NAMES = {
    "input": "gen_ai.usage.input_tokens",
    "output": "gen_ai.usage.output_tokens",
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
    COST: "gen_ai.usage.cost_usd",
}
"""Field → the attribute under which a span would tell it."""


class Meter(msgspec.Struct, frozen=True):
    """How a metric is read. Without `split_by` all of it is `fields[""]`."""

    fields: Mapping[str, str]
    split_by: str = ""
    """The attribute that says which type of token a series counts."""
    provider: str = ""
    input_includes_cache: bool = True
    counts_requests: bool = False
    """Whether a histogram of it holds one value per request."""
    rank: int = 0
    """Of two metrics of one emitter that tell the same, the one with the lower rank is read."""


METERS: Mapping[str, Meter] = {
    "gen_ai.client.token.usage": Meter(
        {"input": "input", "prompt": "input", "output": "output", "completion": "output"},
        "gen_ai.token.type",
        counts_requests=True,
    ),
    "gen_ai.usage.input_tokens": Meter({"": "input"}, rank=1),
    "gen_ai.usage.output_tokens": Meter({"": "output"}, rank=1),
    "gen_ai.usage.cost": Meter({"": COST}, counts_requests=True),
    "operation.cost": Meter({"": COST}, counts_requests=True),
    "claude_code.token.usage": Meter(
        {"input": "input", "output": "output", "cacheRead": "cache_read", "cacheCreation": "cache_write"},
        "type",
        provider="anthropic",
        input_includes_cache=False,
    ),
    "claude_code.cost.usage": Meter({"": COST}, provider="anthropic", input_includes_cache=False),
    # one value per turn, which is several requests
    "codex.turn.token_usage": Meter(
        {"input": "input", "cached_input": "cache_read", "output": "output", "reasoning_output": "reasoning"},
        "token_type",
        provider="openai",
    ),
}
"""The metrics that tell tokens or cost of model calls, by name. No other one is ever read as usage."""

_LEAVES_CACHE_OUT = {"openlit.otel.metrics": "anthropic"}
"""Scope → the provider of whose input it counts the uncached part only, and nowhere the rest."""

_GUESSES = {"openlit.otel.metrics": "openai"}
"""Scope → the provider whose streams it counts by guess, which nobody can tell apart in a sum."""

_VOCABULARY = semconv.CONVENTIONS.extended({"request_model": ("model",)})


class Level(msgspec.Struct, frozen=True, gc=False):
    """What a series stood at."""

    series: bytes
    start_ns: int
    time_ns: int
    amount: Any
    count: int | None = None


class Metered(msgspec.Struct, frozen=True, gc=False):
    """All calls of one interval as one, and where else to look for them."""

    call: Call
    begin_ns: int
    requests: int | None
    """How many calls it stands for, where somebody counted them."""
    idle: bool
    """Whether nothing was used."""

    @property
    def service(self) -> str:
        """Who made the calls."""
        return self.call.attribution.tags.get("service.name", "")


def field_of(point: Point) -> str | None:
    """What of a call's usage this point tells; None for one that tells nothing, or can't be added up."""
    meter = METERS.get(point.metric.name)
    if meter is None or not _adds_up(point):
        return None
    told = point.attributes.get(meter.split_by) if meter.split_by else ""
    return meter.fields.get(told) if isinstance(told, str) else None


def level(series: bytes, point: Point) -> Level:
    """What the point's series stood at."""
    amount = point.value if point.metric.kind is Kind.SUM else point.sum
    return Level(series, point.start_ns, point.time_ns, amount, point.count)


def is_running(point: Point) -> bool:
    """Whether it counts since its series began, so that what it gained shows only beside the point before."""
    return point.metric.temporality is Temporality.CUMULATIVE


def summed(points: Iterable[tuple[bytes, Point]], levels: Iterable[Level] = ()) -> list[Metered]:
    """The calls of the intervals that these points end, all of them owners.

    Each point comes with what names its series. `levels` are further, earlier points of the same series.
    """
    groups: dict[tuple[bytes, int], dict[bytes, Point]] = {}
    seen: list[Level] = list(levels)
    for series, point in points:
        if field_of(point) is None:
            continue
        held = groups.setdefault((_trace_id(point), point.time_ns), {})
        if series not in held or _weight(point) > _weight(held[series]):
            held[series] = point
    for held in groups.values():
        seen += [level(series, point) for series, point in held.items() if is_running(point)]
    earlier = _Earlier(seen)
    return [_metered(trace_id, held, earlier) for (trace_id, _), held in sorted(groups.items(), key=lambda g: g[0])]


def _span_id(trace_id: bytes, time_ns: int) -> bytes:
    """What names the interval of a trace that ended then."""
    return hashlib.blake2b(trace_id + time_ns.to_bytes(8, "big", signed=True), digest_size=8).digest()


class _Earlier:
    """Finds what a series stood at before."""

    def __init__(self, levels: Iterable[Level]) -> None:
        self._of: dict[tuple[bytes, int], list[Level]] = {}
        for one in levels:
            if _amount(one.amount) is not None:
                self._of.setdefault((one.series, one.start_ns), []).append(one)
        for held in self._of.values():
            held.sort(key=lambda one: (one.time_ns, _amount(one.amount), one.count or 0))

    def than(self, now: Level) -> Level | None:
        held = self._of.get((now.series, now.start_ns), ())
        at = bisect_left(held, now.time_ns, key=lambda one: one.time_ns)
        return held[at - 1] if at else None


def _adds_up(point: Point) -> bool:
    metric = point.metric
    if metric.kind is Kind.SUM:
        amount = point.value if metric.monotonic else None
    else:
        amount = point.sum if metric.kind in (Kind.HISTOGRAM, Kind.EXPONENTIAL_HISTOGRAM) else None
    return metric.temporality is not Temporality.UNSPECIFIED and _amount(amount) is not None


def _amount(raw: Any) -> Decimal | None:
    """The number, a double by its shortest text; None for what can't have been counted."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    number = Decimal(str(raw))
    return number if number.is_finite() and number >= 0 else None


def _weight(point: Point) -> tuple[int, Decimal, int]:
    # A series has one point at a time; of two that contradict each other it must not matter which came first.
    return (point.start_ns, _amount(level(b"", point).amount) or Decimal(0), point.count or 0)


def _rest(point: Point) -> Attributes:
    split_by = METERS[point.metric.name].split_by
    return {key: value for key, value in point.attributes.items() if key != split_by}


def _trace_id(point: Point) -> bytes:
    """What names the source: everything its series have in common but the type of token."""
    metric = point.metric
    named = (sorted(metric.resource.attributes.items()), metric.scope.name, sorted(_rest(point).items()))
    text = msgspec.json.encode(named, enc_hook=str, order="deterministic")
    return hashlib.blake2b(text, digest_size=16).digest()


def _metered(trace_id: bytes, held: Mapping[bytes, Point], earlier: _Earlier) -> Metered:
    gained: dict[str, dict[int, Decimal]] = {}
    requests: list[int] = []
    begins: list[int] = []
    for series, point in sorted(held.items()):
        now = level(series, point)
        last = earlier.than(now) if is_running(point) else None
        amount, count = _gain(now, last)
        meter = METERS[point.metric.name]
        of_field = gained.setdefault(field_of(point) or "", {})
        of_field[meter.rank] = of_field.get(meter.rank, Decimal(0)) + amount
        begins.append(last.time_ns if last else point.start_ns or point.time_ns)
        if meter.counts_requests and count is not None:
            requests.append(count)
    told = {field: of_field[min(of_field)] for field, of_field in gained.items()}
    first = held[min(held)]
    begin_ns = max(min(*begins, first.time_ns), first.time_ns - LONGEST_NS)
    return Metered(
        _call(trace_id, first, told),
        begin_ns,
        max(requests, default=None),
        not any(told.values()),
    )


def _gain(now: Level, last: Level | None) -> tuple[Decimal, int | None]:
    amount = _amount(now.amount) or Decimal(0)
    was = _amount(last.amount) if last else None
    if last is None or was is None or amount < was:  # a counter that fell began anew
        return amount, now.count
    count = now.count - last.count if now.count is not None and last.count is not None else None
    return amount - was, count if count is None or count >= 0 else now.count


def _call(trace_id: bytes, point: Point, told: Mapping[str, Decimal]) -> Call:
    """The call as a span with these attributes would tell it."""
    metric, meter = point.metric, METERS[point.metric.name]
    rest = _rest(point)
    attributes = rest | {_NAMES[field]: _value(field, amount) for field, amount in told.items()}
    span = Span(
        trace_id,
        _span_id(trace_id, point.time_ns),
        NO_PARENT,
        metric.name,
        0,
        point.time_ns,
        point.time_ns,
        STATUS_UNSET,
        "",
        metric.scope,
        metric.resource,
        attributes,
    )
    call = semconv.call(span, NAME, input_includes_cache=meter.input_includes_cache, vocabulary=_VOCABULARY)
    provider = call.provider or meter.provider
    whole = not (_LEAVES_CACHE_OUT.get(metric.scope.name) == provider and "cache_read" not in told)
    return msgspec.structs.replace(
        call,
        provider=provider,
        # What failed among many is not what became of them.
        status=Status.OK,
        error_type="",
        served_tier=call.served_tier or ("fast" if rest.get("speed") == "fast" else ""),
        usage=_judged(call.usage, whole=whole, guessed=_GUESSES.get(metric.scope.name) == provider),
        attribution=attribute((rest,), metric.resource.attributes),
    )


def _judged(usage: Usage, *, whole: bool, guessed: bool) -> Usage:
    source = UsageSource.ESTIMATED if guessed and usage.source is UsageSource.PROVIDER else usage.source
    return msgspec.structs.replace(usage, whole=whole, source=source)


def _value(field: str, amount: Decimal) -> str | int:
    return int(amount) if field != COST and amount == int(amount) else format(amount, "f")


def restated(one: Metered) -> Call:
    """The call when others own what it counts."""
    return msgspec.structs.replace(one.call, owner=MANY)
