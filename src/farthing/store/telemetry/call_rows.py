"""Priced calls in, rows of the `calls` table out as Arrow; and a row's lines back out of it."""

import itertools
import operator
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
import pyarrow as pa

from farthing.model import money
from farthing.model.attribution import NAMED
from farthing.model.call import PricedCall
from farthing.model.ledger import Cost, Grade, Line
from farthing.store.telemetry.span_rows import NO_SPAN

NO_TRACE = b"\0" * 16

Column: TypeAlias = "pa.Array[Any]"

_MONEY = pa.decimal128(38, money.SCALE)
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


def table(project_id: str, priced: Sequence[PricedCall]) -> pa.Table:
    """Rows of one project, without the revision (see `span_rows.numbered`), under which a row replaces older ones."""
    calls = [p.call for p in priced]
    columns: dict[str, Column] = {
        "project_id": pa.array([project_id] * len(calls), pa.string()),
        "start_time": pa.array([c.start_ns for c in calls], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
        "trace_id": pa.array([c.trace_id for c in calls], pa.binary(16)),
        "span_id": pa.array([c.span_id for c in calls], pa.binary(8)),
        "owner_span_id": pa.array([c.owner or NO_SPAN for c in calls], pa.binary(8)),
        "owner_trace_id": pa.array([c.owner_trace or NO_TRACE for c in calls], pa.binary(16)),
        "key_id": pa.array([p.key_id for p in priced], pa.string()),
        "is_owner": pa.array([c.owner is None for c in calls], pa.bool_()),
        "streaming": pa.array([_STREAMING[c.streaming] for c in calls], pa.string()),
        "duration_ns": pa.array([c.duration_ns for c in calls], pa.uint64()),
        "ttft_ns": pa.array([c.ttft_ns for c in calls], pa.uint64()),
    }
    columns.update(_named_texts(_TEXTS, calls))
    _usage(columns, priced)
    columns["reported_cost"] = _amounts([p.call.reported_cost for p in priced])
    columns.update(costs([p.cost for p in priced]))
    _attribution(columns, priced)
    ends = pa.array(itertools.accumulate((len(c.links) for c in calls), initial=0), pa.int32())
    columns["links"] = pa.ListArray.from_arrays(ends, pa.array([key for c in calls for key in c.links], pa.uint64()))
    return pa.table(columns)


def _named_texts(names: tuple[str, ...], nouns: Sequence[object]) -> dict[str, Column]:
    """One column of text per attribute; read together, for that is twice as fast as one by one."""
    read = zip(*map(operator.attrgetter(*names), nouns), strict=True)
    return {name: _texts(values) for name, values in zip(names, read, strict=True)}


def _usage(columns: dict[str, Column], priced: Sequence[PricedCall]) -> None:
    usages = [p.call.usage for p in priced]
    columns["usage_source"] = pa.array([u.source.value for u in usages], pa.string())
    columns["usage_convention"] = pa.array([u.convention for u in usages], pa.string())
    columns["usage_flags"] = pa.array([list(u.flags) for u in usages], pa.list_(pa.string()))
    for column, name in (
        ("input_tokens", "input_tokens"),
        ("cached_input_tokens", "cache_read_tokens"),
        ("cache_write_tokens", "cache_write_tokens"),
        ("output_tokens", "output_tokens"),
        ("reasoning_tokens", "reasoning_tokens"),
    ):
        columns[column] = pa.array([getattr(u, name) for u in usages], pa.uint64())


def costs(told: Sequence[Cost]) -> dict[str, Column]:
    """The columns `COSTS` of these costs."""
    columns: dict[str, Column] = {"cost_status": pa.array([c.status.value for c in told], pa.string())}
    sums = [c.amounts for c in told]
    for at, name in enumerate(("cost", "input_cost", "output_cost")):
        columns[name] = _amounts([amounts[at] for amounts in sums])
    columns["price_version"] = _texts([c.price_version for c in told])
    columns["price_source"] = _texts([c.source for c in told])
    columns["price_rule"] = _texts([c.rule for c in told])
    columns["matched_model"] = _texts([c.matched_model for c in told])
    _lines(columns, told)
    return columns


def _lines(columns: dict[str, Column], told: Sequence[Cost]) -> None:
    offsets = pa.array(itertools.accumulate((len(c.lines) for c in told), initial=0), pa.int32())
    lines = [line for c in told for line in c.lines]
    for name, values in (
        ("line_bucket", _texts([line.bucket for line in lines])),
        ("line_quantity", pa.array([line.quantity for line in lines], pa.uint64())),
        ("line_rate", _amounts([line.rate for line in lines])),
        ("line_amount", _amounts([line.amount for line in lines])),
    ):
        columns[name] = pa.ListArray.from_arrays(offsets, values)
    columns["line_terms"] = _texts([terms(c) for c in told])


def terms(cost: Cost) -> str:
    """What the lines of a cost have in common with thousands of others', as one text that the store keeps once."""
    return _terms(tuple([(n.unit, n.per, n.grade, n.tier, n.rule, n.source) for n in cost.lines]))


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


def lines(
    buckets: Sequence[str],
    quantities: Sequence[int],
    rates: Sequence[Decimal | None],
    amounts: Sequence[Decimal | None],
    terms: str,
) -> list[Line]:
    """A row's lines, as they were written."""
    told = msgspec.json.decode(terms, type=list[_Terms]) if terms else []
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


def _attribution(columns: dict[str, Column], priced: Sequence[PricedCall]) -> None:
    held = [p.call.attribution for p in priced]
    columns.update(_named_texts(NAMED, held))
    offsets: list[int] = [0]
    keys: list[str] = []
    values: list[str] = []
    for a in held:
        keys.extend(a.tags)
        values.extend(a.tags.values())
        offsets.append(len(keys))
    at: Any = pa.array(offsets, pa.int32())  # the stubs ask for 64 bits, Arrow's maps have 32
    columns["tags"] = pa.MapArray.from_arrays(at, _texts(keys), _texts(values))


def _texts(values: Sequence[str]) -> Column:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text in any encoding; the rest of the string is.
        return pa.array([v.encode("utf-8", "replace").decode() for v in values], pa.string())


def _amounts(units: Sequence[int | None]) -> Column:
    """Units of 10^-24 dollars to Decimal(38, 24), straight into Arrow's own layout: little-endian 128-bit integers."""
    data = b"".join((u or 0).to_bytes(16, "little", signed=True) for u in units)
    known: Any = pa.array([u is not None for u in units], pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(_MONEY, len(units), [known, pa.py_buffer(data)])
