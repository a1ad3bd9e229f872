"""Times at which metrics were exported in; the points that tell usage, and the calls near them, out of the store.

Also rows of `calls` for what was made of such points. What names the metrics and the dialect is the caller's to say.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from farthing.model.call import PricedCall
from farthing.model.metric import Kind, Metric, Point, Temporality
from farthing.model.span import Resource, Scope
from farthing.store.telemetry import call_rows
from farthing.store.telemetry.engine import Engine

NEAR_NS = 3600 * 10**9
"""How long before an interval a call may have begun that is still looked for in it."""

RECENT_NS = 20 * 60 * 10**9
"""How far back the point before one is looked for at first: most exporters tell something every minute."""

_TIMEOUT_S = 120
_NS = 10**9

_POINTS = """
SELECT series, name, kind, unit, temporality, monotonic, scope_name, scope_version, resource, attributes,
       toUnixTimestamp64Nano(start_time), toUnixTimestamp64Nano(time) AS at, int_value, value, count, sum
FROM metric_points FINAL
WHERE project_id = {project:String} AND has({names:Array(String)}, name)
  AND time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
  AND at IN (SELECT arrayJoin({times:Array(Int64)}))
"""

_LEVELS = """
SELECT series, toUnixTimestamp64Nano(start_time), toUnixTimestamp64Nano(time), int_value, value, sum, count
FROM metric_points FINAL
WHERE project_id = {project:String} AND has({names:Array(String)}, name)
  AND time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Nano({to:Int64}, 'UTC')
  AND series IN (SELECT toFixedString(unhex(arrayJoin({series:Array(String)})), 16))
ORDER BY time DESC
"""

_NEAR = """
SELECT tags['service.name'] AS service, session_id, user_id, intDiv(toUnixTimestamp64Nano(start_time), 1000000000) AS begun,
       max(intDiv(toUnixTimestamp64Nano(start_time) + duration_ns, 1000000000))
FROM calls FINAL
WHERE project_id = {project:String} AND is_owner AND dialect != {dialect:String}
  AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
  AND has({services:Array(String)}, service)
GROUP BY service, session_id, user_id, begun
"""

_KNOWN = """
SELECT trace_id, span_id
FROM calls
WHERE project_id = {project:String} AND dialect = {dialect:String}
  AND start_time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND start_time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
"""


class Source(msgspec.Struct, frozen=True):
    """Who made calls: "" is what nobody told."""

    service: str
    session_id: str
    user_id: str

    def may_be(self, other: "Source") -> bool:
        """Whether both may be the same: of session and user only what both tell can differ."""
        return (
            self.service == other.service
            and (not self.session_id or not other.session_id or self.session_id == other.session_id)
            and (not self.user_id or not other.user_id or self.user_id == other.user_id)
        )


class Near(msgspec.Struct, frozen=True):
    """The calls of one source that began within one second. Times are Unix seconds."""

    source: Source
    begun_s: int
    ended_s: int
    """The latest of them."""


class Meters:
    """The points of certain metrics, and the calls of one dialect made of them."""

    def __init__(self, engine: Engine, names: Iterable[str], dialect: str) -> None:
        """Reads nothing yet."""
        self._engine = engine
        self._names = sorted(names)
        self._dialect = dialect

    def times(self, rows: pa.Table) -> set[int]:
        """The times of those of these rows of `metric_points` that may tell usage."""
        at = rows.column("time").cast(pa.int64()).to_pylist()
        return {
            time for name, time in zip(rows.column("name").to_pylist(), at, strict=True) if name in self._names and time
        }

    def points(self, project_id: str, times: Sequence[int]) -> list[tuple[bytes, Point]]:
        """All points at these times, each with what names its series. Raises `StoreError`."""
        asked = {"names": self._names, "times": list(times), "from": min(times), "to": max(times)}
        return [(row[0], _point(row)) for row in self._rows(_POINTS, project_id, asked)]

    def levels(
        self, project_id: str, series: Iterable[bytes], window: tuple[int, int], *, latest_only: bool = False
    ) -> list[tuple[bytes, int, int, Any, int | None]]:
        """Of these series' points in the window: series, start, time, amount and count, the latest first."""
        asked = {
            "names": self._names,
            "series": sorted(one.hex() for one in series),
            "from": max(0, window[0]),
            "to": min(window[1], 2**62),
        }
        sql = _LEVELS + ("LIMIT 1 BY series, start_time" if latest_only else "")
        rows = self._rows(sql, project_id, asked)
        return [
            (name, start, time, next((a for a in (whole, value, total) if a is not None), None), count)
            for name, start, time, whole, value, total, count in rows
        ]

    def calls_near(self, project_id: str, services: Iterable[str], window: tuple[int, int]) -> list[Near]:
        """The calls of these services that something else told, and that began in the window or not long before it."""
        asked = {
            "dialect": self._dialect,
            "services": sorted(services),
            "from": window[0] - NEAR_NS,
            "to": window[1],
        }
        return [Near(Source(*row[:3]), *row[3:]) for row in self._rows(_NEAR, project_id, asked)]

    def written(self, project_id: str, window: tuple[int, int]) -> set[tuple[bytes, bytes]]:
        """Trace and span of the calls made of metrics that have rows in the window already."""
        asked = {"dialect": self._dialect, "from": window[0], "to": window[1]}
        return {(trace_id, span_id) for trace_id, span_id in self._rows(_KNOWN, project_id, asked)}

    def owners(self, most: int) -> list[tuple[str, Source, bytes, int]]:
        """Project, source, span and time of the latest calls made of metrics that own their tokens, the latest last."""
        rows = self._engine.query(
            "SELECT project_id, tags['service.name'], session_id, user_id, span_id,"
            " toUnixTimestamp64Nano(start_time) AS at FROM calls WHERE dialect = {dialect:String} AND is_owner"
            " ORDER BY at DESC LIMIT {most:UInt32}",
            {"dialect": self._dialect, "most": most},
            timeout_s=_TIMEOUT_S,
        ).rows
        return [(row[0], Source(*row[1:4]), row[4], row[5]) for row in reversed(rows)]

    def kept_between(self, after: int, until: int) -> dict[str, list[int]]:
        """The times, by project, of points that these commits kept (after the first, up to the last)."""
        rows = self._engine.query(
            "SELECT project_id, groupUniqArray(toUnixTimestamp64Nano(time)) FROM metric_points"
            " WHERE has({names:Array(String)}, name) AND commit > {after:UInt64} AND commit <= {until:UInt64} GROUP BY 1",
            {"names": self._names, "after": after, "until": until},
            timeout_s=_TIMEOUT_S,
        ).rows
        return {project_id: sorted(times) for project_id, times in rows}

    def _rows(self, sql: str, project_id: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._engine.query(sql, {"project": project_id, **asked}, timeout_s=_TIMEOUT_S).rows


def sources(calls: pa.Table) -> dict[Source, tuple[int, int]]:
    """Who made the calls of these rows, and from when to when (Unix ns)."""
    found: dict[Source, tuple[int, int]] = {}
    for source, begun, ended in _told(calls):
        first, last = found.get(source, (begun, begun))
        found[source] = min(first, begun), max(last, ended)
    return found


def near(calls: pa.Table) -> list[Near]:
    """The calls of these rows, each source once per second."""
    found: dict[tuple[Source, int], int] = {}
    for source, begun, ended in _told(calls):
        name = (source, begun // _NS)
        found[name] = max(found.get(name, 0), ended // _NS)
    return [Near(source, begun, ended) for (source, begun), ended in found.items()]


def _told(calls: pa.Table) -> Iterator[tuple[Source, int, int]]:
    """Who made those calls that own their tokens, when each began and ended (Unix ns)."""
    columns = [calls.column(name).to_pylist() for name in ("is_owner", "session_id", "user_id", "tags", "duration_ns")]
    starts = calls.column("start_time").cast(pa.int64()).to_pylist()
    for start, owns, session, user, tags, duration in zip(starts, *columns, strict=True):
        if owns:
            yield Source(dict(tags).get("service.name", ""), session, user), start, start + duration


def table(project_id: str, priced: Sequence[PricedCall], requests: Sequence[int | None]) -> pa.Table:
    """Rows of `calls` that stand for so many requests each, without the revision."""
    rows = call_rows.table(project_id, priced)
    return rows.append_column("requests", pa.array(requests, pa.uint64()))


def _point(row: tuple[Any, ...]) -> Point:
    _, name, kind, unit, temporality, monotonic, scope, version, resource, attributes, start, time = row[:12]
    whole, value, count, total = row[12:]
    metric = Metric(
        name,
        unit,
        Kind(kind),
        Temporality(temporality),
        bool(monotonic),
        Scope(scope, version),
        Resource(msgspec.json.decode(resource)),
    )
    return Point(
        metric,
        start,
        time,
        msgspec.json.decode(attributes),
        value if whole is None else whole,
        count,
        total,
    )
