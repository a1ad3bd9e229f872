"""What was said in spans in, rows of the `contents` table out as Arrow; that of one trace back out of it; and days over age dropped."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.model.content import Content
from farthing.model.span import Span
from farthing.store.telemetry.texts import as_json

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

NAME = "contents"
MOST = 50_000
"""Rows of one trace that are read."""

_DAY_NS = 86_400 * 10**9


def table(project_id: str, contents: Sequence[Content]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(contents), pa.string()),
            "day": pa.array([max(0, one.time_ns // _DAY_NS) for one in contents], pa.int32()).cast(pa.date32()),
            "trace_id": pa.array([one.trace_id for one in contents], pa.binary(16)),
            "span_id": pa.array([one.span_id for one in contents], pa.binary(8)),
            "record_id": pa.array([one.record_id for one in contents], pa.binary(16)),
            "time": pa.array([one.time_ns for one in contents], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
            "cut": pa.array([one.cut for one in contents], pa.bool_()),
            "document": pa.array([_document(one) for one in contents], pa.string()),
        }
    )


def rows(project_id: str, contents: Sequence[Content], kept: Iterable[Span]) -> dict[str, pa.Table]:
    """By the table's name, the rows of those whose spans are kept."""
    known = {(span.trace_id, span.span_id) for span in kept} if contents else set[tuple[bytes, bytes]]()
    mine = [one for one in contents if (one.trace_id, one.span_id) in known]
    return {NAME: table(project_id, mine)} if mine else {}


def together(project_id: str, told: pa.Table | None, more: Sequence[Content]) -> dict[str, pa.Table]:
    """By the table's name, these rows and those of what log records said."""
    tables = [*([] if told is None else [told]), *([table(project_id, more)] if more else [])]
    return {NAME: pa.concat_tables(tables)} if tables else {}


def _document(content: Content) -> str:
    told = {
        "attributes": content.attributes,
        "events": sorted(content.events.items()),
        "name": content.name,
        "body": content.body,
    }
    return as_json({name: value for name, value in told.items() if value not in ({}, [], "", None)})


_OF_TRACES = """
SELECT trace_id, span_id, toUnixTimestamp64Nano(time), record_id, cut, document
FROM contents
WHERE project_id = {project:String}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
    AND (empty({spans:Array(String)})
        OR span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8)))
ORDER BY commit DESC
LIMIT 1 BY trace_id, span_id, record_id
LIMIT {most:UInt32}
"""


def of_traces(engine: "Engine", project_id: str, traces: Sequence[str], spans: Sequence[str] = ()) -> list[Content]:
    """What is kept of these traces, or of some spans of them (ids in hex), the earliest first. Raises `StoreError`."""
    asked = {"project": project_id, "traces": list(traces), "spans": list(spans), "most": MOST}
    found = [_content(row) for row in engine.query(_OF_TRACES, asked).rows] if traces else []
    return sorted(found, key=lambda one: one.time_ns)


def _content(row: tuple[Any, ...]) -> Content:
    trace_id, span_id, time_ns, record_id, cut, document = row
    told: dict[str, Any] = msgspec.json.decode(document)
    events = dict(told.get("events", ()))
    return Content(
        trace_id, span_id, time_ns, told.get("attributes", {}), events, record_id, told.get("name", ""),
        told.get("body"), cut,
    )  # fmt: skip


def drop_before(engine: "Engine", first: date) -> int:
    """Drop all days before this one, at once; how many those were. May be repeated. Raises `StoreError`."""
    days = [
        row[0]
        for row in engine.query(
            "SELECT DISTINCT partition FROM system.parts WHERE database = currentDatabase() AND table = 'contents'"
            " AND active AND toDate(partition) < {first:Date} ORDER BY partition",
            {"first": first},
        ).rows
    ]
    for day in days:
        engine.command(f"ALTER TABLE contents DROP PARTITION '{date.fromisoformat(day)}'")
    return len(days)
