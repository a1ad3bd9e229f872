"""Posted calls in, with what was answered to them; the answer to one that was kept before, out.

What makes a posted call count once is in the row of its span: the sender's id, a digest of the body and the first answer, so
all of it is durable at once or not at all. `external_requests` is an index of those rows by the span's id, which is a digest of
the sender's. Settling adds to it in bulk; what a crash left out is added at the start.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.shapes import Shape
from farthing.store.telemetry.traces import Piece

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

SCOPE = "farthing.direct"
"""The scope of the spans of posted calls."""

Range = tuple[int, int]
"""Commits after the first and up to the second."""

NOTE = "farthing.request"
"""The attribute that holds the `Note`."""

_PARTS = 16
"""In which all ids are read, so that they are never all in memory."""

_PLACES = """
SELECT span_id, toUnixTimestamp64Nano(start_time), trace_id FROM external_requests
WHERE project_id = {project:String} AND span_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 8))
"""
_UNINDEXED = """
SELECT span_id, toUnixTimestamp64Nano(start_time), trace_id FROM spans
WHERE project_id = {project:String} AND commit > {after:UInt64} AND commit <= {until:UInt64}
  AND span_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 8))
"""
_SPANS = """
SELECT span_id, trace_id, toUnixTimestamp64Nano(start_time), attributes FROM spans
WHERE project_id = {project:String} AND start_time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({starts:Array(Int64)}), 'UTC'))
  AND span_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 8))
ORDER BY commit
"""
_INDEXED = """
SELECT span_id, trace_id, toUnixTimestamp64Nano(start_time) FROM external_requests
WHERE project_id = {project:String} AND span_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 8))
"""
_RECOVER = f"""
INSERT INTO external_requests (project_id, span_id, commit, start_time, trace_id)
SELECT project_id, span_id, commit, start_time, trace_id FROM spans
WHERE commit > {{after:UInt64}} AND commit <= {{until:UInt64}} AND scope_name = '{SCOPE}'
"""
_COUNT = f"""
SELECT uniqExact(span_id) FROM (
  SELECT span_id FROM external_requests WHERE project_id = {{project:String}} AND commit >= {{since:UInt64}}
  UNION ALL
  SELECT span_id FROM spans WHERE project_id = {{project:String}} AND commit >= {{since:UInt64}}
    AND commit > {{after:UInt64}} AND commit <= {{until:UInt64}} AND scope_name = '{SCOPE}'
)
"""


class Note(msgspec.Struct, frozen=True, gc=False):
    """What is noted with a span: a digest of the body in hex, and the answer."""

    body: str
    answer: msgspec.Raw


class Index(msgspec.Struct):
    """Rows of `external_requests` on their way, without the commit."""

    rows: pa.Table | None
    commit: int = 0
    is_written: bool = False


class _Attributes(msgspec.Struct, gc=False):
    external_request_id: str = msgspec.field(default="", name="externalRequestId")
    note: Note | None = msgspec.field(default=None, name=NOTE)


_read = Shape(_Attributes).of_json
_write = msgspec.json.Encoder().encode


def noted(spans: pa.Table, notes: Mapping[bytes, Note]) -> pa.Table:
    """Rows of `spans` that say what was answered, by the spans' ids."""
    ids: Any = spans.column("span_id").to_pylist()
    texts: Any = spans.column("attributes").to_pylist()
    told = [f'{text[:-1]},"{NOTE}":{_write(notes[one]).decode()}}}' for one, text in zip(ids, texts, strict=True)]
    return spans.set_column(spans.column_names.index("attributes"), "attributes", pa.array(told, pa.string()))


def index(spans: pa.Table) -> Index:
    """What makes these rows of `spans` be found again."""
    return Index(spans.select(["project_id", "span_id", "start_time", "trace_id"]))


def find(
    engine: "Engine", project_id: str, wanted: Mapping[bytes, str], unindexed: Range | None = None
) -> dict[bytes, Note]:
    """Span's id → what was answered, for those of these (span's id → sender's id) that were kept. Raises `StoreError`."""
    ids = [one.hex() for one in wanted]
    places = engine.query(_PLACES, {"project": project_id, "ids": ids}).rows
    if unindexed is not None:
        asked = {"project": project_id, "ids": ids, "after": unindexed[0], "until": unindexed[1]}
        places += engine.query(_UNINDEXED, asked).rows
    if not places:
        return {}
    there = {(span_id, trace_id, start) for span_id, start, trace_id in places}
    asked = {
        "project": project_id,
        "starts": sorted({start for _, start, _ in places}),
        "ids": sorted({span_id.hex() for span_id, _, _ in places}),
    }
    found: dict[bytes, Note] = {}
    for span_id, trace_id, start, text in engine.query(_SPANS, asked).rows:
        told = _read(text)
        if told.note and told.external_request_id == wanted[span_id] and (span_id, trace_id, start) in there:
            found[span_id] = told.note
    return found


def add(engine: "Engine", waiting: Sequence[Index]) -> pa.Table | None:
    """Write what isn't written yet; what was written. Raises `StoreError`."""
    due = [(one, one.rows) for one in waiting if one.rows is not None]
    if not due:
        return None
    tables = [rows.append_column("commit", pa.array([one.commit] * rows.num_rows, pa.uint64())) for one, rows in due]
    written = pa.concat_tables(tables)
    engine.insert("external_requests", written)
    for one, _ in due:
        one.rows, one.is_written = None, True
    return written


def told_twice(engine: "Engine", written: pa.Table) -> dict[str, list[Piece]]:
    """By project, the traces of those of these that stand elsewhere, too: another server kept them meanwhile.

    Raises `StoreError`.
    """
    columns = [written.column("project_id"), written.column("span_id"), written.column("trace_id")]
    names: list[list[Any]] = [column.to_pylist() for column in columns]
    starts: list[Any] = written.column("start_time").cast(pa.int64()).to_pylist()
    mine: dict[str, dict[bytes, tuple[bytes, int]]] = {}
    for project_id, span_id, trace_id, start in zip(*names, starts, strict=True):
        mine.setdefault(project_id, {})[span_id] = (trace_id, start)
    found: dict[str, list[Piece]] = {}
    for project_id, places in mine.items():
        asked = {"project": project_id, "ids": [one.hex() for one in places]}
        for span_id, trace_id, start in engine.query(_INDEXED, asked).rows:
            own_trace, own_start = places[span_id]
            if (trace_id, start) != places[span_id]:
                both = (own_start, start)
                traces = dict.fromkeys((own_trace, trace_id))
                found.setdefault(project_id, []).extend(Piece(one, min(both), max(both)) for one in traces)
    return found


def recover(engine: "Engine", kept: Range) -> None:
    """Index what these commits kept. Raises `StoreError`."""
    engine.command(_RECOVER, {"after": kept[0], "until": kept[1]})


def count_since(engine: "Engine", project_id: str, since_us: int, unindexed: Range | None = None) -> int:
    """How many posted calls of a project were kept since then (Unix microseconds). Raises `StoreError`."""
    after, until = unindexed or (0, 0)
    asked = {"project": project_id, "since": since_us, "after": after, "until": until}
    return int(engine.query(_COUNT, asked).rows[0][0])


def all_ids(engine: "Engine") -> Iterator[list[bytes]]:
    """The ids of all indexed spans, of whatever project. Raises `StoreError`."""
    for part in range(_PARTS):
        sql = f"SELECT span_id FROM external_requests WHERE cityHash64(span_id) % {_PARTS} = {part}"
        yield [row[0] for row in engine.query(sql, timeout_s=120).rows]
