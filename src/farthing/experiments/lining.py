"""Cases of runs in; runs and their scores item by item beside each other, with a gap wherever a case is missing, out."""

from collections.abc import Sequence
from enum import IntEnum

import msgspec
import numpy as np
import numpy.typing as npt

from farthing.experiments.case import Kind, Run
from farthing.experiments.table import Flags, Floats, Given, Ints, Table

ABSENT = -1
"""In the place of a case's number."""


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

    table: Table
    items: tuple[str, ...]
    """All that any of the runs has, in their order."""
    cases: Ints
    """The number of the case in the table; -1: there is none."""

    @property
    def runs(self) -> Sequence[Run]:
        """The runs."""
        return self.table.runs

    @property
    def failed(self) -> Flags:
        """Where a case has an error."""
        return np.array([bool(error) for error in (*self.table.errors, "")], np.bool_)[self.cases]

    def costs(self, run: int) -> list[int | None]:
        """What each item cost in a run; None: nobody knows, or it hasn't it."""
        told = (*self.table.costs, None)
        return [told[case] for case in self.cases[run].tolist()]


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


def line_up(table: Table) -> Lined:
    """All items that any of the runs has, in the order of their ids."""
    items = tuple(sorted(set(table.items)))
    number = {item: at for at, item in enumerate(items)}
    cases = np.full((len(table.runs), len(items)), ABSENT, np.int64)
    cases[table.run, np.array([number[item] for item in table.items], np.int64)] = np.arange(len(table.items))
    return Lined(table, items, cases)


def columns(lined: Lined) -> list[Column]:
    """All scores that any case has, by name."""
    missing = np.where(lined.failed, State.FAILED, State.UNSCORED).astype(np.int8)
    missing[lined.cases == ABSENT] = State.ABSENT
    places = np.zeros(len(lined.table.items), np.int64)
    held = lined.cases.reshape(-1) != ABSENT
    places[lined.cases.reshape(-1)[held]] = np.flatnonzero(held)
    return [_column(given, places[given.cases], missing) for given in lined.table.scores]


def _column(given: Given, places: Ints, missing: npt.NDArray[np.int8]) -> Column:
    """A place is a run's and an item's: run by run, all items of each."""
    shape = missing.shape
    kind = given.kind
    states = missing.reshape(-1).copy()
    states[places] = State.SCORED
    numbers = np.full(states.size, np.nan)
    labels: list[str | None] = []
    if kind in (Kind.CATEGORICAL, Kind.MIXED):
        labels = [None] * states.size
        for at, place in enumerate(places.tolist()):
            labels[place] = given.word(at)
    else:
        numbers[places] = given.numbers
    rows = tuple(tuple(labels[at : at + shape[1]]) for at in range(0, len(labels), shape[1] or 1))
    return Column(given.name, kind, numbers.reshape(shape), rows, states.reshape(shape))
