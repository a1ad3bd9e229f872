"""A question and what `rollup` holds in, the pieces of time to read from which table out. Pure."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Protocol

import msgspec

from farthing.query.moments import NS
from farthing.query.question import Question
from farthing.store.telemetry.cuts import DAY, HALF_HOUR, TAG, Aggregate, Cut, Grain, fitting

MOST_GAPS = 100
"""With more pieces than this to read call by call, everything is: looking each piece up costs more than it saves."""

_HALF = HALF_HOUR.seconds

Span = tuple[int, int]
"""From, to: Unix nanoseconds."""


class Coverage(Protocol):
    """Which buckets may be read from `rollup`."""

    @property
    def built(self) -> Mapping[int, frozenset[Aggregate]]:
        """What there is of UTC days, by their number."""
        ...

    def holds(self, cut: Cut, grain: Grain, start: int) -> bool:
        """Whether the bucket that starts at this Unix second may be read."""
        ...


class Known(Protocol):
    """Which half hours of `calls` hold no replaced rows."""

    def holds(self, half_hour: int) -> bool:
        """Whether the one that begins at this Unix second may be read as it stands."""
        ...


class Plan(msgspec.Struct, frozen=True):
    """Disjoint pieces that make up the range: `calls` to be read one by one, `buckets` of `cut` by grain's name.

    `singles` are to be read one by one too, and as they stand: no call has two rows there.
    """

    calls: tuple[Span, ...]
    cut: Cut | None = None
    buckets: dict[str, tuple[int, ...]] = {}
    singles: tuple[Span, ...] = ()

    @property
    def single_half_hours(self) -> Iterator[int]:
        """The half hours (their first Unix seconds) that `singles` are about."""
        for first, stop in self.singles:
            yield from range(first // NS // _HALF * _HALF, -(-stop // NS), _HALF)


def plan(question: Question, coverage: Coverage) -> Plan:
    """The fewest rows that answer the question exactly."""
    start, end = question.scope.start_ns, question.scope.end_ns
    columns = question.columns
    cut = _cut(columns, coverage) if columns is not None else None
    if cut is None:
        return Plan(((start, end),))
    tiling = _Tiling(cut, coverage, question.edges)
    longest = cut.grains[0]
    for first in sorted({day * DAY.seconds // longest.seconds * longest.seconds for day in coverage.built}):
        tiling.lay(cut.grains, first, start, end)
    gaps = tuple(_gaps(sorted(tiling.laid), start, end))
    if not tiling.laid or len(gaps) > MOST_GAPS:
        return Plan(((start, end),))
    return Plan(gaps, cut, {name: tuple(starts) for name, starts in tiling.buckets.items()})


def _cut(columns: Iterable[str], coverage: Coverage) -> Cut | None:
    """The cut that has all these columns; by tags there may be several, for different days."""
    if not any(column.startswith(TAG) for column in columns):
        return fitting(columns)
    days = Counter(a.cut for built in coverage.built.values() for a in built if a.cut.tags)
    return fitting(columns, sorted(days, key=lambda cut: (-days[cut], len(cut.columns), cut.name)))


def apart(whole: Plan, known: Known) -> Plan:
    """The same plan, what may be read as it stands apart from what is looked at for replaced rows."""
    parts: dict[bool, list[Span]] = {True: [], False: []}
    for start, end in whole.calls:
        half_hours = range(start // NS // _HALF * _HALF, -(-end // NS), _HALF)
        for is_single, run in groupby(half_hours, known.holds):
            first, *others = run
            last = others[-1] if others else first
            parts[is_single].append((max(start, first * NS), min(end, (last + _HALF) * NS)))
    if not parts[True] or len(parts[True]) + len(parts[False]) > MOST_GAPS:
        return whole
    return msgspec.structs.replace(whole, calls=tuple(parts[False]), singles=tuple(parts[True]))


class _Tiling:
    """Lays the longest buckets that may be used."""

    def __init__(self, cut: Cut, coverage: Coverage, edges: Sequence[int]) -> None:
        self._cut, self._coverage, self._edges = cut, coverage, edges
        self.laid: list[Span] = []
        self.buckets: dict[str, list[int]] = {}

    def lay(self, grains: Sequence[Grain], first: int, start: int, end: int) -> None:
        """Lay the bucket of the first grain that begins at this second, or finer ones in its place."""
        grain, finer = grains[0], grains[1:]
        stop = first + grain.seconds
        if (
            stop * NS <= start
            or first * NS >= end
            or (grain == DAY and first // DAY.seconds not in self._coverage.built)
        ):
            return
        whole = first * NS >= start and stop * NS <= end
        if whole and self._in_one_step(first, stop) and self._coverage.holds(self._cut, grain, first):
            self.laid.append((first * NS, stop * NS))
            self.buckets.setdefault(grain.name, []).append(first)
        elif finer:
            for part in range(first, stop, finer[0].seconds):
                self.lay(finer, part, start, end)

    def _in_one_step(self, first: int, stop: int) -> bool:
        # An edge at the very beginning is fine: the bucket lies wholly behind it.
        return bisect_right(self._edges, first) == bisect_left(self._edges, stop)


def _gaps(laid: Sequence[Span], start: int, end: int) -> list[Span]:
    gaps: list[Span] = []
    at = start
    for first, stop in laid:
        if first > at:
            gaps.append((at, first))
        at = stop
    if at < end:
        gaps.append((at, end))
    return gaps
