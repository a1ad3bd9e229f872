"""A seed, a number of model calls and the time they end in; the company's spans out, batch by batch.

The same arguments give the same spans, byte for byte. Traces come in the order of their start, each whole, its spans
in the order of their end as exporters send them. What is planted in them is told in `anomalies`.
"""

from collections.abc import Iterator

from farthing.demo import anomalies, season
from farthing.demo.anomalies import DAY_NS
from farthing.demo.company import FEATURES
from farthing.demo.completions import Weather
from farthing.demo.draws import Dice
from farthing.demo.workload import Workload
from farthing.model.span import Span

BATCH = 4000
"""Spans after which a batch is full; a trace is never divided."""


def batches(seed: int, calls: int, end_ns: int, days: int = 30) -> Iterator[list[Span]]:
    """The spans of exactly `calls` model calls over the `days` before `end_ns`."""
    dice = Dice(f"{seed}/{calls}/{end_ns}/{days}")
    planted = anomalies.planted(end_ns)
    weather = Weather(season.outages(end_ns, days, dice))
    slots = season.schedule(calls, end_ns - days * DAY_NS, end_ns, planted, dice)
    workloads = [
        Workload(feature, total, planted, weather, dice)
        for feature, total in zip(FEATURES, season.totals(calls), strict=True)
    ]
    spans: list[Span] = []
    for slot in slots:
        weather.at(slot.start_ns)
        requests = [
            (start, n, size)
            for n, workload in enumerate(workloads)
            for start, size in workload.requests(slot.counts[n], slot)
        ]
        requests.sort()
        for start, n, size in requests:
            workloads[n].send(start, size, spans)
            if len(spans) >= BATCH:
                yield spans
                spans = []
    if spans:
        yield spans
