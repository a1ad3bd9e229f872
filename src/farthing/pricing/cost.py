"""A call and a catalogue in; what the call cost, line by line at the rates of its own start time, out."""

from collections.abc import Mapping

from farthing.model.call import Call, Operation
from farthing.model.ledger import UNKNOWN, Cost, CostStatus, Grade, Line
from farthing.model.usage import INPUT_SIDE, OUTPUT_SIDE, Bucket, Usage, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.rates import PER_MTOK, REQUEST, Charge

MOST = 10**12
"""A count above this is no usage: nobody bills a trillion tokens for one call, and no amount could hold its price."""

# Looked up once: reading a member off its Enum costs more than the rest of a line.
_UNPRICED, _ESTIMATED = Grade.UNPRICED, Grade.ESTIMATED
_INPUT, _OUTPUT = Bucket.INPUT, Bucket.OUTPUT
_STATUS_UNPRICED, _STATUS_ESTIMATED = CostStatus.UNPRICED, CostStatus.ESTIMATED
_STATUS_COMPUTED, _STATUS_UNKNOWN = CostStatus.COMPUTED, CostStatus.UNKNOWN
_SOURCE_MISSING, _SOURCE_ESTIMATED = UsageSource.MISSING, UsageSource.ESTIMATED
_EMBEDDINGS = Operation.EMBEDDINGS


def price(call: Call, catalog: Catalog) -> Cost:
    """The cost of a call by the prices that were in force when it began.

    Every bucket that was used gives one line. A bucket without a rate leaves its line, and with it the whole
    cost, unpriced; a side of the usage that is charged for and was not reported leaves the cost unknown.
    """
    usage = call.usage
    if not usage.buckets or usage.source == _SOURCE_MISSING:
        return UNKNOWN
    counts = usage.buckets.values()
    if min(counts) < 0 or max(counts) > MOST:
        return Cost(_STATUS_UNKNOWN, rule="a count beyond reason was reported")
    quote = catalog.quote(call.provider, call.response_model, call.request_model, call.served_tier, call.start_ns)
    lines = _lines(usage, quote.charges)
    status, rule = _status(lines), quote.rule
    if untold := _untold(usage, quote.charges, call.operation):
        status, rule = _STATUS_UNKNOWN, f"{rule}; {untold}"
    return Cost(status, tuple(lines), catalog.version, catalog.source_text, rule, quote.matched_model)


def _lines(usage: Usage, charges: Mapping[str, Charge]) -> list[Line]:
    buckets = usage.buckets
    estimated = usage.source == _SOURCE_ESTIMATED
    used = [item for item in buckets.items() if item[1]] or [(_one_of(buckets, charges), 0)]
    if REQUEST in charges:
        used.append((REQUEST, 1))
    lines: list[Line] = []
    context = None
    for bucket, quantity in used:
        charge = charges.get(bucket)
        if charge is None:
            lines.append(Line(bucket, quantity, "token", None, PER_MTOK, None, _UNPRICED))
            continue
        rate = charge.rate
        usd, tier = rate.usd, charge.tier
        if rate.steps:
            if context is None:
                # Decided on everything the model had to read, cached or not.
                context = sum([n for name, n in buckets.items() if name in INPUT_SIDE])
            for above, higher in rate.steps:
                if context > above:
                    usd, tier = higher, f"{charge.tier}, input > {above}"
        grade = _ESTIMATED if estimated else charge.grade
        amount = quantity * usd // rate.per
        lines.append(Line(bucket, quantity, rate.unit, usd, rate.per, amount, grade, tier, charge.rule))
    return lines


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
