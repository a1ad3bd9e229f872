"""Priced calls in, rows of the `calls` table out as Arrow; and a row's lines back out of it."""

import itertools
import operator
from collections.abc import Iterable, Sequence, Sized
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
import pyarrow as pa

from farthing.model import money
from farthing.model.attribution import NAMED, Attribution
from farthing.model.call import PricedCall
from farthing.model.ledger import Cost, Grade, Line
from farthing.model.usage import Usage
from farthing.shapes import Shape
from farthing.store.telemetry.columns import Column, amounts, ids, maybe, moments, numbers, texts
from farthing.store.telemetry.span_rows import NO_SPAN

NO_TRACE = b"\0" * 16

_STREAMING = {True: "true", False: "false", None: ""}

_TEXTS = (
    "dialect",
    "provider",
    "request_model",
    "response_model",
    "model",
    "operation",
    "response_id",
    "external_request_id",
    "status",
    "error_type",
    "finish_reason",
    "requested_tier",
    "served_tier",
    "region",
)

COSTS = (
    "cost_status",
    "cost",
    "input_cost",
    "output_cost",
    "price_version",
    "price_source",
    "price_rule",
    "matched_model",
    "line_bucket",
    "line_quantity",
    "line_rate",
    "line_amount",
    "line_terms",
)
"""The columns that say what a call cost: those that change when it is priced again."""


_FACTS = (
    "start_ns",
    "trace_id",
    "span_id",
    "owner",
    "owner_trace",
    "streaming",
    "duration_ns",
    "ttft_ns",
    "reported_cost",
    "links",
)

_SUMS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")


def table(project_id: str, priced: Sequence[PricedCall]) -> pa.Table:
    """Rows of one project, without the revision (see `span_rows.numbered`), under which a row replaces older ones."""
    calls = [p.call for p in priced]
    starts, traces, spans, owners, owner_traces, streaming, durations, ttfts, reported, links = _read(_FACTS, calls)
    columns: dict[str, Column] = {
        "project_id": texts([project_id] * len(calls)),
        "start_time": moments(starts),
        "trace_id": ids(traces, 16),
        "span_id": ids(spans, 8),
        "owner_span_id": ids([owner or NO_SPAN for owner in owners], 8),
        "owner_trace_id": ids([trace or NO_TRACE for trace in owner_traces], 16),
        "key_id": texts([p.key_id for p in priced]),
        "is_owner": pa.array([owner is None for owner in owners], pa.bool_()),
        "streaming": texts([_STREAMING[told] for told in streaming]),
        "duration_ns": numbers(durations, pa.uint64()),
        "ttft_ns": maybe(ttfts, pa.uint64()),
    }
    columns.update(_named_texts(_TEXTS, calls))
    _usage(columns, [call.usage for call in calls])
    columns["reported_cost"] = amounts(reported)
    columns.update(costs([p.cost for p in priced]))
    attributions(columns, [call.attribution for call in calls])
    columns["links"] = links_of(links)
    return pa.table(columns)


def links_of(told: Sequence[Sequence[int]]) -> Column:
    """The column of these calls' links."""
    keys = numbers([key for held in told for key in held], pa.uint64())
    return pa.ListArray.from_arrays(ends(told), keys)


def _read(names: tuple[str, ...], nouns: Sequence[object]) -> list[tuple[Any, ...]]:
    """The values of each attribute; read together, for that is twice as fast as one by one."""
    return list(zip(*map(operator.attrgetter(*names), nouns), strict=True)) if nouns else [()] * len(names)


def ends(held: Iterable[Sized]) -> Any:
    """Where each row's items end, and the first one's begin."""
    return pa.array(itertools.accumulate(map(len, held), initial=0), pa.int32())


def _named_texts(names: tuple[str, ...], nouns: Sequence[object]) -> dict[str, Column]:
    """One column of text per attribute."""
    return {name: texts(values) for name, values in zip(names, _read(names, nouns), strict=True)}


def _usage(columns: dict[str, Column], usages: Sequence[Usage]) -> None:
    sources, conventions, flags = _read(("source", "convention", "flags"), usages)
    columns["usage_source"] = texts(sources)
    columns["usage_convention"] = texts(conventions)
    flagged = texts([flag for held in flags for flag in held])
    columns["usage_flags"] = pa.ListArray.from_arrays(ends(flags), flagged)
    sums = zip(*[usage.sums for usage in usages], strict=True) if usages else [()] * len(_SUMS)
    for name, counts in zip(_SUMS, sums, strict=True):
        columns[name] = maybe(counts, pa.uint64())


def costs(told: Sequence[Cost]) -> dict[str, Column]:
    """The columns `COSTS` of these costs."""
    statuses, versions, sources, rules, models, lines = _read(_OF_COST, told)
    columns: dict[str, Column] = {"cost_status": texts(statuses)}
    sums = [c.amounts for c in told]
    for at, name in enumerate(("cost", "input_cost", "output_cost")):
        columns[name] = amounts([of[at] for of in sums])
    columns["price_version"] = texts(versions)
    columns["price_source"] = texts(sources)
    columns["price_rule"] = texts(rules)
    columns["matched_model"] = texts(models)
    _lines(columns, lines)
    return columns


_OF_COST = ("status", "price_version", "source", "rule", "matched_model", "lines")


def _lines(columns: dict[str, Column], told: Sequence[Sequence[Line]]) -> None:
    offsets = ends(told)
    buckets, quantities, rates, sums = _read(_OF_LINE, [line for lines in told for line in lines])
    for name, values in (
        ("line_bucket", texts(buckets)),
        ("line_quantity", numbers(quantities, pa.uint64())),
        ("line_rate", amounts(rates)),
        ("line_amount", amounts(sums)),
    ):
        columns[name] = pa.ListArray.from_arrays(offsets, values)
    columns["line_terms"] = texts([_terms(tuple(map(_TERMS, lines))) for lines in told])


_OF_LINE = ("bucket", "quantity", "rate", "amount")
_TERMS = operator.attrgetter("unit", "per", "grade", "tier", "rule", "source")


def terms(cost: Cost) -> str:
    """What the lines of a cost have in common with thousands of others', as one text that the store keeps once."""
    return _terms(tuple(map(_TERMS, cost.lines)))


@lru_cache(maxsize=4096)
def _terms(told: tuple[tuple[str, int, Grade, str, str, str], ...]) -> str:
    return msgspec.json.encode(told).decode()


class _Terms(msgspec.Struct, array_like=True, frozen=True):
    """One line's; rows of before lines had sources of their own end sooner."""

    unit: str
    per: int
    grade: Grade
    tier: str
    rule: str
    source: str = ""


_read_terms = Shape(list[_Terms]).of_json


def lines(
    buckets: Sequence[str],
    quantities: Sequence[int],
    rates: Sequence[Decimal | None],
    amounts: Sequence[Decimal | None],
    terms: str,
) -> list[Line]:
    """A row's lines, as they were written."""
    told = _read_terms(terms) if terms else []
    return [
        Line(
            bucket,
            quantity,
            of.unit,
            None if rate is None else money.to_units(rate),
            of.per,
            None if amount is None else money.to_units(amount),
            of.grade,
            of.tier,
            of.rule,
            of.source,
        )
        for bucket, quantity, rate, amount, of in zip(buckets, quantities, rates, amounts, told, strict=True)
    ]


def attributions(columns: dict[str, Column], held: Sequence[Attribution]) -> None:
    """Add the columns of these calls' dimensions and tags."""
    columns.update(_named_texts(NAMED, held))
    tags = [a.tags for a in held]
    keys = [key for of_call in tags for key in of_call]
    values = [value for of_call in tags for value in of_call.values()]
    columns["tags"] = pa.MapArray.from_arrays(ends(tags), texts(keys), texts(values))
