"""Recorded spans, each alone in a trace: what is priced and written in columns is what each comes to by itself."""

import msgspec
from corpus import recording

from farthing.model.call import PricedCall
from farthing.model.span import Span
from farthing.prepare import Sender, prepare
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.store.telemetry import call_rows, plain_rows

PRICES = Snapshot(Terms())
SENDER = Sender("p", "k")


def alone() -> list[Span]:
    spans = [span for case in recording.cases() for span in recording.spans(case)]
    return [msgspec.structs.replace(span, trace_id=n.to_bytes(16, "big")) for n, span in enumerate(spans)]


def test_plain_calls_are_what_each_comes_to_by_itself() -> None:
    spans = alone()
    together = prepare(SENDER, spans, PRICES.price, catalog=PRICES.catalog, rows_later=True)
    each = prepare(SENDER, spans, PRICES.price, rows_later=True)
    plain = [call.whole() for call in together.plain]
    assert len(plain) > 200
    assert by_trace([*plain, *flat(together.derived)]) == by_trace(flat(each.derived))
    assert plain_rows.table("p", together.plain).equals(call_rows.table("p", plain))
    assert sorted(together.pieces, key=str) == sorted(each.pieces, key=str)
    assert [piece.trace_id for piece in together.pieces][: len(plain)] == [one.call.trace_id for one in plain]


def flat(derived: list[list[PricedCall]]) -> list[PricedCall]:
    return [call for calls in derived for call in calls]


def by_trace(calls: list[PricedCall]) -> list[PricedCall]:
    return sorted(calls, key=lambda one: one.call.trace_id)
