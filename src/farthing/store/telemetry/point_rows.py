"""Data points of metrics in, rows of the `metric_points` table out as Arrow; and series back out of it."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from farthing.model.metric import Point
from farthing.store.telemetry.texts import as_json, as_text

if TYPE_CHECKING:
    from farthing.store.telemetry.engine import Engine

_INT64 = range(-(2**63), 2**63)


def table(project_id: str, points: Sequence[Point]) -> pa.Table:
    """Rows of one project, without the commit that keeps them (see `span_rows.numbered`)."""
    metrics = [p.metric for p in points]
    moment = pa.timestamp("ns", tz="UTC")
    return pa.table(
        {
            "project_id": pa.array([project_id] * len(points), pa.string()),
            "name": pa.array([as_text(m.name) for m in metrics], pa.string()),
            "time": pa.array([p.time_ns for p in points], pa.int64()).cast(moment),
            "series": pa.array([series(p) for p in points], pa.binary(16)),
            "start_time": pa.array([p.start_ns for p in points], pa.int64()).cast(moment),
            "kind": pa.array([m.kind.value for m in metrics], pa.string()),
            "unit": pa.array([as_text(m.unit) for m in metrics], pa.string()),
            "temporality": pa.array([m.temporality.value for m in metrics], pa.string()),
            "monotonic": pa.array([m.monotonic for m in metrics], pa.bool_()),
            "scope_name": pa.array([as_text(m.scope.name) for m in metrics], pa.string()),
            "scope_version": pa.array([as_text(m.scope.version) for m in metrics], pa.string()),
            "resource": pa.array([as_json(m.resource.attributes) for m in metrics], pa.string()),
            "attributes": pa.array([as_json(p.attributes) for p in points], pa.string()),
            "int_value": pa.array([p.value if _is_whole(p.value) else None for p in points], pa.int64()),
            "value": pa.array([None if p.value is None else float(p.value) for p in points], pa.float64()),
            "count": pa.array([p.count for p in points], pa.uint64()),
            "sum": pa.array([p.sum for p in points], pa.float64()),
            "min": pa.array([p.min for p in points], pa.float64()),
            "max": pa.array([p.max for p in points], pa.float64()),
            "shape": pa.array([as_json(p.shape) if p.shape else "" for p in points], pa.string()),
        }
    )


def is_writable(point: Point) -> bool:
    """Whether this point, for itself, has a row."""
    try:
        table("", [point])
    except (ValueError, TypeError, OverflowError, RecursionError):  # Arrow's errors are among them
        return False
    return True


def series(point: Point) -> bytes:
    """16 bytes that name the series, whatever order its attributes came in."""
    metric = point.metric
    named = (
        metric.name,
        metric.unit,
        metric.kind,
        metric.temporality,
        metric.monotonic,
        metric.scope.name,
        metric.scope.version,
        sorted(metric.resource.attributes.items()),
        sorted(point.attributes.items()),
    )
    return hashlib.blake2b(as_json(named).encode(), digest_size=16).digest()


def _is_whole(value: float | None) -> bool:
    return isinstance(value, int) and value in _INT64


_NAMES = """
SELECT name, any(kind), any(unit), uniqExact(series), count(), toUnixTimestamp64Nano(max(time))
FROM metric_points FINAL
WHERE project_id = {project:String}
  AND time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({to:Int64}, 'UTC')
GROUP BY name ORDER BY name LIMIT {most:UInt32}
"""

_POINTS = """
SELECT series, kind, unit, temporality, monotonic, scope_name, scope_version, resource, attributes,
       toUnixTimestamp64Nano(start_time), toUnixTimestamp64Nano(time), int_value, value, count, sum, min, max, shape
FROM metric_points FINAL
WHERE project_id = {project:String} AND name = {name:String}
  AND time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({to:Int64}, 'UTC')
ORDER BY time DESC, series
LIMIT {most:UInt32}
"""


def names(engine: "Engine", project_id: str, window: tuple[int, int], most: int) -> list[tuple[Any, ...]]:
    """Of each metric with points in the window: name, kind, unit, how many series and points, the latest time."""
    asked = {"project": project_id, "from": window[0], "to": window[1], "most": most}
    return engine.query(_NAMES, asked).rows


def load(engine: "Engine", project_id: str, name: str, window: tuple[int, int], most: int) -> list[tuple[Any, ...]]:
    """The latest points of one metric in the window (Unix ns), as rows. Raises `StoreError`."""
    asked = {"project": project_id, "name": name, "from": window[0], "to": window[1], "most": most}
    return engine.query(_POINTS, asked).rows
