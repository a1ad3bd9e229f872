"""A call and a catalogue in; what the call cost, line by line at the rates of its own start time, out."""

import msgspec
from msgspec.structs import replace

from farthing.model.call import Call, Operation
from farthing.model.ledger import UNKNOWN, Cost, CostStatus
from farthing.model.usage import Usage, UsageSource
from farthing.pricing.catalog import Catalog, Quote
from farthing.pricing.rates import joined
from farthing.pricing.reckoning import Plan, lines, plan

MOST = 10**12
"""A count above this is no usage: nobody bills a trillion tokens for one call, and no amount could hold its price."""

# Looked up once: reading a member off its Enum costs more than the rest of a line.
_SOURCE_MISSING, _SOURCE_ESTIMATED = UsageSource.MISSING, UsageSource.ESTIMATED
_EMBEDDINGS = Operation.EMBEDDINGS.value

_BEYOND_REASON = Cost(CostStatus.UNKNOWN, rule="a count beyond reason was reported")

_MOST_PLANS = 64
"""How many kinds of usage are remembered of one quotation."""


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
    if not usage.buckets or usage.source is _SOURCE_MISSING:
        return UNKNOWN
    some_are_zero = False
    for count in usage.buckets.values():
        if not 0 < count <= MOST:
            if count:
                return _BEYOND_REASON
            some_are_zero = True
    quote = catalog.quote(
        call.provider, call.response_model, call.request_model, call.served_tier, call.start_ns, call.region
    )
    how = plan_of(usage, quote, call.operation, some_are_zero=some_are_zero)
    return Cost(
        how.status, lines(usage.buckets, how), catalog.version, catalog.source_text, how.rule, quote.matched_model
    )


def plan_of(usage: Usage, quote: Quote, operation: str, *, some_are_zero: bool) -> Plan:
    """How calls of that operation are reckoned that used the same buckets, and the same of them zero."""
    buckets = usage.buckets
    # An Enum's own hash is Python code, so it is kept out of the key.
    needs_output, estimated = operation != _EMBEDDINGS, usage.source is _SOURCE_ESTIMATED
    if some_are_zero:
        kind = (needs_output, usage.whole, estimated, *[name if buckets[name] else f"-{name}" for name in buckets])
    else:
        kind = (needs_output, usage.whole, estimated, *buckets)
    how = quote.plans.get(kind)
    if how is None:
        how = plan(usage, quote.charges, needs_output, estimated=estimated)
        how = replace(how, rule=joined(quote.rule, how.rule))
        if len(quote.plans) < _MOST_PLANS:
            quote.plans[kind] = how
    return how
