"""Priced calls that differ from thousands of others in counts and ids only: what they have in common once, and each one's own."""

import msgspec
from msgspec.structs import replace

from farthing.model.attribution import Attribution
from farthing.model.call import Call, PricedCall
from farthing.model.ledger import Cost
from farthing.model.usage import Usage


class Sort(msgspec.Struct, frozen=True, eq=False):
    """What calls that name the same things and are charged alike have in common. Each is only equal to itself."""

    call: Call
    """One of them; of its usage the buckets count, and which of them are zero."""
    cost: Cost
    """What one of them costs: its lines say at what rates, for how much is each call's own."""


class PlainCall(msgspec.Struct, frozen=True, gc=False):
    """One call. Amounts are in units of 10^-24 dollars, one for each line of its sort's cost, as are quantities."""

    sort: Sort
    trace_id: bytes
    span_id: bytes
    start_ns: int
    duration_ns: int
    external_request_id: str
    response_id: str
    ttft_ns: int | None
    reported_cost: int | None
    attribution: Attribution
    links: tuple[int, ...]
    key_id: str
    told: int
    """All input."""
    read: int | None
    """The part of it that was read from a cache, if anybody said."""
    written: int
    """All output."""
    quantities: tuple[int, ...]
    amounts: tuple[int, ...]

    def whole(self) -> PricedCall:
        """The same with all that it has in common with others."""
        told, read, written = self.told, self.read, self.written
        counts = (told, written) if read is None else (told - read, read, written)
        of_sort = self.sort.call
        usage = of_sort.usage
        call = replace(
            of_sort,
            trace_id=self.trace_id,
            span_id=self.span_id,
            start_ns=self.start_ns,
            duration_ns=self.duration_ns,
            external_request_id=self.external_request_id,
            response_id=self.response_id,
            ttft_ns=self.ttft_ns,
            reported_cost=self.reported_cost,
            attribution=self.attribution,
            links=self.links,
            usage=Usage(
                dict(zip(usage.buckets, counts, strict=True)), usage.source, usage.whole, usage.convention, usage.flags
            ),
        )
        lines = [
            replace(line, quantity=quantity, amount=amount)
            for line, quantity, amount in zip(self.sort.cost.lines, self.quantities, self.amounts, strict=True)
        ]
        return PricedCall(call, replace(self.sort.cost, lines=tuple(lines)), self.key_id)
