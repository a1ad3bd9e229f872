"""A rule and the answers of a whole stretch of time, asked for once, in; what it would have said round by round, and the incidents, out. Pure.

The same checks and the same course as in rounds, with a clock that is only a number.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from farthing.alerts import course
from farthing.alerts.checks.looking import Look
from farthing.alerts.course import Source
from farthing.alerts.incident import Incident, What
from farthing.alerts.judging import judge
from farthing.alerts.rule import Measure, Rule
from farthing.alerts.sums import Drift, Largest, Speed, Sums, Where
from farthing.alerts.verdict import Group, Pairs, Verdict
from farthing.query.moments import NS

if TYPE_CHECKING:
    from farthing.alerts.past import Known


class Cell(NamedTuple):
    """The sums of one group in the step that begins at this Unix second."""

    step: int
    group: Group
    sums: Sums


class Single(NamedTuple):
    """A call that came to the limit."""

    group: Group
    largest: Largest


class Told(NamedTuple):
    """Someone would have been told."""

    at: int
    what: What
    incident: Incident


class _Known(NamedTuple):
    """A sum up to a moment, and of how many cells it is known at all."""

    total: int
    cells: int


class Cumulated:
    """Sums of groups, quick to be told between any two steps."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        """In any order."""
        by_group: dict[Group, list[Cell]] = {}
        for cell in cells:
            by_group.setdefault(cell.group, []).append(cell)
        self._steps: dict[Group, list[int]] = {}
        self._sums: dict[Group, list[tuple[_Known, ...]]] = {}
        for group, found in by_group.items():
            found.sort(key=lambda cell: cell.step)
            running = tuple(_Known(0, 0) for _ in Sums._fields)
            steps: list[int] = []
            sums = [running]
            for cell in found:
                running = tuple(
                    _Known(held.total + (more or 0), held.cells + (more is not None))
                    for held, more in zip(running, cell.sums, strict=True)
                )
                steps.append(cell.step)
                sums.append(running)
            self._steps[group], self._sums[group] = steps, sums

    def between(self, start: int, end: int) -> dict[Group, Sums]:
        """What begins from one moment to just before another."""
        found: dict[Group, Sums] = {}
        for group, steps in self._steps.items():
            first, last = bisect_left(steps, start), bisect_left(steps, end)
            if first < last:
                before, after = self._sums[group][first], self._sums[group][last]
                pairs = zip(before, after, strict=True)
                told = [after.total - before.total if after.cells > before.cells else None for before, after in pairs]
                found[group] = Sums(told[0] or 0, told[1] or 0, told[2] or 0, told[3] or 0, *told[4:])
        return found


class Recorded:
    """Answers at any moment of a stretch of time, from what was asked for once."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.cumulated: dict[Where, Cumulated] = {}
        self.quick: dict[tuple[int, int, bool], Mapping[Group, Speed]] = {}
        self.singles: list[Single] = []
        self.prices: int | None = None
        self.found_drifts: list[Drift] = []

    def sums(self, where: Where, start: int, end: int) -> Mapping[Group, Sums]:
        """What the calls of each group add up to."""
        known = self.cumulated.get(where)
        return known.between(start, end) if known else {}

    def speeds(self, where: Where, start: int, end: int, *, first_token: bool) -> Mapping[Group, Speed]:  # noqa: ARG002  there is but one question
        """How long calls took."""
        return self.quick.get((start, end, first_token), {})

    def largest(self, where: Where, start: int, end: int, measure: Measure, limit: Decimal) -> Mapping[Group, Largest]:  # noqa: ARG002
        """The largest calls beyond the limit."""
        found: dict[Group, Largest] = {}
        for group, one in self.singles:
            if start * NS <= one.start_ns < end * NS:
                held = found.get(group)
                best = one if held is None or one.amount > held.amount else held
                found[group] = best._replace(beyond=(held.beyond if held else 0) + one.beyond)
        return found

    def past(self, where: Where, measure: Measure) -> "Known":
        """Anomalies are replayed on their own."""
        raise NotImplementedError

    def expected(self, project_id: str, rule_id: str) -> list[tuple[Pairs, int, int]]:  # noqa: ARG002
        """What people marked doesn't count: what would have fired is asked."""
        return []

    def prices_known_at(self) -> int | None:
        """When the price data in use was brought together."""
        return self.prices

    def drifts(self, project_id: str) -> list[Drift]:  # noqa: ARG002
        """What was found when bills were compared."""
        return self.found_drifts


class Replay:
    """The course of a rule's incidents."""

    def __init__(self, rule: Rule) -> None:
        """Nothing has happened yet."""
        self._source = Source.of(rule)
        self._rule = rule
        self._held: dict[Pairs, Incident] = {}
        self._past: list[Incident] = []
        self.told: list[Told] = []

    @property
    def open_groups(self) -> tuple[Pairs, ...]:
        """Those with an incident that goes on."""
        return tuple(group for group, one in self._held.items() if one.is_open)

    @property
    def incidents(self) -> list[Incident]:
        """All, in the order in which they opened."""
        return sorted([*self._past, *self._held.values()], key=lambda one: (one.opened_ns, one.id))

    def judge(self, answers: Recorded, at: int) -> None:
        """One round."""
        where = Where(self._rule.project_id, self._rule.scope, self._rule.dimensions)
        groups = [where.group(pairs) for pairs in self.open_groups]
        look = Look(self._rule, at, answers, tuple(group for group in groups if group is not None))
        self.take(judge(look), at)

    def take(self, verdicts: Sequence[Verdict], at: int) -> None:
        """What was said in a round."""
        for verdict in verdicts:
            held = self._held.get(verdict.group)
            if not verdict.firing and (held is None or not held.is_open):
                continue
            done = course.step(self._source, held, verdict, at * NS, f"in_{len(self._past) + len(self._held)}")
            if done is None:
                continue
            now = done.incident
            if done.tell is not None and not self._rule.observe_only:
                now = course.told(now, done.tell, at * NS)
                self.told.append(Told(at, done.tell, now))
            if held is not None and held.id != now.id:
                self._past.append(held)
            self._held[verdict.group] = now
