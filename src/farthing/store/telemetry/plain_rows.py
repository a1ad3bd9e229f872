"""Plain calls in; their rows of `calls` out: what calls have in common is worked out once for each sort of them."""

import itertools
import operator
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from farthing.model.call import PricedCall
from farthing.model.plain_call import PlainCall
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.columns import Column, amounts, ids, maybe, moments, numbers, texts

_OWN = operator.attrgetter(
    "sort",
    "start_ns",
    "trace_id",
    "span_id",
    "duration_ns",
    "external_request_id",
    "response_id",
    "ttft_ns",
    "reported_cost",
    "attribution",
    "links",
    "key_id",
    "told",
    "read",
    "written",
    "quantities",
    "amounts",
)


def table(project_id: str, calls: Sequence[PlainCall]) -> pa.Table:
    """The same rows as `call_rows.table` makes of the same calls."""
    (
        sorts,
        starts,
        traces,
        spans,
        durations,
        external_ids,
        response_ids,
        ttfts,
        reported,
        attributions,
        links,
        key_ids,
        told,
        read,
        written,
        quantities,
        sums,
    ) = zip(*map(_OWN, calls), strict=True)
    distinct = dict.fromkeys(sorts)
    shared = call_rows.table(project_id, [PricedCall(sort.call, sort.cost) for sort in distinct])
    places = {sort: at for at, sort in enumerate(distinct)}
    columns: dict[str, Column] = {
        "start_time": moments(starts),
        "trace_id": ids(traces, 16),
        "span_id": ids(spans, 8),
        "key_id": texts(key_ids),
        "duration_ns": numbers(durations, pa.uint64()),
        "ttft_ns": maybe(ttfts, pa.uint64()),
        "response_id": texts(response_ids),
        "external_request_id": texts(external_ids),
        "input_tokens": numbers(told, pa.uint64()),
        "cached_input_tokens": maybe(read, pa.uint64()),
        "output_tokens": numbers(written, pa.uint64()),
        "reported_cost": amounts(reported),
        "links": call_rows.links_of(links),
    }
    call_rows.attributions(columns, attributions)
    totals = [sum(of) for of in sums]
    # Output is the last line, if there is any.
    outputs = [of[-1] if last else 0 for of, last in zip(sums, written, strict=True)]
    columns["cost"] = amounts(totals)
    columns["input_cost"] = amounts([total - output for total, output in zip(totals, outputs, strict=True)])
    columns["output_cost"] = amounts(outputs)
    ends = call_rows.ends(quantities)
    for name, values in (
        ("line_quantity", numbers(list(itertools.chain.from_iterable(quantities)), pa.uint64())),
        ("line_amount", amounts(list(itertools.chain.from_iterable(sums)))),
    ):
        columns[name] = pa.ListArray.from_arrays(ends, values)
    at: Any = numbers(list(map(places.__getitem__, sorts)), pa.uint64())
    named: dict[str, Any] = dict(zip(shared.column_names, shared.columns, strict=True))
    return pa.table({name: columns[name] if name in columns else named[name].take(at) for name in named})
