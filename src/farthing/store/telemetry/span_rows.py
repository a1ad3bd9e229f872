"""Spans in, rows of the `spans` table out as Arrow; and rows back into spans."""

import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.model.span import NO_PARENT, Attributes, Resource, Scope, Span, SpanEvent
from farthing.shapes import Shape
from farthing.store.telemetry.columns import Column, documents, ids, moments, numbers, texts
from farthing.store.telemetry.texts import as_json

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

_read_events = Shape(list[SpanEvent]).of_json

NO_SPAN = b"\0" * 8


def table(
    project_id: str, spans: Sequence[Span], key_id: str = "", attributes: Sequence[Attributes] | None = None
) -> pa.Table:
    """Rows of one project, sent with one key, without the commit that keeps them (see `numbered`).

    `attributes` are written instead of the spans' own.
    """
    read = zip(*map(_READ, spans), strict=True) if spans else [()] * 12
    starts, ends, traces, ids_, parents, names, kinds, statuses, messages, scopes, resources, held = read
    columns: dict[str, Column] = {
        "project_id": texts([project_id] * len(spans)),
        "key_id": texts([key_id] * len(spans)),
        "start_time": moments(starts),
        "trace_id": ids(traces, 16),
        "span_id": ids(ids_, 8),
        "parent_span_id": ids([parent or NO_SPAN for parent in parents], 8),
        "duration_ns": numbers([end - start for start, end in zip(starts, ends, strict=True)], pa.uint64()),
        "name": texts(names),
        "kind": pa.array([kind & 0xFF for kind in kinds], pa.uint8()),
        "status": pa.array([status & 0xFF for status in statuses], pa.uint8()),
        "status_message": texts(messages),
        "scope_name": texts([scope.name for scope in scopes]),
        "scope_version": texts([scope.version for scope in scopes]),
        "resource": _resources(resources),
        "attributes": documents(held if attributes is None else attributes),
        "events": texts([as_json(span.events) if span.events else "" for span in spans]),
    }
    return pa.table(columns)


_READ = operator.attrgetter(
    "start_ns",
    "end_ns",
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "status",
    "status_message",
    "scope",
    "resource",
    "attributes",
)


def _resources(held: Sequence[Resource]) -> Column:
    # The spans of one request share the object: encode it once.
    told = {id(resource): resource for resource in held}
    encoded = {key: as_json(resource.attributes) for key, resource in told.items()}
    return texts([encoded[id(resource)] for resource in held])


def numbered(tables: Iterable[pa.Table], column: str, number: int) -> pa.Table:
    """These rows together, with the number of the write that makes them durable in a column of its own."""
    # Rows made of metrics have a column more.
    together = pa.concat_tables(tables, promote_options="default")
    return together.append_column(column, pa.array([number] * together.num_rows, pa.uint64()))


def is_writable(span: Span) -> bool:
    """Whether this span, for itself, has a row."""
    try:
        table("", [span])
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        return False
    return True


COLUMNS = """trace_id, span_id, parent_span_id, name, kind, status, status_message, scope_name, scope_version,
       resource, attributes, events, toUnixTimestamp64Nano(start_time) AS start_ns, duration_ns, key_id"""
"""What `span` makes a span of."""

_LOAD = f"""
SELECT {COLUMNS}
FROM spans FINAL
WHERE project_id = {{project:String}}
  AND start_time >= fromUnixTimestamp64Nano({{from:Int64}}, 'UTC')
  AND start_time <= fromUnixTimestamp64Nano({{to:Int64}}, 'UTC')
  AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16))
LIMIT {{most:UInt32}} BY trace_id
"""


def load(engine: "Engine", project_id: str, traces: Sequence[bytes], window: tuple[int, int], most: int) -> list[Span]:
    """The stored spans of these traces that start within `window` (Unix ns), at most `most` of each trace."""
    answer = engine.query(
        _LOAD,
        {
            "project": project_id,
            "from": window[0],
            "to": window[1],
            "traces": [trace.hex() for trace in traces],
            "most": most,
        },
        timeout_s=120,
    )
    return [span(row) for row in answer.rows]


def span(row: tuple[Any, ...]) -> Span:
    """A span as it was written, from its `COLUMNS`."""
    trace_id, span_id, parent, name, kind, status, message, scope, version = row[:9]
    resource, attributes, events, start_ns, duration_ns, key_id = row[9:]
    return Span(
        trace_id,
        span_id,
        NO_PARENT if parent == NO_SPAN else parent,
        name,
        kind,
        start_ns,
        start_ns + duration_ns,
        status,
        message,
        Scope(scope, version),
        Resource(msgspec.json.decode(resource)),
        msgspec.json.decode(attributes),
        tuple(_read_events(events)) if events else (),
        key_id,
    )
