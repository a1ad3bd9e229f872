"""A trace's id in; its spans as a tree with what each cost, its scores and the traces that tell of the same calls out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from farthing.errors import NotFoundError
from farthing.normalize.logs import LOG
from farthing.query import conversation, cursors, shapes, signals, trace_sums, tree
from farthing.query.errors import ParameterError
from farthing.query.question import Given, Pairs, Scope, take_limit
from farthing.query.shapes import Json
from farthing.query.traces import NEAR_NS, summary, sums_of_spans
from farthing.query.tree import Node, Placed
from farthing.store.telemetry import score_rows
from farthing.store.telemetry.call_rows import NO_TRACE
from farthing.store.telemetry.engine import Columns, Engine
from farthing.store.telemetry.span_rows import NO_SPAN

MOST_SPANS = 50_000
"""Spans of a trace that make its tree, the earliest ones."""
PAGE = 10_000
MOST_LINKED = 100

_CALL = (
    "id", "provider", "request_model", "response_model", "operation", "status", "error_type", "finish_reason",
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "cost_usd", "cost_status",
    "ttft_ms", "restated", "owner_id",
)  # fmt: skip
"""What is told of a span's call: the rest is at `/calls/{id}`."""

_IS_LOG = f"{signals.IS_LOG} AS is_log"


class Whole(msgspec.Struct, frozen=True):
    """A trace as it was read, column by column: its spans, its calls, and where each span is drawn.

    `call_of` tells at which place of the calls a span's own one is.
    """

    asked: Mapping[str, str]
    spans: Columns
    calls: Columns
    call_of: Mapping[bytes, int]
    nodes: list[Node]
    placed: list[Placed]
    truncated: bool


def one_trace(engine: Engine, project_id: str, trace_id: str, pairs: Pairs) -> Json:
    """`GET /api/v1/traces/{trace_id}`. Raises `NotFoundError`, `ParameterError`, `StoreError`."""
    given = Given(pairs)
    after = cursors.unpack(given.take("cursor"), cursors.SPAN_ID)
    limit = take_limit(given, PAGE, PAGE)
    given.finish(("cursor", "limit"))
    read = read_whole(engine, project_id, trace_id)
    nodes, placed = read.nodes, read.placed
    page, more = _page(placed, nodes, after, limit)
    return {
        **about(engine, read),
        **conversation.of_trace(engine, project_id, trace_id),
        "spans": [_span(one, read) for one in page],
        "next_cursor": more,
    }


def read_whole(
    engine: Engine,
    project_id: str,
    trace_id: str,
    of_spans: Sequence[str] = shapes.SPAN,
    of_calls: Sequence[str] = shapes.CALL,
    *,
    sums: bool = True,
) -> Whole:
    """All that a trace's page is made of; `of_spans`, `of_calls`: what to select of its spans and its calls.

    Raises as `one_trace` does.

    Without `sums` no span is told what it and those below it cost.
    """
    if not cursors.TRACE_ID.fullmatch(trace_id):
        raise _missing(trace_id)
    asked = {"project": project_id, "trace": trace_id}
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(engine.columns, _read("calls", of_calls, "is_owner, start_time DESC"), asked)
        told = engine.columns(
            _read("spans", (*of_spans, _IS_LOG), f"start_time, span_id LIMIT {MOST_SPANS + 1}"),
            asked,
        )
        calls = reading.result()
    # A span sent again with another start has two calls: the one that owns the tokens counts.
    call_of = {span_id: place for place, span_id in enumerate(calls["span_id"])}
    spans = _once(told, dict(zip(calls["span_id"], calls["start_ns"], strict=True)))
    nodes = [
        Node(span_id, b"" if parent == NO_SPAN else parent, start_ns, start_ns + lasted)
        for span_id, parent, start_ns, lasted in zip(
            spans["span_id"], spans["parent_span_id"], spans["start_ns"], spans["duration_ns"], strict=True
        )
    ]
    if not nodes:
        raise _missing(trace_id)
    rows = ((span_id, _row(calls, place)) for span_id, place in call_of.items()) if sums else ()
    own = {span_id: tree.sums_of(row) for span_id, row in rows if row["is_owner"]}
    truncated = len(told["span_id"]) > MOST_SPANS
    return Whole(asked, spans, calls, call_of, nodes, tree.grow(nodes, own), truncated)


def about(engine: Engine, read: Whole) -> Json:
    """What is told of the trace as a whole. Raises `StoreError`."""
    project_id, trace_id = read.asked["project"], bytes.fromhex(read.asked["trace"])
    starts = read.spans["start_ns"]
    window = Scope(project_id, min(starts), max(starts) + NEAR_NS, every_mode=True)
    spans = trace_sums.of_spans(read.spans)
    if read.truncated:
        spans = sums_of_spans(engine, [trace_id], window)[trace_id]
    scores = signals.scores(engine, project_id, trace_id.hex())
    scored = score_rows.of_traces(engine, project_id, [trace_id]) if scores else {}
    return {
        **summary(trace_id, spans, trace_sums.of_calls(read.calls, read.call_of.values()), scored.get(trace_id, ())),
        "orphans": sum(one.orphan for one in read.placed),
        "truncated": read.truncated,
        "linked_traces": _linked(engine, read.asked, window, read.calls["owner_trace_id"]),
        "scores": scores,
    }


def _read(table: str, columns: Iterable[str], order: str) -> str:
    """All rows of the trace. An id is part of a row's key: sought before rows of one key are made one, it is found sooner."""
    return (
        f"SELECT {', '.join(columns)} FROM {table} FINAL PREWHERE trace_id = toFixedString(unhex({{trace:String}}), 16)"
        f" WHERE project_id = {{project:String}} ORDER BY {order}"
    )


def _missing(trace_id: str) -> NotFoundError:
    msg = f"There is no trace {trace_id[:80]!r} in this project."
    return NotFoundError(msg)


def _once(told: Columns, start_of_call: Mapping[bytes, int]) -> Columns:
    """Each span in one version: that of its call, else the earliest."""
    found: dict[bytes, int] = {}
    for place, (span_id, start_ns) in enumerate(zip(told["span_id"], told["start_ns"], strict=True)):
        if place == MOST_SPANS:
            break
        if found.setdefault(span_id, place) != place and start_of_call.get(span_id) == start_ns:
            found[span_id] = place
    if len(found) == len(told["span_id"]):
        return told
    return {name: [column[place] for place in found.values()] for name, column in told.items()}


def _row(columns: Columns, place: int) -> Json:
    return {name: column[place] for name, column in columns.items()}


def _page(
    placed: Sequence[Placed], nodes: Sequence[Node], after: Sequence[str] | None, limit: int
) -> tuple[Sequence[Placed], str | None]:
    begin = 0
    if after is not None:
        last = bytes.fromhex(after[0])
        begin = next((at + 1 for at, one in enumerate(placed) if nodes[one.index].span_id == last), 0)
        if not begin:
            raise ParameterError("cursor", "it must be one that this trace gave.")
    page = placed[begin : begin + limit]
    more = len(placed) > begin + limit
    return page, cursors.pack([nodes[page[-1].index].span_id.hex()]) if more else None


def _span(one: Placed, read: Whole) -> Json:
    row = _row(read.spans, one.index)
    call = read.call_of.get(row["span_id"])
    return {
        **shapes.span(row),
        "signal": LOG if row["is_log"] else "span",
        "depth": one.depth,
        "under": None if one.under is None else read.nodes[one.under].span_id.hex(),
        "orphan": one.orphan,
        "children": one.children,
        "descendants": one.descendants,
        "own": one.own.shape() if one.own else None,
        "subtree": one.subtree.shape() if one.subtree else None,
        "call": None if call is None else _call(_row(read.calls, call)),
    }


def _call(row: Json) -> Json:
    whole = shapes.call(row)
    return {name: whole[name] for name in _CALL}


def _linked(engine: Engine, asked: Mapping[str, str], window: Scope, owners_traces: Iterable[bytes]) -> list[Json]:
    """Other traces that own calls told here, or repeat calls owned here, with how many."""
    owners = Counter(other for other in owners_traces if other != NO_TRACE)
    near: dict[str, Any] = {
        **asked,
        "from": max(0, window.start_ns - NEAR_NS),
        "to": window.end_ns,
        "most": MOST_LINKED,
    }
    restating = engine.query(
        "SELECT trace_id, count() FROM calls FINAL WHERE project_id = {project:String} AND NOT is_owner"
        " AND owner_trace_id = toFixedString(unhex({trace:String}), 16)"
        " AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')"
        " AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')"
        " GROUP BY trace_id ORDER BY trace_id LIMIT {most:UInt32}",
        near,
    ).rows
    found = [("owns", other, number) for other, number in sorted(owners.items())[:MOST_LINKED]]
    found += [("restates", other, number) for other, number in restating]
    return [{"trace_id": other.hex(), "relation": relation, "calls": number} for relation, other, number in found]
