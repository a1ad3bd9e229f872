"""Calls and a catalogue in; those that are charged like thousands of others, with what they have in common, out. Pure.

A call is plain if two or three counts and their rates say what it cost. How its names are priced is worked out once for
each sort of calls; what is left is a multiplication for each count.
"""

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import msgspec

from farthing.model.call import Call, Status
from farthing.model.ledger import Cost, CostStatus
from farthing.model.plain_call import PlainCall, Sort
from farthing.model.usage import Bucket, UsageSource
from farthing.pricing.catalog import Catalog
from farthing.pricing.cost import MOST, plan_of
from farthing.pricing.reckoning import lines

_PRICED = frozenset({CostStatus.COMPUTED, CostStatus.ESTIMATED})
_MOST_SORTS = 4096
_MOST_MONEY = 2**126
"""More than this fits into no amount."""

_OK, _PROVIDER = Status.OK, UsageSource.PROVIDER
_INPUT, _READ, _OUTPUT = Bucket.INPUT.value, Bucket.CACHE_READ.value, Bucket.OUTPUT.value
_SHARED = operator.attrgetter(
    "dialect",
    "provider",
    "request_model",
    "response_model",
    "operation",
    "error_type",
    "finish_reason",
    "streaming",
    "requested_tier",
    "served_tier",
    "region",
)

_Told = TypeVar("_Told")


class Tariff(msgspec.Struct, frozen=True):
    """What calls cost that use the same buckets."""

    cost: Cost
    """What one token of each of its buckets costs: of its lines all but quantities and amounts is that of every call's."""
    rates: tuple[tuple[int, int], ...]
    """Of each line how much is charged for how many; an amount is `quantity * rate // per`."""
    most: int
    """A call with a larger count is charged otherwise."""

    def charged(self, rest: int, read: int | None, written: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """Quantities and amounts of a call with these counts: input that was in no cache, input that was, and output."""
        if rest + (read or 0) > self.most or written > self.most:
            return None
        quantities = (rest, written) if read is None else (rest, read, written)
        if len(quantities) != len(self.rates):
            quantities = tuple([quantity for quantity in quantities if quantity])
        amounts = tuple([quantity * usd // per for quantity, (usd, per) in zip(quantities, self.rates, strict=True)])
        return (quantities, amounts) if sum(amounts) < _MOST_MONEY else None


def tariff(call: Call, catalog: Catalog) -> Tariff | None:
    """None where counts alone don't say what such calls cost: something has no rate, or is charged beside what was used."""
    usage = call.usage
    quote = catalog.quote(
        call.provider, call.response_model, call.request_model, call.served_tier, call.start_ns, call.region
    )
    used = {bucket: 1 for bucket, quantity in usage.buckets.items() if quantity}
    how = plan_of(usage, quote, call.operation, some_are_zero=len(used) < len(usage.buckets))
    most = min([step[0] for part in how.parts for step in part[8]], default=MOST)
    if how.status not in _PRICED or how.marginal or [part[0] for part in how.parts] != list(used) or most < len(used):
        return None
    rates = [(usd, per) for _, _, usd, per, *_ in how.parts if usd is not None]
    if len(rates) < len(used):
        return None
    cost = Cost(how.status, lines(used, how), catalog.version, catalog.source_text, how.rule, quote.matched_model)
    return Tariff(cost, tuple(rates), min(most, MOST))


class Sorts:
    """The sorts of plain calls under one catalogue, each with what is charged for it. Bounded."""

    def __init__(self, catalog: Catalog) -> None:
        """Knows none."""
        self._catalog = catalog
        self._known: dict[tuple[object, ...], _Known] = {}

    def find(
        self, kind: tuple[object, ...], at_ns: int, read: Callable[[_Told], Call | None], told: _Told
    ) -> tuple[Sort, Tariff] | None:
        """That of calls of a kind that begin at this instant; None: they aren't plain. The first of them is `read`."""
        known = self._known.get(kind)
        if known is None or not known.since_ns <= at_ns < known.until_ns:
            call = read(told)
            if call is None:
                return None
            charged = tariff(call, self._catalog)
            holds = self._catalog.holds(call.provider, call.response_model, call.request_model, at_ns)
            known = _Known(None if charged is None else (Sort(call, charged.cost), charged), *holds)
            if len(self._known) >= _MOST_SORTS:
                self._known.clear()
            self._known[kind] = known
        return known.found


class _Known(msgspec.Struct, frozen=True):
    """Whether calls are plain that begin between two instants, the second excluded."""

    found: tuple[Sort, Tariff] | None
    since_ns: int
    until_ns: int


@lru_cache(maxsize=8)
def sorts(catalog: Catalog) -> Sorts:
    """Those under a catalogue. Others than the last few are history."""
    return Sorts(catalog)


def plain(call: Call, known: Sorts, key_id: str) -> PlainCall | None:
    """A call that stands alone, as a plain one; None where it is none."""
    usage = call.usage
    if usage.source is not _PROVIDER or not usage.whole or usage.flags:
        return None
    match tuple(usage.buckets.items()):
        case ((first, rest), (last, written)) if first == _INPUT and last == _OUTPUT:
            read = None
        case ((first, rest), (second, read), (last, written)) if (first, second, last) == (_INPUT, _READ, _OUTPUT):
            pass
        case _:
            return None
    zeros = (not rest, read is None, not read, not written)
    kind = (zeros, usage.convention, call.status is _OK, _SHARED(call))
    found = known.find(kind, call.start_ns, _itself, call)
    charged = None if found is None else found[1].charged(rest, read, written)
    if found is None or charged is None:
        return None
    return PlainCall(
        found[0],
        call.trace_id,
        call.span_id,
        call.start_ns,
        call.duration_ns,
        call.external_request_id,
        call.response_id,
        call.ttft_ns,
        call.reported_cost,
        call.attribution,
        call.links,
        key_id,
        rest + (read or 0),
        read,
        written,
        *charged,
    )


def _itself(call: Call) -> Call:
    return call
