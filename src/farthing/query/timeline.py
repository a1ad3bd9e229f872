"""A trace's id in; all of its spans at once for drawing, column by column and each text once, out.

A span takes about 60 bytes so, a call as much again: 50,000 spans are one answer, and no sum is made twice.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from farthing.query import shapes, trace_sums
from farthing.query.one_trace import Whole, about, read_whole
from farthing.query.shapes import Json
from farthing.store.telemetry.engine import Engine

_ROLES = ("gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind", "langfuse.observation.type")
"""Attributes that say what a span is for, the surest first."""
_LEVEL = "langfuse.observation.level"

_SPAN = (
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "status",
    "scope_name",
    "toUnixTimestamp64Nano(start_time) AS start_ns",
    "duration_ns",
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
    *trace_sums.OF_CALLS,
)
"""What is drawn of a call and added up; reading the rest of thousands of rows would take most of the time."""


class _Texts:
    """Each text once: texts in, their places out. What is empty is at 0."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {"": 0}

    def places(self, texts: Iterable[str]) -> list[int]:
        """A text's place is its number among those seen."""
        at = self.at
        return [at.setdefault(text, len(at)) for text in texts]


def timeline(engine: Engine, project_id: str, trace_id: str) -> Json:
    """`GET /api/v1/traces/{trace_id}/timeline`. Raises `NotFoundError`, `StoreError`. Who draws it adds it up."""
    read = read_whole(engine, project_id, trace_id, _SPAN, _CALL, sums=False)
    texts = _Texts()
    with ThreadPoolExecutor(1) as aside:
        whole = aside.submit(about, engine, read)
        columns = {"span_columns": _spans(read, texts), "call_columns": _calls(read, texts)}
        return {**whole.result(), **columns, "texts": list(texts.at)}


def _spans(read: Whole, texts: _Texts) -> Json:
    placed = read.placed
    order = [one.index for one in placed]
    place = [0] * len(order)
    for at, index in enumerate(order):
        place[index] = at

    def drawn(name: str) -> Iterable[Any]:
        return map(read.spans[name].__getitem__, order)

    first = min(read.spans["start_ns"])
    return {
        "span_id": [span_id.hex() for span_id in drawn("span_id")],
        "start_us": [(start_ns - first) // 1000 for start_ns in drawn("start_ns")],
        "duration_us": [lasted // 1000 for lasted in drawn("duration_ns")],
        "kind": list(drawn("kind")),
        "status": list(drawn("status")),
        **{name: texts.places(drawn(name)) for name in _SPAN_TEXTS},
        "depth": [one.depth for one in placed],
        "under": [-1 if one.under is None else place[one.under] for one in placed],
        "children": [one.children for one in placed],
        "descendants": [one.descendants for one in placed],
        "orphans": [at for at, one in enumerate(placed) if one.orphan],
        "logs": [at for at, is_log in enumerate(drawn("is_log")) if is_log],
    }


def _calls(read: Whole, texts: _Texts) -> Json:
    calls = [read.call_of.get(read.nodes[one.index].span_id) for one in read.placed]
    order = [call for call in calls if call is not None]

    def drawn(name: str) -> Iterable[Any]:
        return map(read.calls[name].__getitem__, order)

    return {
        "at": [at for at, call in enumerate(calls) if call is not None],
        **{name: texts.places(drawn(name)) for name in _CALL_TEXTS},
        **{name: list(drawn(name)) for name in _CALL_COUNTS},
        "failed": [status == "error" for status in drawn("status")],
        "restated": [not is_owner for is_owner in drawn("is_owner")],
        "cost_usd": [shapes.dollars(cost) for cost in drawn("cost")],
        "ttft_us": [None if ttft_ns is None else ttft_ns // 1000 for ttft_ns in drawn("ttft_ns")],
        "owner_id": list(map(shapes.owner_id, *map(drawn, ("trace_id", "owner_span_id", "owner_trace_id")))),
    }
