"""Senders' own request ids, as digests, and what was answered in; whether one was kept before, and that answer, out.

A row of `external_requests` is written in the same commit as its span, just before it. So the span is the proof: a row
without it tells of a crash in between, after which nobody was answered.
"""

from collections.abc import Collection, Sequence

import msgspec
import pyarrow as pa

from farthing.store.telemetry.engine import Engine

NAME = "external_requests"

_FOUND = """
SELECT id, toUnixTimestamp64Nano(start_time), trace_id, span_id, body, answer FROM external_requests FINAL
WHERE project_id = {project:String} AND id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))
"""

_SPANS = """
SELECT DISTINCT toUnixTimestamp64Nano(start_time), trace_id, span_id FROM spans
WHERE project_id = {project:String} AND start_time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({starts:Array(Int64)}), 'UTC'))
  AND span_id IN (SELECT toFixedString(unhex(arrayJoin({spans:Array(String)})), 8))
"""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A request that was answered: its id and body as digests, its span, and the answer as JSON."""

    id: bytes
    start_ns: int
    trace_id: bytes
    span_id: bytes
    body: bytes
    answer: bytes


def table(project_id: str, kept: Sequence[Kept]) -> pa.Table:
    """Rows of one project, without the commit that keeps them."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(kept), pa.string()),
            "id": pa.array([one.id for one in kept], pa.binary(16)),
            "start_time": pa.array([one.start_ns for one in kept], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
            "trace_id": pa.array([one.trace_id for one in kept], pa.binary(16)),
            "span_id": pa.array([one.span_id for one in kept], pa.binary(8)),
            "body": pa.array([one.body for one in kept], pa.binary(16)),
            "answer": pa.array([one.answer.decode() for one in kept], pa.string()),
        }
    )


def find(engine: Engine, project_id: str, ids: Collection[bytes]) -> dict[bytes, Kept]:
    """Those of these ids that were kept before. Raises `StoreError`."""
    rows = engine.query(_FOUND, {"project": project_id, "ids": [one.hex() for one in ids]}).rows
    if not rows:
        return {}
    told = [Kept(*row[:5], row[5].encode()) for row in rows]
    asked = {
        "project": project_id,
        "starts": sorted({one.start_ns for one in told}),
        "spans": [one.span_id.hex() for one in told],
    }
    there = {tuple(row) for row in engine.query(_SPANS, asked).rows}
    return {one.id: one for one in told if (one.start_ns, one.trace_id, one.span_id) in there}


def count_since(engine: Engine, project_id: str, since_us: int) -> int:
    """How many requests of a project were kept since then (Unix microseconds). Raises `StoreError`."""
    rows = engine.query(
        "SELECT uniqExact(id) FROM external_requests WHERE project_id = {project:String} AND commit >= {since:UInt64}",
        {"project": project_id, "since": since_us},
    ).rows
    return int(rows[0][0])
