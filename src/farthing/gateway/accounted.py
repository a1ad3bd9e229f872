"""Calls that are over in; their rows, and what settles each of them, out: worked out here, or in the process beside this one."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from farthing.gateway.records import Record, spans
from farthing.model.call import PricedCall
from farthing.model.plain_call import PlainCall
from farthing.model.span import Span
from farthing.prepare import Prepared, Sender, make_rows_now, prepare
from farthing.pricing.snapshot import Snapshot
from farthing.shapes import Shape

_AT_ONCE = 100
"""Calls that are written in one go: Python's lock is held for that, and others may be answered in between."""

_read = Shape[list[Record]](list[Record]).of_json
_written = msgspec.json.Encoder().encode


class Outcome(NamedTuple):
    """What the ledger will know of a call, as far as that settles what was reserved for it."""

    unknown: int
    """Of how many attempts nobody will know what they cost."""
    known: int
    """What all others cost together, in units of 10^-24 dollars."""


class Accounted(msgspec.Struct):
    """Calls of one sender."""

    prepared: Prepared
    outcomes: list[Outcome | None]
    """Of each call; None for one that shares its trace with another: that has to be looked up for itself."""


class Batch(msgspec.Struct):
    """Calls of one sender on their way to the process beside this one, as the journal writes them."""

    sender: Sender
    records: list[bytes]
    """Some in each part."""

    def done(self, prices: Snapshot) -> Accounted:
        """With all rows: nobody there makes those of several batches together."""
        records = [one for part in self.records for one in _read(part)]
        made = account(self.sender, records, [span for one in records for span in spans(one)], prices)
        make_rows_now(made.prepared)
        return made


def batch(sender: Sender, records: Sequence[Record]) -> Batch:
    """To be done elsewhere. Raises `ValueError`, `TypeError` for what can't be written."""
    return Batch(sender, [_written(list(records[at : at + _AT_ONCE])) for at in range(0, len(records), _AT_ONCE)])


def account(sender: Sender, records: Sequence[Record], told: list[Span], prices: Snapshot) -> Accounted:
    """The same for these spans of theirs, whose rows of calls are left for later."""
    prepared = prepare(sender, told, prices.price, catalog=prices.catalog, rows_later=True)
    found: list[list[PricedCall] | PlainCall] = [*prepared.plain, *prepared.derived]
    of_traces = {piece.trace_id.hex(): calls for piece, calls in zip(prepared.pieces, found, strict=True)}
    together = Counter([one.call.trace_id for one in records])
    outcomes: list[Outcome | None] = []
    for one in records:
        trace_id = one.call.trace_id
        calls = of_traces.get(trace_id) if together[trace_id] == 1 else None
        outcomes.append(None if calls is None else outcome(one, calls))
    return Accounted(prepared, outcomes)


def outcome(record: Record, calls: Sequence[PricedCall] | PlainCall) -> Outcome:
    """What a call came to, by what the ledger will know of it."""
    if isinstance(calls, PlainCall):
        return Outcome(len(record.attempts) - 1, sum(calls.amounts))
    unknown = sum(one.cost.amount is None and one.call.may_be_charged for one in calls)
    # An attempt that nobody could make a call of may have cost something too.
    unknown += max(0, len(record.attempts) - len(calls))
    return Outcome(unknown, sum(one.cost.amount or 0 for one in calls))
