"""Spans in, rows of the `spans` table out as Arrow; and rows back into spans."""

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import pyarrow as pa

from farthing.model.span import NO_PARENT, Resource, Scope, Span, SpanEvent
from farthing.store.telemetry.texts import as_json, as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

NO_SPAN = b"\0" * 8

Column: TypeAlias = "pa.Array[Any]"


def table(project_id: str, spans: Sequence[Span], key_id: str = "") -> pa.Table:
    """Rows of one project, sent with one key, without the commit that keeps them (see `numbered`)."""
    resources: dict[int, str] = {}

    def resource(span: Span) -> str:
        # The spans of one request share the object: encode it once.
        key = id(span.resource)
        if key not in resources:
            resources[key] = as_json(span.resource.attributes)
        return resources[key]

    def column(pick: Callable[[Span], Any], kind: pa.DataType) -> Column:
        return pa.array([pick(span) for span in spans], kind)

    get = operator.attrgetter
    columns: dict[str, Column] = {
        "project_id": pa.array([project_id] * len(spans), pa.string()),
        "key_id": pa.array([key_id] * len(spans), pa.string()),
        "start_time": pa.array([s.start_ns for s in spans], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
        "trace_id": column(get("trace_id"), pa.binary(16)),
        "span_id": column(get("span_id"), pa.binary(8)),
        "parent_span_id": column(lambda s: s.parent_span_id or NO_SPAN, pa.binary(8)),
        "duration_ns": column(lambda s: s.end_ns - s.start_ns, pa.uint64()),
        "name": column(lambda s: as_text(s.name), pa.string()),
        "kind": column(lambda s: s.kind & 0xFF, pa.uint8()),
        "status": column(lambda s: s.status & 0xFF, pa.uint8()),
        "status_message": column(lambda s: as_text(s.status_message), pa.string()),
        "scope_name": column(lambda s: as_text(s.scope.name), pa.string()),
        "scope_version": column(lambda s: as_text(s.scope.version), pa.string()),
        "resource": column(resource, pa.string()),
        "attributes": column(lambda s: as_json(s.attributes), pa.string()),
        "events": column(lambda s: as_json(s.events) if s.events else "", pa.string()),
    }
    return pa.table(columns)


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
        tuple(msgspec.json.decode(events, type=list[SpanEvent])) if events else (),
        key_id,
    )
