"""A trace's id in; all of its spans at once for drawing, column by column and each text once, out.

A span takes about 60 bytes so, a call as much again: 50,000 spans are one answer, and no sum is made twice.
"""

from collections.abc import Callable, Mapping

from farthing.query import shapes
from farthing.query.one_trace import Whole, about, read_whole
from farthing.query.shapes import Json
from farthing.query.tree import Placed
from farthing.store.telemetry.engine import Engine

_ROLES = ("gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind", "langfuse.observation.type")
"""Attributes that say what a span is for, the surest first."""
_LEVEL = "langfuse.observation.level"

_BESIDES = (
    "multiIf("
    + ", ".join(f"JSONExtractString(attributes, '{name}') AS r{at} != '', r{at}" for at, name in enumerate(_ROLES))
    + ", '') AS role",
    f"JSONExtractString(attributes, '{_LEVEL}') AS level",
)

_SPAN_TEXTS = ("name", "role", "level", "scope_name")
_CALL_TEXTS = ("provider", "request_model", "response_model", "operation", "error_type", "finish_reason", "cost_status")
_CALL_COUNTS = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")
_CALL = (
    "trace_id",
    "span_id",
    "owner_span_id",
    "owner_trace_id",
    "is_owner",
    "toUnixTimestamp64Nano(start_time) AS start_ns",
    "status",
    "cost",
    "ttft_ns",
    *_CALL_TEXTS,
    *_CALL_COUNTS,
)
"""What is drawn of a call; reading the rest of thousands of rows would take most of the time."""


class _Texts:
    """Each text once: texts in, their places out. What is empty is at 0."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {"": 0}

    def place(self, text: str | None) -> int:
        return self.at.setdefault(text or "", len(self.at))


def timeline(engine: Engine, project_id: str, trace_id: str) -> Json:
    """`GET /api/v1/traces/{trace_id}/timeline`. Raises `NotFoundError`, `StoreError`. Who draws it adds it up."""
    read = read_whole(engine, project_id, trace_id, _BESIDES, _CALL, sums=False)
    texts = _Texts()
    columns = {"span_columns": _spans(read, texts), "call_columns": _calls(read, texts)}
    return {**about(engine, read), **columns, "texts": list(texts.at)}


def _spans(read: Whole, texts: _Texts) -> Json:
    first = min(node.start_ns for node in read.nodes)
    place = {one.index: at for at, one in enumerate(read.placed)}
    rows = [read.spans[one.index] for one in read.placed]
    drawn: Mapping[str, Callable[[Placed], int]] = {
        "depth": lambda one: one.depth,
        "under": lambda one: -1 if one.under is None else place[one.under],
        "children": lambda one: one.children,
        "descendants": lambda one: one.descendants,
    }
    return {
        "span_id": [row["span_id"].hex() for row in rows],
        "start_us": [(row["start_ns"] - first) // 1000 for row in rows],
        "duration_us": [row["duration_ns"] // 1000 for row in rows],
        "kind": [row["kind"] for row in rows],
        "status": [row["status"] for row in rows],
        **{name: [texts.place(row[name]) for row in rows] for name in _SPAN_TEXTS},
        **{name: [of(one) for one in read.placed] for name, of in drawn.items()},
        "orphans": [at for at, one in enumerate(read.placed) if one.orphan],
        "logs": [at for at, row in enumerate(rows) if row["is_log"]],
    }


def _calls(read: Whole, texts: _Texts) -> Json:
    span_ids = [read.spans[one.index]["span_id"] for one in read.placed]
    at = [place for place, span_id in enumerate(span_ids) if span_id in read.calls]
    rows = [read.calls[span_ids[place]] for place in at]
    return {
        "at": at,
        **{name: [texts.place(row[name]) for row in rows] for name in _CALL_TEXTS},
        **{name: [row[name] for row in rows] for name in _CALL_COUNTS},
        "failed": [row["status"] == "error" for row in rows],
        "restated": [not row["is_owner"] for row in rows],
        "cost_usd": [shapes.dollars(row["cost"]) for row in rows],
        "ttft_us": [None if row["ttft_ns"] is None else row["ttft_ns"] // 1000 for row in rows],
        "owner_id": [shapes.owner_id(row) for row in rows],
    }
