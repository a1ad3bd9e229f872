"""What checks want to know in; the answers, each asked for once a round and what has settled once a half hour, out.

What lies before the last half hours hardly ever changes: its sums are kept until a call in them is touched. Calls of now,
and the piece at which a window begins, are asked for anew each time; so the sums are those of the window, to the second.
"""

import threading
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from farthing.alerts.rule import Measure
from farthing.alerts.sums import Drift, Largest, Speed, Sums, Where, together
from farthing.alerts.verdict import Group, Pairs
from farthing.query.groups import Cell, Groups
from farthing.query.moments import NS
from farthing.query.question import Scope

if TYPE_CHECKING:
    from farthing.alerts.past import Ask, Past, Whole

T = TypeVar("T")

HALF_HOUR = 1_800
SHORT_S = 4 * HALF_HOUR
"""A window up to this long is asked for at once."""

IDLE_S = 2 * 3_600
"""What nobody asked for in this time is forgotten."""

LEARNING_S = 8 * 60
"""What is usual is learnt anew within so long after each half hour, another past in every round."""

UNHEARD_HALVES = 4
"""With several servers, so many of the last half hours are asked for again in every round."""

UNHEARD_S = 300
"""With several servers, what is kept is asked for again after this time: others don't tell what they touch."""


class _Kept(NamedTuple):
    project_id: str
    start: int
    end: int
    asked_at: int
    value: object


class Kept:
    """Answers about what has settled. `touch` may be called from any thread, everything else from one."""

    def __init__(self, *, is_shared: bool = False) -> None:
        """Nothing is known. `is_shared`: other servers write too."""
        self._is_shared = is_shared
        self._kept: dict[Hashable, _Kept] = {}
        self._used: dict[Hashable, int] = {}
        self._lock = threading.Lock()
        self._touched: dict[str, set[int]] = {}
        self._pasts: dict[tuple[Where, Measure], Past] = {}
        self._wholes: dict[str, Whole] = {}

    def touch(self, project_id: str, half_hours: AbstractSet[int]) -> None:
        """Calls of a project in these half hours (their first Unix seconds) have changed."""
        with self._lock:
            self._touched.setdefault(project_id, set()).update(half_hours)

    def begin(self, at: int) -> None:
        """Forget what was touched, and what nobody wants any more."""
        with self._lock:
            touched, self._touched = self._touched, {}
        self._pasts = {key: past for key, past in self._pasts.items() if past.used_at >= at - IDLE_S}
        self._wholes = {key: whole for key, whole in self._wholes.items() if whole.used_at >= at - IDLE_S}
        unheard = range(at // HALF_HOUR * HALF_HOUR - UNHEARD_HALVES * HALF_HOUR, at, HALF_HOUR)
        held = [(where.project_id, past) for (where, _), past in self._pasts.items()]
        for project_id, one in (*held, *self._wholes.items()):
            one.touch(touched.get(project_id, ()))
            if self._is_shared:
                one.touch(unheard)
        gone = [
            key
            for key, kept in self._kept.items()
            if self._used[key] < at - IDLE_S
            or (self._is_shared and kept.asked_at < at - UNHEARD_S)
            or _overlaps(kept, touched.get(kept.project_id, ()))
        ]
        for key in gone:
            del self._kept[key], self._used[key]

    def past(self, where: Where, measure: Measure, groups: Groups, at: int) -> "Past":
        """The past of these groups up to now. Raises `StoreError`."""
        # Here and not on top: only rules that need it should wait for numpy.
        from farthing.alerts.past import Past, Whole  # noqa: PLC0415

        def asking(of: Where) -> "Ask":
            return lambda start, end, step_s: groups.courses(_scope(of, start, end), of.by, step_s, measure.value)

        whole = self._wholes.get(where.project_id)
        if whole is None:
            whole = self._wholes[where.project_id] = Whole(asking(Where(where.project_id)))
        key = (where, measure)
        held = self._pasts.get(key)
        if held is None:
            # Not all in the same round: learning takes longer than all the rest of it.
            held = self._pasts[key] = Past(asking(where), whole, len(self._pasts) * 60 % LEARNING_S)
        for one in (whole, held):
            if one.used_at != at:
                one.update(at)
        return held

    def get(self, key: Hashable, span: tuple[str, int, int], at: int, ask: Callable[[], T]) -> T:
        """What is kept under this key, or what is asked for now; `span`: of which project, from when to when."""
        self._used[key] = at
        held = self._kept.get(key)
        if held is None:
            held = self._kept[key] = _Kept(*span, at, ask())
        return cast("T", held.value)


def _overlaps(kept: _Kept, half_hours: Collection[int]) -> bool:
    return any(kept.start < half + HALF_HOUR and half < kept.end for half in half_hours)


class Asking:
    """The answers of one round, at one Unix second."""

    def __init__(
        self,
        groups: Groups,
        at: int,
        kept: Kept,
        prices_known_at: Callable[[], int | None] = lambda: None,
        drifts: Callable[[str], list[Drift]] = lambda _: [],
        expected: Callable[[str, str, int], list[tuple[Pairs, int, int]]] = lambda _project, _rule, _at: [],
    ) -> None:
        """`kept` is what earlier rounds found out."""
        self._groups = groups
        self._at = at
        self._kept = kept
        self._prices_known_at = prices_known_at
        self._drifts = drifts
        self._expected = expected
        self._now: dict[Hashable, object] = {}

    def sums(self, where: Where, start: int, end: int) -> Mapping[Group, Sums]:
        """What the calls of each group add up to. Raises `StoreError`."""
        return self._once(("sums", where, start, end), lambda: self._sums(where, start, end))

    def speeds(self, where: Where, start: int, end: int, *, first_token: bool) -> Mapping[Group, Speed]:
        """How long calls took. Raises `StoreError`."""
        key = ("speeds", where, start, end, first_token)
        ask = self._groups.first_tokens if first_token else self._groups.latencies

        def asked() -> dict[Group, Speed]:
            rows = ask(_scope(where, start, end), where.by)
            return {tuple(row[1:-2]): speed(row) for row in rows}

        return self._settled_or_once(key, where, start, end, asked)

    def largest(self, where: Where, start: int, end: int, measure: Measure, limit: Decimal) -> Mapping[Group, Largest]:
        """The largest calls beyond a limit. Raises `StoreError`."""
        key = ("largest", where, start, end, measure, limit)

        def asked() -> dict[Group, Largest]:
            rows = self._groups.largest(_scope(where, start, end), where.by, measure.value, f"{limit:f}")
            return {tuple(row[1:-3]): largest(row) for row in rows}

        return self._once(key, asked)

    def past(self, where: Where, measure: Measure) -> "Past":
        """What groups used over the last weeks. Raises `StoreError`."""
        return self._kept.past(where, measure, self._groups, self._at)

    def expected(self, project_id: str, rule_id: str) -> list[tuple[Pairs, int, int]]:
        """What people marked as expected. Raises `StoreError`."""
        return self._once(("expected", rule_id), lambda: self._expected(project_id, rule_id, self._at))

    def prices_known_at(self) -> int | None:
        """When the price data in use was brought together."""
        return self._prices_known_at()

    def drifts(self, project_id: str) -> list[Drift]:
        """What was found when bills were compared."""
        return self._drifts(project_id)

    def _sums(self, where: Where, start: int, end: int) -> dict[Group, Sums]:
        first, last = -(-start // HALF_HOUR) * HALF_HOUR, end // HALF_HOUR * HALF_HOUR
        if self._at - last < HALF_HOUR:
            last -= HALF_HOUR  # calls are still coming in
        if end - start <= SHORT_S or last <= first:
            return self._part(where, start, end)
        settled = ("sums", where, first, last)
        pieces: list[Mapping[Group, Sums]] = [
            self._kept.get(settled, (where.project_id, first, last), self._at, lambda: self._part(where, first, last))
        ]
        for begin, stop in ((start, first), (last, end)):
            if begin < stop:
                pieces.append(self._once(("sums", where, begin, stop), lambda b=begin, s=stop: self._part(where, b, s)))
        return together(pieces)

    def _part(self, where: Where, start: int, end: int) -> dict[Group, Sums]:
        return {cell.group: sums_of(cell) for cell in self._groups.sums(_scope(where, start, end), where.by)}

    def _settled_or_once(self, key: Hashable, where: Where, start: int, end: int, ask: Callable[[], T]) -> T:
        if end % HALF_HOUR == 0 and start % HALF_HOUR == 0 and end <= self._at:
            return self._kept.get(key, (where.project_id, start, end), self._at, ask)
        return self._once(key, ask)

    def _once(self, key: Hashable, ask: Callable[[], T]) -> T:
        if key not in self._now:
            self._now[key] = ask()
        return cast("T", self._now[key])


def _scope(where: Where, start: int, end: int) -> Scope:
    return Scope(where.project_id, max(0, start) * NS, end * NS, where.filters)


def sums_of(cell: Cell) -> Sums:
    """A row of the store as checks want it."""
    return Sums(
        cell.calls,
        cell.errors,
        cell.unpriced_calls,
        cell.unknown_usage_calls,
        cell.cost,
        cell.input_tokens,
        cell.output_tokens,
    )


def speed(row: Sequence[Any]) -> Speed:
    """A row of the store that ends in calls and quantiles."""
    calls, (p50, p95) = row[-2:]
    return Speed(int(calls), round(p50), round(p95))


def largest(row: Sequence[Any]) -> Largest:
    """A row of the store that ends in an amount, a call and a number."""
    amount, (trace_id, span_id, start_ns), count = row[-3:]
    return Largest(Decimal(amount), f"{trace_id}-{span_id}", int(start_ns), int(count))
