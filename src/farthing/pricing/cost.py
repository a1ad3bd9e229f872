"""A call and a catalogue in; what the call cost, line by line at the rates of its own start time, out."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from farthing.model.call import Call, Operation
from farthing.model.ledger import UNKNOWN, Cost, CostStatus, Grade, Line
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket, Usage, UsageSource, unit_of
from farthing.pricing.catalog import MEMO, Catalog, Quote
from farthing.pricing.rates import PER_MTOK, REQUEST, Charge, joined

MOST = 10**12
"""A count above this is no usage: nobody bills a trillion tokens for one call, and no amount could hold its price."""

# Looked up once: reading a member off its Enum costs more than the rest of a line.
_UNPRICED, _ESTIMATED = Grade.UNPRICED, Grade.ESTIMATED
_INPUT, _OUTPUT = Bucket.INPUT, Bucket.OUTPUT
_STATUS_UNPRICED, _STATUS_ESTIMATED = CostStatus.UNPRICED, CostStatus.ESTIMATED
_STATUS_COMPUTED, _STATUS_UNKNOWN = CostStatus.COMPUTED, CostStatus.UNKNOWN
_SOURCE_MISSING, _SOURCE_ESTIMATED = UsageSource.MISSING, UsageSource.ESTIMATED
_EMBEDDINGS = Operation.EMBEDDINGS


class Asked(msgspec.Struct, frozen=True, gc=False):
    """What of a call its price depends on."""

    provider: str
    request_model: str
    usage: Usage
    start_ns: int
    response_model: str = ""
    served_tier: str = ""
    region: str = ""
    operation: str = Operation.CHAT


def price(call: Call, catalog: Catalog) -> Cost:
    """The cost of a call by the prices that were in force when it began.

    Every bucket that was used gives one line. A bucket without a rate leaves its line, and with it the whole
    cost, unpriced; a side of the usage that is charged for and was not reported leaves the cost unknown.
    """
    return price_of(call, catalog)


def price_of(call: Call | Asked, catalog: Catalog) -> Cost:
    """The same for as much of a call as matters."""
    usage = call.usage
    if (refused := _refused(usage)) is not None:
        return refused
    quote = catalog.quote(
        call.provider, call.response_model, call.request_model, call.served_tier, call.start_ns, call.region
    )
    return _cost(usage, quote, call.operation, catalog)


def price_many(calls: Iterable[Call], catalog: Catalog) -> list[Cost]:
    """The same costs for many calls at once, each quotation made once for as long as the same prices hold."""
    costs: list[Cost] = []
    quotes: dict[tuple[str, str, str, str, str], tuple[int, int, Quote]] = {}
    for call in calls:
        usage = call.usage
        if (refused := _refused(usage)) is not None:
            costs.append(refused)
            continue
        key = (call.provider, call.response_model, call.request_model, call.served_tier, call.region)
        at_ns = call.start_ns
        start, end, quote = quotes.get(key, _NO_QUOTE)
        if not start <= at_ns < end:
            quote = catalog.quote(*key[:4], at_ns, key[4])
            start, end = catalog.holds(*key[:3], at_ns)
            if len(quotes) < MEMO:
                quotes[key] = start, end, quote
        costs.append(_cost(usage, quote, call.operation, catalog))
    return costs


_NO_QUOTE = (0, 0, Quote({}, ""))


def _refused(usage: Usage) -> Cost | None:
    if not usage.buckets or usage.source == _SOURCE_MISSING:
        return UNKNOWN
    counts = usage.buckets.values()
    if min(counts) < 0 or max(counts) > MOST:
        return Cost(_STATUS_UNKNOWN, rule="a count beyond reason was reported")
    return None


def _cost(usage: Usage, quote: Quote, operation: str, catalog: Catalog) -> Cost:
    lines = _lines(usage, quote.charges)
    status, rule = _status(lines), quote.rule
    if status is _STATUS_UNPRICED and quote.charges:
        missing = ", ".join([line.bucket for line in lines if line.rate is None])
        rule = f"{rule}; no rate for {missing}"
    if untold := _untold(usage, quote.charges, operation):
        status, rule = _STATUS_UNKNOWN, f"{rule}; {untold}"
    return Cost(status, tuple(lines), catalog.version, catalog.source_text, rule, quote.matched_model)


def _lines(usage: Usage, charges: Mapping[str, Charge]) -> list[Line]:
    buckets = usage.buckets
    estimated = usage.source == _SOURCE_ESTIMATED
    used = [item for item in buckets.items() if item[1]] or [(_one_of(buckets, charges), 0)]
    if REQUEST in charges and REQUEST not in buckets:
        used.append((REQUEST, 1))
    lines: list[Line] = []
    context = None
    for bucket, quantity in used:
        charge = charges.get(bucket)
        if charge is None:
            charge = _of_plain(bucket, charges)
            if charge is None:
                lines.append(_unpriced(bucket, quantity))
                continue
        rate = charge.rate
        usd, tier = rate.usd, charge.tier
        grade = _ESTIMATED if estimated else charge.grade
        if rate.steps:
            if rate.marginal:
                lines.extend(_marginal(bucket, quantity, charge, buckets, grade))
                continue
            if context is None:
                # Decided on everything the model had to read, cached or not.
                context = sum([n for name, n in buckets.items() if name in INPUT_SIDE])
            for above, higher in rate.steps:
                if context > above:
                    usd, tier = higher, f"{charge.tier}, input > {above}"
        amount = quantity * usd // rate.per
        lines.append(Line(bucket, quantity, rate.unit, usd, rate.per, amount, grade, tier, charge.rule, charge.source))
    return lines


def _of_plain(bucket: str, charges: Mapping[str, Charge]) -> Charge | None:
    """The charge of a bucket for a variant of it (`images.hd`) that has none of its own."""
    plain, dot, variant = bucket.partition(".")
    charge = charges.get(plain) if dot else None
    if charge is None:
        return None
    why = f"no rate for {variant}; that of {plain} used"
    return Charge(charge.rate, charge.tier, joined(charge.rule, why), _ESTIMATED, charge.source)


def _unpriced(bucket: str, quantity: int) -> Line:
    unit = unit_of(bucket)
    return Line(bucket, quantity, unit, None, PER_MTOK if unit == "token" else 1, None, _UNPRICED)


_IN_CONTEXT = (
    *(b.value for b in (Bucket.CACHE_READ, Bucket.AUDIO_CACHE_READ, Bucket.IMAGE_CACHE_READ, Bucket.CACHE_WRITE)),
    *(b.value for b in (Bucket.CACHE_WRITE_30M, Bucket.CACHE_WRITE_1H, Bucket.CACHE_WRITE_12H, Bucket.INPUT)),
    *(b.value for b in (Bucket.AUDIO_INPUT, Bucket.IMAGE_INPUT, Bucket.VIDEO_INPUT, Bucket.REASONING)),
    *(b.value for b in (Bucket.OUTPUT, Bucket.CITATION, Bucket.AUDIO_OUTPUT, Bucket.IMAGE_OUTPUT)),
    Bucket.VIDEO_OUTPUT.value,
)
"""The order in which tokens lie in a context: what is cached is its beginning."""


def _marginal(bucket: str, quantity: int, charge: Charge, buckets: Mapping[str, int], grade: Grade) -> Iterator[Line]:
    """A line for each part of the bucket between two steps."""
    rate = charge.rate
    start = 0
    if bucket in _IN_CONTEXT:
        start = sum(buckets.get(before, 0) for before in _IN_CONTEXT[: _IN_CONTEXT.index(bucket)])
    edges = [(0, rate.usd), *rate.steps]
    for at, (above, usd) in enumerate(edges):
        until = edges[at + 1][0] if at + 1 < len(edges) else start + quantity
        part = min(until, start + quantity) - max(above, start)
        if part > 0 or (quantity == 0 and at == 0):
            tier = f"{charge.tier}, beyond {above}" if above else charge.tier
            amount = part * usd // rate.per if quantity else 0
            yield Line(
                bucket,
                part if quantity else 0,
                rate.unit,
                usd,
                rate.per,
                amount,
                grade,
                tier,
                charge.rule,
                charge.source,
            )


def _one_of(buckets: Mapping[str, int], charges: Mapping[str, Charge]) -> str:
    return next((bucket for bucket in buckets if bucket in charges), next(iter(buckets)))


def _status(lines: list[Line]) -> CostStatus:
    grades = [line.grade for line in lines]
    if _UNPRICED in grades:
        return _STATUS_UNPRICED
    return _STATUS_ESTIMATED if _ESTIMATED in grades else _STATUS_COMPUTED


def _untold(usage: Usage, charges: Mapping[str, Charge], operation: str) -> str:
    """What is charged for and was not reported; "" when everything was."""
    buckets = usage.buckets
    if not usage.whole:
        return "the library leaves out a part of the input"
    if _INPUT in charges and INPUT_SIDE.isdisjoint(buckets):
        return "the input was not reported"
    if _OUTPUT in charges and OUTPUT_SIDE.isdisjoint(buckets) and operation != _EMBEDDINGS:
        return "the output was not reported"
    return ""
