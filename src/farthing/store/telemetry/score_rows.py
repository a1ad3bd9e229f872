"""Scores in, rows of the `scores` table out as Arrow; and the scores of one trace back out of it."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from farthing.model.score import DataType, Score, ScoreSource, Target
from farthing.store.telemetry.texts import as_json, as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

_RANK = {ScoreSource.LOG: 1, ScoreSource.SPAN_EVENT: 2, ScoreSource.API: 3}

_TEXTS = (
    "text",
    "trace",
    "observation",
    "session_id",
    "run_id",
    "origin",
    "config_id",
    "queue_id",
    "author",
    "environment",
)


def table(project_id: str, scores: Sequence[Score]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(scores), pa.string()),
            "trace_id": pa.array([s.trace_id for s in scores], pa.binary(16)),
            "span_id": pa.array([s.span_id for s in scores], pa.binary(8)),
            "id": pa.array([digest(s) for s in scores], pa.binary(16)),
            "time": pa.array([s.time_ns for s in scores], pa.int64()).cast(pa.timestamp("ns", tz="UTC")),
            "name": pa.array([as_text(s.name) for s in scores], pa.string()),
            "value": pa.array([s.value for s in scores], pa.float64()),
            "label": pa.array([as_text(s.label) for s in scores], pa.string()),
            "explanation": pa.array([as_text(s.explanation) for s in scores], pa.string()),
            "source": pa.array([s.source.value for s in scores], pa.string()),
            "rank": pa.array([_RANK[s.source] for s in scores], pa.uint8()),
            "external_id": pa.array([as_text(s.id) for s in scores], pa.string()),
            "data_type": pa.array([s.kind.value for s in scores], pa.string()),
            "target": pa.array([s.target.value for s in scores], pa.string()),
            **{name: pa.array([as_text(getattr(s, name)) for s in scores], pa.string()) for name in _TEXTS},
            "metadata": pa.array(["" if s.metadata is None else as_json(s.metadata) for s in scores], pa.string()),
            "created": pa.array([s.created_ns or s.time_ns for s in scores], pa.int64()).cast(
                pa.timestamp("ns", tz="UTC")
            ),
        }
    )


def of_id(told: str) -> bytes:
    """What a sender's id is kept as."""
    return hashlib.blake2b(as_text(told).encode(), digest_size=16, person=b"score").digest()


def digest(score: Score) -> bytes:
    """By which a score is known: its sender's id, else what it says."""
    if score.id:
        return of_id(score.id)
    said = as_json((score.name, score.value, score.label, score.explanation))
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


COLUMNS = """trace_id, span_id, name, value, label, explanation, source, toUnixTimestamp64Nano(time), id, external_id, data_type,
       text, target, trace, observation, session_id, run_id, origin, metadata, config_id, queue_id, author, environment,
       toUnixTimestamp64Nano(created), commit"""
"""What `score` makes a score of."""

_OF_TRACE = f"""
SELECT {COLUMNS}
FROM scores FINAL
WHERE project_id = {{project:String}} AND trace_id = toFixedString(unhex({{trace:String}}), 16)
ORDER BY time, name, id
LIMIT {{most:UInt32}}
"""


def score(row: tuple[Any, ...]) -> Score:
    """A score as it was written, from its `COLUMNS`. One without an id of its sender's has its digest as id."""
    trace_id, span_id, name, value, label, explanation, source, time_ns, made_of, told_id, kind = row[:11]
    text, target, trace, observation, session_id, run_id, origin, metadata, config_id, queue_id, author = row[11:22]
    environment, created_ns, commit = row[22:]
    return Score(
        trace_id, span_id, name, value, label, explanation, ScoreSource(source), time_ns, told_id or made_of.hex(),
        DataType(kind), text, Target(target), trace, observation, session_id, run_id, origin,
        msgspec.json.decode(metadata) if metadata else None, config_id, queue_id, author, environment,
        created_ns, commit * 1000,
    )  # fmt: skip


_BY_ID = f"""
SELECT {COLUMNS}
FROM scores FINAL
WHERE project_id = {{project:String}} AND id IN (SELECT toFixedString(unhex(arrayJoin({{ids:Array(String)}})), 16))
"""
_HEX = re.compile(r"[0-9a-f]{32}")


def by_ids(engine: "Engine", project_id: str, ids: Iterable[str]) -> list[Score]:
    """The scores of these ids that there are. Raises `StoreError`."""
    asked = list(ids)
    keys = [of_id(one).hex() for one in asked] + [one for one in asked if _HEX.fullmatch(one)]
    rows = engine.query(_BY_ID, {"project": project_id, "ids": keys}).rows if keys else []
    return [score(row) for row in rows]


def delete(engine: "Engine", project_id: str, scores: Iterable[Score]) -> None:
    """Delete these scores, told of these targets. Raises `StoreError`."""
    for one in scores:
        engine.command(
            "DELETE FROM scores WHERE project_id = {project:String} AND id = toFixedString(unhex({id:String}), 16)"
            " AND trace_id = toFixedString(unhex({trace:String}), 16) AND span_id = toFixedString(unhex({span:String}), 8)",
            {"project": project_id, "id": key(one).hex(), "trace": one.trace_id.hex(), "span": one.span_id.hex()},
        )


def key(one: Score) -> bytes:
    """By which a score that was read is kept."""
    told_by_signal = one.source is not ScoreSource.API and _HEX.fullmatch(one.id)
    return bytes.fromhex(one.id) if told_by_signal else of_id(one.id)


_WHOLE = f"""
SELECT {COLUMNS}
FROM scores FINAL
WHERE project_id = {{project:String}} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16))
ORDER BY time, name, id
"""


def whole_of_traces(engine: "Engine", project_id: str, traces: Sequence[bytes]) -> dict[bytes, list[Score]]:
    """All scores of some traces, the earliest first, by trace. Raises `StoreError`."""
    found: dict[bytes, list[Score]] = {}
    told = {"project": project_id, "traces": [one.hex() for one in traces]}
    for row in engine.query(_WHOLE, told).rows if traces else ():
        one = score(row)
        found.setdefault(one.trace_id, []).append(one)
    return found


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
    return [score(row) for row in rows]
