"""An empty telemetry store and a number in; the demo company's calls in it, priced as the server prices them, and the truth about them out."""

import time
from collections.abc import Iterable

from benchmarks.sums.check import Store
from benchmarks.sums.truth import Truth
from farthing.demo.traffic import batches
from farthing.model.call import PricedCall
from farthing.model.span import Span
from farthing.prepare import Sender, derive
from farthing.pricing.snapshot import Snapshot, Terms
from farthing.store.telemetry import call_rows, span_rows
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

PROJECT = "sums"
SEED = 7
END_S = 1_793_491_200
"""2026-11-01 00:00 UTC: the month ends here, a week after Europe's clocks went back, and on the day America's do."""
DAYS = 30
FINE_DAYS = 2
"""Of the last days the truth is kept by the minute."""


def fill(engine: Engine, calls: int) -> tuple[Store, Truth, Store, Truth]:
    """The month by quarters of an hour, and its last days by minutes: where they are, and what is true of them."""
    sender, snapshot = Sender(PROJECT), Snapshot(Terms())
    month, last = Truth(900), Truth(60)
    for revision, spans in enumerate(batches(SEED, calls, END_S * 10**9, DAYS), 1):
        derived = [call for trace in _traces(spans) for call in derive(trace, snapshot.price, sender)]
        engine.insert("calls", span_rows.numbered([call_rows.table(PROJECT, derived)], "revision", revision))
        month.add(derived)
        last.add(_late(derived))
    rollup = Rollup(engine)
    rollup.recover()
    rollup.refresh(time.time(), everything=True)
    start_s = END_S - DAYS * 86_400
    return (
        *(Store(engine, rollup, PROJECT, start_s, END_S), month),
        *(Store(engine, rollup, PROJECT, END_S - FINE_DAYS * 86_400, END_S), last),
    )


def _traces(spans: Iterable[Span]) -> Iterable[list[Span]]:
    found: dict[bytes, list[Span]] = {}
    for span in spans:
        found.setdefault(span.trace_id, []).append(span)
    return found.values()


def _late(calls: Iterable[PricedCall]) -> list[PricedCall]:
    since = (END_S - FINE_DAYS * 86_400) * 10**9
    return [one for one in calls if one.call.start_ns >= since]
