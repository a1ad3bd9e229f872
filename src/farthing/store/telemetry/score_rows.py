"""Scores in, rows of the `scores` table out as Arrow; and the scores of one trace back out of it."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from farthing.model.score import Score, ScoreSource
from farthing.store.telemetry.texts import as_json, as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

_RANK = {ScoreSource.LOG: 1, ScoreSource.SPAN_EVENT: 2}


def table(project_id: str, scores: Sequence[Score]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(scores), pa.string()),
            "trace_id": pa.array([s.trace_id for s in scores], pa.binary(16)),
            "span_id": pa.array([s.span_id for s in scores], pa.binary(8)),
            "id": pa.array([_digest(s) for s in scores], pa.binary(16)),
            "time": pa.array([s.time_ns for s in scores], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
            "name": pa.array([as_text(s.name) for s in scores], pa.string()),
            "value": pa.array([s.value for s in scores], pa.float64()),
            "label": pa.array([as_text(s.label) for s in scores], pa.string()),
            "explanation": pa.array([as_text(s.explanation) for s in scores], pa.string()),
            "source": pa.array([s.source.value for s in scores], pa.string()),
            "rank": pa.array([_RANK[s.source] for s in scores], pa.uint8()),
        }
    )


def _digest(score: Score) -> bytes:
    said = as_json((score.name, score.value, score.label, score.explanation))
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


_OF_TRACE = """
SELECT trace_id, span_id, name, value, label, explanation, source, toUnixTimestamp64Nano(time)
FROM scores FINAL
WHERE project_id = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)
ORDER BY time, name, id
LIMIT {most:UInt32}
"""


class Summed(msgspec.Struct, frozen=True):
    """All scores of one name in a trace: how many, their average, and their label where all have the same."""

    name: str
    count: int
    average: float | None
    label: str


_OF_TRACES = """
SELECT trace_id, name, toUInt64(count()), avg(value), if(uniqExact(label) = 1, any(label), '')
FROM scores FINAL
WHERE project_id = {project:String}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))
GROUP BY trace_id, name ORDER BY trace_id, name
"""


def of_traces(engine: "Engine", project_id: str, traces: Sequence[bytes]) -> dict[bytes, list[Summed]]:
    """The scores of some traces, by name. Raises `StoreError`."""
    found: dict[bytes, list[Summed]] = {}
    told = {"project": project_id, "traces": [one.hex() for one in traces]}
    for trace, name, count, average, label in engine.query(_OF_TRACES, told).rows:
        found.setdefault(trace, []).append(Summed(name, count, average, label))
    return found


def of_trace(engine: "Engine", project_id: str, trace_id: str, most: int) -> list[Score]:
    """The scores of one trace (its id in hex), the earliest first. Raises `StoreError`."""
    rows = engine.query(_OF_TRACE, {"project": project_id, "trace": trace_id, "most": most}).rows
    return [
        Score(trace, span, name, value, label, explanation, ScoreSource(source), time_ns)
        for trace, span, name, value, label, explanation, source, time_ns in rows
    ]
