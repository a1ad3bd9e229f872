"""A call and a catalogue in; at what all calls like it are charged, and within which bounds that holds, out."""

import msgspec

from farthing.model.call import Call
from farthing.model.ledger import Cost, CostStatus
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import MOST, plan_of
from farthing.pricing.reckoning import lines

_PRICED = frozenset({CostStatus.COMPUTED, CostStatus.ESTIMATED})


class Tariff(msgspec.Struct, frozen=True):
    """What calls cost that use the same buckets as one of them, and begin within some time."""

    cost: Cost
    """What one token of each of its buckets costs: of its lines all but quantities and amounts is that of every call's."""
    rates: tuple[tuple[int, int], ...]
    """Of each line how much is charged for how many; an amount is `quantity * rate // per`."""
    most_input: int
    """A call with more of it is charged otherwise."""
    since_ns: int
    until_ns: int
    """It is charged so from the first of these instants on, until the second."""


def tariff(call: Call, catalog: Catalog) -> Tariff | None:
    """None where quantities alone don't say what such calls cost: something has no rate, or is charged beside what was used."""
    usage, response_model, request_model = call.usage, call.response_model, call.request_model
    if not usage.buckets or any(count > MOST for count in usage.buckets.values()):
        return None
    quote = catalog.quote(call.provider, response_model, request_model, call.served_tier, call.start_ns, call.region)
    used = {bucket: 1 for bucket, quantity in usage.buckets.items() if quantity}
    how = plan_of(usage, quote, call.operation, some_are_zero=len(used) < len(usage.buckets))
    most = min([step[0] for part in how.parts for step in part[8]], default=MOST)
    if how.status not in _PRICED or how.marginal or [part[0] for part in how.parts] != list(used) or most < len(used):
        return None
    rates = [(usd, per) for _, _, usd, per, *_ in how.parts if usd is not None]
    if len(rates) < len(used):
        return None
    cost = Cost(how.status, lines(used, how), catalog.version, catalog.source_text, how.rule, quote.matched_model)
    return Tariff(
        cost, tuple(rates), min(most, MOST), *catalog.holds(call.provider, response_model, request_model, call.start_ns)
    )
