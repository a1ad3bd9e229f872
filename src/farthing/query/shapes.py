"""Rows of the store in, the JSON shapes of the API's contract out: money as exact text, times in UTC, unknown as null."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from farthing.model import money
from farthing.model.span import SpanEvent
from farthing.normalize import metered
from farthing.query.moments import rfc3339
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.call_rows import NO_TRACE
from farthing.store.telemetry.engine import Result
from farthing.store.telemetry.span_rows import NO_SPAN

Json = dict[str, Any]
Row = Mapping[str, Any]

CALL = (
    "trace_id",
    "span_id",
    "owner_span_id",
    "owner_trace_id",
    "is_owner",
    "toUnixTimestamp64Nano(start_time) AS start_ns",
    "revision",
    "external_request_id",
    "response_id",
    "provider",
    "request_model",
    "response_model",
    "operation",
    "status",
    "error_type",
    "finish_reason",
    "streaming",
    "requested_tier",
    "served_tier",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "usage_source",
    "cost",
    "input_cost",
    "output_cost",
    "cost_status",
    "reported_cost",
    "dialect",
    "requests",
    "duration_ns",
    "ttft_ns",
    "feature",
    "user_id",
    "session_id",
    "team",
    "tenant",
    "environment",
    "prompt_version",
    "config",
    "variant",
    "data_mode",
    "tags",
)
"""What is selected of a call for a list."""

LINES = (
    "line_bucket",
    "line_quantity",
    "line_rate",
    "line_amount",
    "line_terms",
    "price_version",
    "price_source",
    "price_rule",
    "matched_model",
    "usage_convention",
    "usage_flags",
)
"""What a single call's answer needs besides."""

_PLAIN = (
    "external_request_id",
    "response_id",
    "provider",
    "request_model",
    "response_model",
    "operation",
    "status",
    "error_type",
    "finish_reason",
    "feature",
    "user_id",
    "session_id",
    "team",
    "tenant",
    "environment",
    "prompt_version",
    "config",
    "variant",
)
_COUNTS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_MONEY = {
    "cost": "cost_usd",
    "input_cost": "input_cost_usd",
    "output_cost": "output_cost_usd",
    "reported_cost": "reported_cost_usd",
}


def rows(result: Result) -> list[Json]:
    """Each row by its columns' names."""
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def call_id(trace_id: bytes, span_id: bytes) -> str:
    """The public id of a call."""
    return f"{trace_id.hex()}-{span_id.hex()}"


def dollars(value: Decimal | None) -> str | None:
    """Exact text; null when nobody knows."""
    return None if value is None else money.decimal_text(value)


def milliseconds(ns: int | None) -> int | None:
    """Whole milliseconds, cut off."""
    return None if ns is None else ns // 1_000_000


def call(row: Row) -> Json:
    """A call as lists show it."""
    return {
        "id": call_id(row["trace_id"], row["span_id"]),
        "trace_id": row["trace_id"].hex(),
        "span_id": row["span_id"].hex(),
        "start_time": rfc3339(row["start_ns"]),
        **{name: row[name] or None for name in _PLAIN},
        "streaming": {"true": True, "false": False}.get(row["streaming"]),
        "requested_service_tier": row["requested_tier"] or None,
        "service_tier": row["served_tier"] or None,
        **{name: row[name] for name in _COUNTS},
        "usage_source": row["usage_source"],
        **{public: dollars(row[name]) for name, public in _MONEY.items()},
        "cost_status": row["cost_status"],
        "latency_ms": milliseconds(row["duration_ns"]),
        "ttft_ms": milliseconds(row["ttft_ns"]),
        "data_mode": row["data_mode"] or "real",
        "tags": row["tags"],
        "signal": "metric" if row["dialect"] == metered.NAME else None,
        "requests": row["requests"],
        "restated": not row["is_owner"],
        "owner_id": owner_id(row["trace_id"], row["owner_span_id"], row["owner_trace_id"]),
    }


def owner_id(trace_id: bytes, owner: bytes, owners_trace: bytes) -> str | None:
    """The call that owns the tokens of one in this trace; None where that one does."""
    if owner == NO_SPAN:
        return None
    return call_id(trace_id if owners_trace == NO_TRACE else owners_trace, owner)


def lines(row: Row) -> list[Json]:
    """A call's ledger, line by line."""
    found = call_rows.lines(
        row["line_bucket"], row["line_quantity"], row["line_rate"], row["line_amount"], row["line_terms"]
    )
    return [
        {
            "bucket": line.bucket,
            "quantity": line.quantity,
            "unit": line.unit,
            "rate_usd": None if line.rate is None else money.to_text(line.rate),
            "per": line.per,
            "amount_usd": None if line.amount is None else money.to_text(line.amount),
            "price_version": row["price_version"] or None,
            "source": line.source or row["price_source"] or None,
            "rule": "; ".join(filter(None, (row["price_rule"], line.rule))) or None,
            "tier": line.tier or None,
            "grade": line.grade.value,
        }
        for line in found
    ]


def attributes(text: str) -> Json:
    """Attributes as received."""
    return msgspec.json.decode(text) if text else {}


_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUS = ("unset", "ok", "error")

SPAN = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "status",
    "status_message",
    "scope_name",
    "scope_version",
    "toUnixTimestamp64Nano(start_time) AS start_ns",
    "duration_ns",
)


def span(row: Row) -> Json:
    """A span without its bodies."""
    parent = row["parent_span_id"]
    return {
        "span_id": row["span_id"].hex(),
        "parent_span_id": None if parent == NO_SPAN else parent.hex(),
        "name": row["name"],
        "kind": _KINDS[row["kind"]] if row["kind"] < len(_KINDS) else str(row["kind"]),
        "status": _STATUS[row["status"]] if row["status"] < len(_STATUS) else str(row["status"]),
        "status_message": row["status_message"] or None,
        "scope": row["scope_name"] or None,
        "scope_version": row["scope_version"] or None,
        "start_time": rfc3339(row["start_ns"]),
        "duration_ms": milliseconds(row["duration_ns"]),
    }


def event(happened: SpanEvent) -> Json:
    """An event of a span."""
    return {"name": happened.name, "time": rfc3339(happened.time_ns), "attributes": happened.attributes}
