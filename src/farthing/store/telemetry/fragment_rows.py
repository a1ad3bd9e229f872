"""Fragments of spans in, rows of the `fragments` table out as Arrow; and all fragments of some spans back out of it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.model.fragment import Fragment
from farthing.shapes import Shape
from farthing.store.telemetry.texts import as_json

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

NAME = "fragments"
MOST = 200_000
"""Fragments that are read at once."""

TIMEOUT_S = 120
_OLD = "content != '' AND toDate(time) < {first:Date}"

Place = tuple[bytes, bytes]
"""A trace and a span of it."""


class _Document(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    parent: str | None = None
    scope_version: str | None = None
    attributes: dict[str, Any] = {}


_READ = Shape(_Document)


def table(project_id: str, fragments: Sequence[Fragment]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(fragments), pa.string()),
            "trace_id": pa.array([one.trace_id for one in fragments], pa.binary(16)),
            "span_id": pa.array([one.span_id for one in fragments], pa.binary(8)),
            "event_id": pa.array([one.event_id for one in fragments], pa.binary(16)),
            "time": pa.array([one.time_ns for one in fragments], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
            "is_update": pa.array([one.is_update for one in fragments], pa.bool_()),
            "document": pa.array([_document(one) for one in fragments], pa.string()),
            "content": pa.array([as_json(one.content) if one.content else "" for one in fragments], pa.string()),
        }
    )


def _document(one: Fragment) -> str:
    parent = None if one.parent_span_id is None else one.parent_span_id.hex()
    return as_json(_Document(one.name, one.start_ns, one.end_ns, parent, one.scope_version, one.attributes))


_OF_SPANS = f"""
SELECT trace_id, span_id, event_id, toUnixTimestamp64Nano(time), is_update, document, content
FROM fragments FINAL
WHERE project_id = {{project:String}}
    AND (trace_id, span_id) IN (
        SELECT toFixedString(unhex(place.1), 16), toFixedString(unhex(place.2), 8)
        FROM (SELECT arrayJoin(arrayZip({{traces:Array(String)}}, {{spans:Array(String)}})) AS place))
LIMIT {MOST}
"""


def of_spans(engine: "Engine", project_id: str, places: Iterable[Place]) -> dict[Place, list[Fragment]]:
    """All fragments of these spans, by span. Raises `StoreError`."""
    asked = list(places)
    told = {
        "project": project_id,
        "traces": [trace.hex() for trace, _ in asked],
        "spans": [span.hex() for _, span in asked],
    }
    found: dict[Place, list[Fragment]] = {}
    for row in engine.query(_OF_SPANS, told).rows:
        one = _fragment(row)
        found.setdefault((one.trace_id, one.span_id), []).append(one)
    return found


_TRACE_OF = """
SELECT span_id, any(trace_id) FROM fragments
WHERE project_id = {project:String} AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))
GROUP BY span_id
"""


def traces_of(engine: "Engine", project_id: str, spans: Iterable[bytes]) -> dict[bytes, bytes]:
    """Span → its trace, of those that are known. Raises `StoreError`."""
    asked = {"project": project_id, "spans": [span.hex() for span in spans]}
    return dict(engine.query(_TRACE_OF, asked).rows) if asked["spans"] else {}


def forget_content_before(engine: "Engine", first: date) -> None:
    """Take the content out of older fragments. May be repeated. Raises `StoreError`."""
    told = {"first": first}
    # Rewriting parts costs far more than looking whether there is anything to rewrite.
    if engine.query(f"SELECT count() FROM fragments WHERE {_OLD}", told, timeout_s=TIMEOUT_S).rows[0][0]:
        engine.command(f"ALTER TABLE fragments UPDATE content = '' WHERE {_OLD}", told)


def _fragment(row: tuple[Any, ...]) -> Fragment:
    trace_id, span_id, event_id, time_ns, is_update, document, content = row
    told = _READ.of_json(document)
    return Fragment(
        trace_id, span_id, event_id, time_ns, is_update, told.name, told.start_ns, told.end_ns,
        None if told.parent is None else bytes.fromhex(told.parent), told.scope_version, told.attributes,
        msgspec.json.decode(content) if content else {},
    )  # fmt: skip
