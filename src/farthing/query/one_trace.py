"""A trace's id in; its spans as a tree with what each cost, its scores and the traces that tell of the same calls out."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from farthing.errors import NotFoundError
from farthing.normalize.logs import LOG
from farthing.query import conversation, cursors, shapes, signals, tree
from farthing.query.errors import ParameterError
from farthing.query.question import Given, Pairs, Scope, take_limit
from farthing.query.shapes import Json
from farthing.query.traces import NEAR_NS, summaries
from farthing.query.tree import Node, Placed
from farthing.store.telemetry.call_rows import NO_TRACE
from farthing.store.telemetry.engine import Engine
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

_OF_TRACE = "project_id = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)"
_IS_LOG = f"{signals.IS_LOG} AS is_log"


class Whole(msgspec.Struct, frozen=True):
    """A trace as it was read: its spans, its calls by span, and where each span is drawn."""

    asked: Mapping[str, str]
    spans: list[Json]
    calls: dict[bytes, Json]
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
        "spans": [_span(one, read.spans, read.calls) for one in page],
        "next_cursor": more,
    }


def read_whole(
    engine: Engine,
    project_id: str,
    trace_id: str,
    besides: Sequence[str] = (),
    of_calls: Sequence[str] = shapes.CALL,
    *,
    sums: bool = True,
) -> Whole:
    """All that a trace's page is made of; `besides`: more to select of its spans, `of_calls`: what to select of its calls.

    Raises as `one_trace` does.

    Without `sums` no span is told what it and those below it cost.
    """
    if not cursors.TRACE_ID.fullmatch(trace_id):
        raise _missing(trace_id)
    asked = {"project": project_id, "trace": trace_id}
    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(_calls, engine, asked, of_calls)
        told = shapes.rows(
            engine.query(
                f"SELECT {', '.join((*shapes.SPAN, _IS_LOG, *besides))} FROM spans FINAL WHERE {_OF_TRACE}"
                f" ORDER BY start_time, span_id LIMIT {MOST_SPANS + 1}",
                asked,
            )
        )
        calls = reading.result()
    spans = _once(told[:MOST_SPANS], calls)
    if not spans:
        raise _missing(trace_id)
    nodes = [_node(row) for row in spans]
    own = {span_id: tree.sums_of(row) for span_id, row in calls.items() if row["is_owner"]} if sums else {}
    return Whole(asked, spans, calls, nodes, tree.grow(nodes, own), len(told) > MOST_SPANS)


def about(engine: Engine, read: Whole) -> Json:
    """What is told of the trace as a whole. Raises `StoreError`."""
    project_id, trace_id = read.asked["project"], read.asked["trace"]
    window = Scope(
        project_id, min(n.start_ns for n in read.nodes), max(n.start_ns for n in read.nodes) + NEAR_NS, every_mode=True
    )
    with ThreadPoolExecutor(1) as aside:
        summing = aside.submit(summaries, engine, [bytes.fromhex(trace_id)], window, window)
        linked = _linked(engine, read.asked, window, read.calls.values())
        scores = signals.scores(engine, project_id, trace_id)
        summary = summing.result()[0]
    return {
        **summary,
        "span_count": summary["span_count"] if read.truncated else len(read.spans),
        "orphans": sum(one.orphan for one in read.placed),
        "truncated": read.truncated,
        "linked_traces": linked,
        "scores": scores,
    }


def _missing(trace_id: str) -> NotFoundError:
    msg = f"There is no trace {trace_id[:80]!r} in this project."
    return NotFoundError(msg)


def _calls(engine: Engine, asked: Mapping[str, str], columns: Sequence[str]) -> dict[bytes, Json]:
    """The trace's calls by span. A span sent again with another start has two rows: the one that owns the tokens counts."""
    rows = shapes.rows(
        engine.query(
            f"SELECT {', '.join(columns)} FROM calls FINAL WHERE {_OF_TRACE} ORDER BY is_owner, start_time DESC",
            asked,
        )
    )
    return {row["span_id"]: row for row in rows}


def _once(rows: Iterable[Json], calls: Mapping[bytes, Json]) -> list[Json]:
    """Each span in one version: that of its call, else the earliest."""
    found: dict[bytes, Json] = {}
    for row in rows:
        span_id = row["span_id"]
        if span_id not in found or (span_id in calls and calls[span_id]["start_ns"] == row["start_ns"]):
            found[span_id] = row
    return list(found.values())


def _node(row: Json) -> Node:
    parent = row["parent_span_id"]
    return Node(
        row["span_id"], b"" if parent == NO_SPAN else parent, row["start_ns"], row["start_ns"] + row["duration_ns"]
    )


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


def _span(one: Placed, spans: Sequence[Json], calls: Mapping[bytes, Json]) -> Json:
    row = spans[one.index]
    call = calls.get(row["span_id"])
    return {
        **shapes.span(row),
        "signal": LOG if row["is_log"] else "span",
        "depth": one.depth,
        "under": None if one.under is None else spans[one.under]["span_id"].hex(),
        "orphan": one.orphan,
        "children": one.children,
        "descendants": one.descendants,
        "own": one.own.shape() if one.own else None,
        "subtree": one.subtree.shape() if one.subtree else None,
        "call": _call(call) if call else None,
    }


def _call(row: Json) -> Json:
    whole = shapes.call(row)
    return {name: whole[name] for name in _CALL}


def _linked(engine: Engine, asked: Mapping[str, str], window: Scope, calls: Iterable[Json]) -> list[Json]:
    """Other traces that own calls told here, or repeat calls owned here, with how many."""
    owners: dict[bytes, int] = {}
    for row in calls:
        if row["owner_trace_id"] != NO_TRACE:
            owners[row["owner_trace_id"]] = owners.get(row["owner_trace_id"], 0) + 1
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
