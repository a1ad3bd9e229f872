"""Runs in; their scores item by item beside each other, as arrays with a gap wherever a case is missing, out."""

from collections.abc import Sequence
from enum import IntEnum

import msgspec
import numpy as np
import numpy.typing as npt

from farthing.experiments.case import Case, Kind, Run

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

    def column(self, score: str) -> "Column":
        """One score of all runs."""
        return _column(self, score)


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


def score_names(runs: Sequence[Run]) -> list[str]:
    """All scores that any case has."""
    return sorted({name for run in runs for case in run.cases for name in case.scores})


def _column(lined: Lined, score: str) -> Column:
    found = [[None if case is None else case.scores.get(score) for case in cases] for cases in lined.cases]
    kind = _kind(found)
    shape = (len(lined.runs), len(lined.items))
    states = np.array(
        [
            [State.SCORED if value is not None else _missing(case) for value, case in zip(values, cases, strict=True)]
            for values, cases in zip(found, lined.cases, strict=True)
        ],
        np.int8,
    ).reshape(shape)
    if kind in (Kind.CATEGORICAL, Kind.MIXED):
        labels = tuple(tuple(None if value is None else _label(value) for value in values) for values in found)
        return Column(score, kind, np.full(shape, np.nan), labels, states)
    numbers = np.array([[np.nan if v is None else v for v in values] for values in found], np.float64)
    return Column(score, kind, numbers.reshape(shape), (), states)


def _kind(found: Sequence[Sequence[object]]) -> Kind:
    types = {type(value) for values in found for value in values if value is not None}
    if types <= {bool}:
        return Kind.BOOLEAN
    if types <= {str}:
        return Kind.CATEGORICAL
    return Kind.MIXED if str in types else Kind.NUMERIC


def _missing(case: Case | None) -> State:
    if case is None:
        return State.ABSENT
    return State.FAILED if case.error else State.UNSCORED


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
