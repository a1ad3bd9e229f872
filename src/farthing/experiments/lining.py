"""Runs in; their scores item by item beside each other, as arrays with a gap wherever a case is missing, out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec
import numpy as np
import numpy.typing as npt

from farthing.experiments.case import Case, Kind, Run, Value

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class State(IntEnum):
    """What became of an item in a run, as far as one score goes."""

    SCORED = 0
    ABSENT = 1
    """The run doesn't have the item."""
    FAILED = 2
    """It has it, with an error and without the score."""
    UNSCORED = 3
    """It has it, without an error and without the score."""


class Lined(msgspec.Struct, frozen=True):
    """Runs beside each other: row `r` of an array is run `r`, column `i` is item `i`."""

    runs: Sequence[Run]
    items: tuple[str, ...]
    cases: tuple[tuple[Case | None, ...], ...]


class Column(msgspec.Struct, frozen=True):
    """One score of all runs."""

    name: str
    kind: Kind
    values: Floats
    """NaN where there is none; of a categorical score all of it."""
    labels: tuple[tuple[str | None, ...], ...]
    """Only of a categorical score."""
    states: npt.NDArray[np.int8]

    @property
    def scored(self) -> Flags:
        """Where there is a value."""
        return self.states == State.SCORED


def line_up(runs: Sequence[Run]) -> Lined:
    """All items that any of the runs has, in the order of their ids."""
    by_item = [{case.item_id: case for case in run.cases} for run in runs]
    items = tuple(sorted(set[str]().union(*by_item)))
    return Lined(runs, items, tuple(tuple(map(found.get, items)) for found in by_item))


def columns(lined: Lined) -> list[Column]:
    """All scores that any case has, by name. A place is a run's and an item's: run by run, all items of each."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    values: defaultdict[str, list[Value]] = defaultdict(list)
    states = np.array([_missing(case) for cases in lined.cases for case in cases], np.int8)
    for place, case in enumerate(case for cases in lined.cases for case in cases):
        if case is not None:
            for name, value in case.scores.items():
                places[name].append(place)
                values[name].append(value)
    shape = (len(lined.runs), len(lined.items))
    return [_column(name, places[name], values[name], states, shape) for name in sorted(places)]


def _column(
    name: str, places: list[int], told: list[Value], missing: npt.NDArray[np.int8], shape: tuple[int, int]
) -> Column:
    kind = _kind(told)
    states = missing.copy()
    states[places] = State.SCORED
    numbers = np.full(states.size, np.nan)
    labels: list[str | None] = []
    if kind in (Kind.CATEGORICAL, Kind.MIXED):
        labels = [None] * states.size
        for place, value in zip(places, told, strict=True):
            labels[place] = _label(value)
    else:
        numbers[places] = np.array(told, np.float64)
    rows = tuple(tuple(labels[at : at + shape[1]]) for at in range(0, len(labels), shape[1] or 1))
    return Column(name, kind, numbers.reshape(shape), rows, states.reshape(shape))


def _kind(told: Iterable[Value]) -> Kind:
    types = set(map(type, told))
    if types <= {bool}:
        return Kind.BOOLEAN
    if types <= {str}:
        return Kind.CATEGORICAL
    return Kind.MIXED if str in types else Kind.NUMERIC


def _missing(case: Case | None) -> State:
    if case is None:
        return State.ABSENT
    return State.FAILED if case.error else State.UNSCORED


def _label(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
