"""Priced calls in, rows of the `calls` table out as Arrow."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from farthing.model import money
from farthing.model.call import PricedCall
from farthing.store.telemetry.span_rows import NO_SPAN

Column: TypeAlias = "pa.Array[Any]"

_MONEY = pa.decimal128(38, money.SCALE)
_STREAMING = {True: "true", False: "false", None: ""}


def table(batches: Iterable[tuple[str, Sequence[PricedCall]]], revision: int) -> pa.Table:
    """Rows of one revision; a row replaces the one of the same span with a lower revision."""
    projects: list[str] = []
    priced: list[PricedCall] = []
    for project_id, part in batches:
        projects.extend([project_id] * len(part))
        priced.extend(part)
    calls = [p.call for p in priced]
    columns: dict[str, Column] = {
        "project_id": pa.array(projects, pa.string()),
        "start_time": pa.array([c.start_ns for c in calls], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
        "trace_id": pa.array([c.trace_id for c in calls], pa.binary(16)),
        "span_id": pa.array([c.span_id for c in calls], pa.binary(8)),
        "revision": pa.array([revision] * len(calls), pa.uint64()),
        "owner_span_id": pa.array([c.owner or NO_SPAN for c in calls], pa.binary(8)),
        "is_owner": pa.array([c.owner is None for c in calls], pa.bool_()),
        "model": _texts([c.model for c in calls]),
        "streaming": _texts([_STREAMING[c.streaming] for c in calls]),
        "duration_ns": pa.array([c.duration_ns for c in calls], pa.uint64()),
        "ttft_ns": pa.array([c.ttft_ns for c in calls], pa.uint64()),
    }
    for name in (
        "dialect",
        "provider",
        "request_model",
        "response_model",
        "operation",
        "response_id",
        "external_request_id",
        "status",
        "error_type",
        "finish_reason",
        "requested_tier",
        "served_tier",
    ):
        columns[name] = _texts([getattr(c, name) for c in calls])
    _usage(columns, priced)
    _cost(columns, priced)
    _lines(columns, priced)
    _attribution(columns, priced)
    return pa.table(columns)


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


def _cost(columns: dict[str, Column], priced: Sequence[PricedCall]) -> None:
    costs = [p.cost for p in priced]
    columns["cost_status"] = pa.array([c.status.value for c in costs], pa.string())
    columns["cost"] = _amounts([c.amount for c in costs])
    columns["input_cost"] = _amounts([c.input_amount for c in costs])
    columns["output_cost"] = _amounts([c.output_amount for c in costs])
    columns["reported_cost"] = _amounts([p.call.reported_cost for p in priced])
    columns["price_version"] = _texts([c.price_version for c in costs])
    columns["price_source"] = _texts([c.source for c in costs])
    columns["price_rule"] = _texts([c.rule for c in costs])
    columns["matched_model"] = _texts([c.matched_model for c in costs])


def _lines(columns: dict[str, Column], priced: Sequence[PricedCall]) -> None:
    offsets = [0]
    for p in priced:
        offsets.append(offsets[-1] + len(p.cost.lines))
    lines = [line for p in priced for line in p.cost.lines]
    at = pa.array(offsets, pa.int32())
    for column, values in (
        ("line_bucket", pa.array([line.bucket for line in lines], pa.string())),
        ("line_quantity", pa.array([line.quantity for line in lines], pa.uint64())),
        ("line_unit", pa.array([line.unit for line in lines], pa.string())),
        ("line_rate", _amounts([line.rate for line in lines])),
        ("line_per", pa.array([line.per for line in lines], pa.uint32())),
        ("line_amount", _amounts([line.amount for line in lines])),
        ("line_grade", pa.array([line.grade.value for line in lines], pa.string())),
        ("line_tier", _texts([line.tier for line in lines])),
        ("line_rule", _texts([line.rule for line in lines])),
    ):
        columns[column] = pa.ListArray.from_arrays(at, values)


def _attribution(columns: dict[str, Column], priced: Sequence[PricedCall]) -> None:
    held = [p.call.attribution for p in priced]
    for name in (
        "feature",
        "user_id",
        "session_id",
        "team",
        "tenant",
        "environment",
        "prompt_version",
        "config",
        "variant",
    ):
        columns[name] = _texts([getattr(a, name) for a in held])
    offsets: list[int] = [0]
    keys: list[str] = []
    values: list[str] = []
    for a in held:
        keys.extend(a.tags)
        values.extend(a.tags.values())
        offsets.append(len(keys))
    columns["tags"] = pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), _texts(keys), _texts(values))


def _texts(values: list[str]) -> Column:
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
