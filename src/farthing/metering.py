"""Metrics that are durable in; calls for what they count and nothing else tells, out into the store.

A call made of metrics stands for all calls of one source between two exports. It owns its tokens only while no span and
no log record told of a call of the same source in that time; else it restates those. So what was decided
when the metrics came is decided again when such a call comes later: those that own tokens are remembered for that.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from farthing.model.call import Call, PricedCall
from farthing.model.metric import Point
from farthing.normalize import metered
from farthing.normalize.metered import Level, Metered
from farthing.prepare import Prepared, Price
from farthing.pricing.aggregate import price_sum
from farthing.pricing.overrides import Scope
from farthing.store.telemetry import meters
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.meters import NEAR_NS, RECENT_NS, Meters, Near, Source

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[[Sequence["pa.Table"], Mapping[str, set[int]]], None]
"""Writes rows of `calls`, and tells when those calls began, by project. Raises `StoreError`."""

MOST_OWNING = 100_000
"""Calls made of metrics that are remembered as owning their tokens: the latest ones."""

SLACK_NS = 60 * 10**9
"""A call this long before or after an interval may still be counted in it: clocks differ, counters lag."""

_TIMES_AT_ONCE = 200
_NS = 10**9
_NEAR_S = NEAR_NS // _NS


_Decided = list[tuple[Call, Metered]]
"""Calls, each with what it was made of."""


class _Owning(msgspec.Struct, frozen=True):
    source: Source
    begin_ns: int
    time_ns: int


class Metering:
    """Writes the calls that metrics tell of. Used by one thread."""

    def __init__(self, engine: Engine, price: Price, write: Write) -> None:
        """Knows of no call before `recall`."""
        self._price = price
        self._writer = write
        self._meters = Meters(engine, metered.METERS, metered.NAME)
        self._owning: dict[tuple[str, bytes], _Owning] = {}

    def taken_over(self, requests: Sequence[Prepared]) -> tuple[list["pa.Table"], dict[str, set[int]]]:
        """The rows of those calls that these requests' spans and logs tell too, and their times by project.

        To be written together with the calls that take over: nobody must ever see both own their tokens.
        Raises `StoreError`.
        """
        tables: list[pa.Table] = []
        times: dict[str, set[int]] = {}
        if not self._owning:
            return tables, times
        calls: dict[str, list[pa.Table]] = {}
        for prepared in requests:
            if prepared.calls is not None:
                found = self._owned_by_metrics(prepared.project_id, meters.sources(prepared.calls))
                if found:
                    times.setdefault(prepared.project_id, set()).update(found)
                    calls.setdefault(prepared.project_id, []).append(prepared.calls)
        for project_id, found in times.items():
            near = [one for table in calls[project_id] for one in meters.near(table)]
            tables += [self._table(project_id, decided) for decided in self._decided(project_id, found, near)]
        return tables, times

    def settle(self, requests: Sequence[Prepared], taken_over: Mapping[str, set[int]]) -> None:
        """Write the calls of these requests' metrics, and anew those that were taken over. Raises `StoreError`.

        The calls of these requests' spans and logs are in the store already.
        """
        told = {project_id: set(times) for project_id, times in taken_over.items()}
        for prepared in requests:
            if "metric_points" in prepared.others:
                times = self._meters.times(prepared.others["metric_points"])
                told.setdefault(prepared.project_id, set()).update(times)
        for project_id, times in told.items():
            self._settle(project_id, times)

    def recall(self) -> None:
        """Remember the latest calls of the store that own their tokens. Raises `StoreError`."""
        self._owning = {
            (project_id, span_id): _Owning(source, time_ns - metered.LONGEST_NS, time_ns)
            for project_id, source, span_id, time_ns in self._meters.owners(MOST_OWNING)
        }

    def recover(self, after: int, until: int, since: Mapping[str, int]) -> Iterator[int]:
        """Settle what these commits kept, step by step; `since` is when the first of their spans began, by project."""
        told = {project_id: set(times) for project_id, times in self._meters.kept_between(after, until).items()}
        for (project_id, _), owning in self._owning.items():
            if owning.time_ns >= since.get(project_id, 2**63) - SLACK_NS:
                told.setdefault(project_id, set()).add(owning.time_ns)
        for project_id, times in told.items():
            self._settle(project_id, times)
            yield len(times)

    def _owned_by_metrics(self, project_id: str, calls: Mapping[Source, tuple[int, int]]) -> set[int]:
        """The times of calls made of metrics that own tokens while these calls were running."""
        return {
            owning.time_ns
            for (project, _), owning in self._owning.items()
            if project == project_id
            for source, (first, last) in calls.items()
            if first <= owning.time_ns + SLACK_NS
            and last >= owning.begin_ns - SLACK_NS
            and source.may_be(owning.source)
        }

    def _settle(self, project_id: str, times: Iterable[int]) -> None:
        for decided in self._decided(project_id, times):
            self._writer([self._table(project_id, decided)], {project_id: {call.start_ns for call, _ in decided}})
            for call, one in decided:
                self._remember(project_id, call, one)

    def _decided(self, project_id: str, times: Iterable[int], also: Sequence[Near] = ()) -> Iterator[_Decided]:
        """The calls of these times, each with its owner; the calls `also` are about to be written."""
        ordered = sorted(times)
        for at in range(0, len(ordered), _TIMES_AT_ONCE):
            found = metered.summed(*self._read(project_id, ordered[at : at + _TIMES_AT_ONCE]))
            decided = self._owned(project_id, found, also) if found else []
            if decided:
                yield decided

    def _read(self, project_id: str, times: Sequence[int]) -> tuple[list[tuple[bytes, Point]], list[Level]]:
        """The points at these times and at those that follow, whose gain they change; and what the series stood at."""
        points = self._meters.points(project_id, times)
        levels = self._levels(project_id, points)
        later = _following(points, levels) - set(times)
        if later:
            points += self._meters.points(project_id, sorted(later))
            levels = self._levels(project_id, points)
        return points, levels

    def _levels(self, project_id: str, points: Iterable[tuple[bytes, Point]]) -> list[Level]:
        running = [(series, point) for series, point in points if metered.is_running(point)]
        if not running:
            return []
        first = min(point.time_ns for _, point in running) - RECENT_NS
        found = self._meters.levels(project_id, {series for series, _ in running}, (first, 2**62))
        levels = [Level(*one) for one in found]
        known = {(one.series, one.start_ns) for one in levels if one.time_ns < first + RECENT_NS}
        lost = {(series, p.start_ns) for series, p in running if p.start_ns < first} - known
        if lost:
            since = min(start for _, start in lost)
            names = {series for series, _ in lost}
            levels += [Level(*o) for o in self._meters.levels(project_id, names, (since, first), latest_only=True)]
        return levels

    def _owned(self, project_id: str, found: Sequence[Metered], also: Sequence[Near]) -> _Decided:
        """Each with its owner. Where nothing was used there is no call, unless there was one before all was known."""
        begin, end = min(m.begin_ns for m in found), max(m.call.start_ns for m in found)
        stored = self._meters.calls_near(project_id, {m.service for m in found}, (begin - SLACK_NS, end + SLACK_NS))
        near = _Near([*stored, *also])
        written = self._meters.written(project_id, (min(m.call.start_ns for m in found), end))
        out: _Decided = []
        for one in found:
            call = one.call
            if one.idle:
                if (call.trace_id, call.span_id) in written:
                    out.append((metered.restated(one), one))
            else:
                out.append((metered.restated(one) if near.ran_in(one) else call, one))
        return out

    def _table(self, project_id: str, decided: _Decided) -> "pa.Table":
        scope = Scope(project=project_id)
        priced = [PricedCall(call, price_sum(call, lambda one: self._price(one, scope))) for call, _ in decided]
        return meters.table(project_id, priced, [one.requests for _, one in decided])

    def _remember(self, project_id: str, call: Call, one: Metered) -> None:
        name = (project_id, call.span_id)
        self._owning.pop(name, None)
        if call.owner is None:
            if len(self._owning) >= MOST_OWNING:
                self._owning.pop(next(iter(self._owning)))
            self._owning[name] = _Owning(_source(one), one.begin_ns, call.start_ns)


class _Near:
    """Tells whether a call of a source was running in an interval."""

    def __init__(self, calls: Iterable[Near]) -> None:
        self._calls = sorted(calls, key=lambda near: near.begun_s)
        self._begun = [near.begun_s for near in self._calls]

    def ran_in(self, one: Metered) -> bool:
        source = _source(one)
        first, last = (one.begin_ns - SLACK_NS) // _NS, (one.call.start_ns + SLACK_NS) // _NS
        within = self._calls[bisect_left(self._begun, first - _NEAR_S) : bisect_right(self._begun, last)]
        return any(near.ended_s >= first and near.source.may_be(source) for near in within)


def _source(one: Metered) -> Source:
    return Source(one.service, one.call.attribution.session_id, one.call.attribution.user_id)


def _following(points: Iterable[tuple[bytes, Point]], levels: Iterable[Level]) -> set[int]:
    """For each of these points the time of the next one of its series."""
    times: dict[tuple[bytes, int], list[int]] = {}
    for level in levels:
        times.setdefault((level.series, level.start_ns), []).append(level.time_ns)
    for held in times.values():
        held.sort()
    found: set[int] = set()
    for series, point in points:
        held = times.get((series, point.start_ns), [])
        at = bisect_right(held, point.time_ns)
        found.update(held[at : at + 1])
    return found
