"""Stretches of time and filters in, exact sums over the calls in each out: as few questions as there are kinds of filters.

Nothing is counted up as calls come in. What is asked is the same ledger, by the same plan over aggregates and calls, that
every other answer is made of; so late spans, corrections and re-priced history are in it as soon as they are anywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from farthing.budgets import matching
from farthing.budgets.matching import Place, Shape
from farthing.budgets.periods import FOREVER, Stretch
from farthing.budgets.state import Sums
from farthing.model import money
from farthing.query import sql
from farthing.query.filters import OneOf
from farthing.query.moments import NS
from farthing.query.plan import plan
from farthing.query.question import Question, Scope
from farthing.store.telemetry.cuts import DAY
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.measures import MEASURES
from farthing.store.telemetry.rollup import Rollup
from farthing.store.telemetry.staleness import Coverage

_MEASURES = tuple(m for m in MEASURES if m.name in ("calls", "cost", "unpriced_calls", "unknown_usage_calls"))
_NAMES = [m.name for m in _MEASURES]


class Wanted(NamedTuple):
    """The calls of one place in one stretch of time."""

    place: Place
    stretch: Stretch


class Cell(NamedTuple):
    """The sums of one group in the step that begins at this Unix second."""

    step: int
    sums: Sums


Cells = dict[tuple[str, ...], list[Cell]]
"""Values of the dimensions → sums, step by step."""


def spent(
    engine: Engine, rollup: Rollup, project_id: str, wanted: Iterable[Wanted], held_until: int = FOREVER
) -> dict[Wanted, Sums]:
    """What calls of a project cost; of days that end after `held_until`, without aggregates. Raises `StoreError`."""
    found: dict[Wanted, Sums] = {}
    by_shape: dict[Shape, list[Wanted]] = {}
    for one in dict.fromkeys(wanted):
        by_shape.setdefault(one.place.shape, []).append(one)
    for shape, alike in by_shape.items():
        for together in _overlapping(alike):
            question = _question(project_id, shape, together)
            scope = question.scope
            coverage = rollup.coverage(scope.project_id, scope.start_ns // NS, scope.end_ns // NS)
            built = {day: found for day, found in coverage.built.items() if (day + 1) * DAY.seconds <= held_until}
            cells = _cells(engine, question, msgspec.structs.replace(coverage, built=built))
            found |= _added_up(shape, together, cells)
    return found


def _overlapping(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Those whose stretches touch are asked for at once; what lies between others is none of their business."""
    together: list[Wanted] = []
    end = 0
    for one in sorted(wanted, key=lambda one: one.stretch.start):
        if together and one.stretch.start > end:
            yield together
            together = []
        together.append(one)
        end = max(end, one.stretch.end) if len(together) > 1 else one.stretch.end
    if together:
        yield together


def _question(project_id: str, shape: Shape, wanted: Sequence[Wanted]) -> Question:
    values = zip(*(one.place.values for one in wanted), strict=True)
    named = [
        OneOf(dimension, tuple(dict.fromkeys(value for some in each for value in some)))
        for dimension, each in zip(shape.dimensions, values, strict=True)
    ]
    edges = sorted({second for one in wanted for second in (one.stretch.start, one.stretch.end)})
    scope = Scope(project_id, edges[0] * NS, edges[-1] * NS, (*named, *shape.others))
    return Question(scope, tuple(matching.names(shape)), edges=tuple(edges[:-1]))


def _cells(engine: Engine, question: Question, coverage: Coverage) -> Cells:
    compiled = sql.compile_cells(question, plan(question, coverage), _MEASURES)
    cells: Cells = {}
    width = 1 + len(question.by)
    for row in engine.query(compiled.text, compiled.values).rows:
        told = dict(zip(_NAMES, row[width:], strict=True))
        cost = None if told["cost"] is None else money.to_units(told["cost"])
        sums = Sums(int(told["calls"]), cost, int(told["unpriced_calls"]), int(told["unknown_usage_calls"]))
        cells.setdefault(tuple(row[1:width]), []).append(Cell(int(row[0]), sums))
    return cells


def _added_up(shape: Shape, wanted: Sequence[Wanted], cells: Cells) -> dict[Wanted, Sums]:
    # For each dimension: its values → the groups that have them.
    having: list[dict[str, set[tuple[str, ...]]]] = [{} for _ in shape.dimensions]
    for group in cells:
        at = 0
        for dimension, groups in zip(shape.dimensions, having, strict=True):
            width = 2 if dimension.column == "model" else 1
            for value in group[at : at + width]:
                groups.setdefault(value, set()).add(group)
            at += width
    found: dict[Wanted, Sums] = {}
    for one in wanted:
        chosen = [
            {group for value in values for group in groups.get(value, ())}
            for groups, values in zip(having, one.place.values, strict=True)
        ]
        mine = chosen[0].intersection(*chosen[1:]) if chosen else cells.keys()
        total = Sums()
        for group in mine:
            for cell in cells[group]:
                if one.stretch.holds(cell.step):
                    total += cell.sums
        found[one] = total
    return found
