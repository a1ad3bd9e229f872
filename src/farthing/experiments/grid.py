"""Runs beside each other in; their items one by one, those that were asked for, in the order asked for, out."""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum

import msgspec
import numpy as np

from farthing.experiments.case import Case
from farthing.experiments.differing import SAME
from farthing.experiments.lining import ABSENT, Column, Lined, line_up
from farthing.experiments.lining import columns as columns_of
from farthing.experiments.table import Flags, Floats, Table


class Only(StrEnum):
    """Which items are wanted."""

    ALL = "all"
    REGRESSED = "regressed"
    """A run scores lower than the baseline."""
    IMPROVED = "improved"
    MISSING = "missing"
    """The baseline has a score that a run has not."""
    FAILED = "failed"
    """A run has an error."""


class Sort(StrEnum):
    """In which order."""

    ITEM = "item"
    REGRESSION = "regression"
    """The largest loss of any score in any run first."""
    COST_CHANGE = "cost_change"
    """What costs most more, or most less, than in the baseline first. Where the change isn't known: last."""


class Wanted(msgspec.Struct, frozen=True):
    """Which items, of which scores, in which order."""

    base: str
    only: Only = Only.ALL
    score: str = ""
    """"": any."""
    below: float | None = None
    """Only items that a run scores below this; it needs `score`."""
    sort: Sort = Sort.ITEM
    lower_is_better: frozenset[str] = frozenset()
    after: tuple[float, str] | None = None
    """The `key` of the last item of the page before."""
    limit: int = 50


class Row(msgspec.Struct, frozen=True):
    """One item."""

    item_id: str
    cases: tuple[Case | None, ...]
    """Run by run."""
    changes: tuple[dict[str, float], ...]
    """Likewise: score to difference from the baseline, of scores that are numbers."""
    cost_changes: tuple[int | None, ...]
    """Likewise, in units of 10^-24 dollars; None where a cost isn't known."""
    key: tuple[float, str]
    """Where the item stands in the order."""


class Page(msgspec.Struct, frozen=True):
    """Some items, how many there are in all, and whether any follow."""

    rows: Sequence[Row]
    total: int
    more: bool


def page(table: Table, wanted: Wanted) -> Page:
    """The items asked for."""
    lined = line_up(table)
    base = [run.id for run in table.runs].index(wanted.base)
    columns = [_Changes(one, base, wanted) for one in columns_of(lined)]
    costs = [lined.costs(run) for run in range(len(table.runs))]
    places = _places(columns, costs, base, wanted, len(lined.items))
    at = np.flatnonzero(_are_wanted(lined, columns, base, wanted))
    # The items' own order is the order of their numbers.
    at = at[np.argsort(places[at], kind="stable")]
    total = int(at.size)
    if wanted.after is not None:
        place, item = wanted.after
        at = at[(places[at] > place) | ((places[at] == place) & (at >= bisect_right(lined.items, item)))]
    rows = [_row(lined, columns, costs, base, one, float(places[one])) for one in at[: wanted.limit].tolist()]
    return Page(rows, total, at.size > wanted.limit)


class _Changes:
    """One score of all runs beside the baseline."""

    def __init__(self, column: Column, base: int, wanted: Wanted) -> None:
        self.column = column
        off = column.values - column.values[base]
        # What differs by how floats are added doesn't differ.
        off[np.abs(off) < SAME] = 0.0
        off[base] = np.nan
        self.off = off
        """NaN where there is none, and of the baseline itself."""
        self.losses = off if column.name in wanted.lower_is_better else -off
        self.is_meant = wanted.score in ("", column.name)


def _places(
    columns: Sequence[_Changes], costs: Sequence[Sequence[int | None]], base: int, wanted: Wanted, count: int
) -> Floats:
    if wanted.sort is Sort.COST_CHANGE:
        # A place in an order, no amount: a float will do.
        return np.array(
            [
                -float(max((abs(change) for change in _cost_changes(item, base) if change is not None), default=-1))
                for item in zip(*costs, strict=True)
            ]
        )
    if wanted.sort is Sort.REGRESSION:
        losses = [one.losses for one in columns if one.is_meant]
        most = np.fmax.reduce(np.concatenate([*losses, np.full((1, count), np.nan)]), axis=0)
        return np.where(np.isnan(most), 0.0, -most)
    return np.zeros(count)


def _cost_changes(costs: Sequence[int | None], base: int) -> tuple[int | None, ...]:
    ground = costs[base]
    return tuple(None if ground is None or cost is None else cost - ground for cost in costs)


def _are_wanted(lined: Lined, columns: Sequence[_Changes], base: int, wanted: Wanted) -> Flags:
    meant = [one for one in columns if one.is_meant]
    match wanted.only:
        case Only.REGRESSED:
            found = [(one.losses > 0).any(axis=0) for one in meant]
        case Only.IMPROVED:
            found = [(one.losses < 0).any(axis=0) for one in meant]
        case Only.MISSING:
            found = [(one.column.scored[base] & ~one.column.scored).any(axis=0) for one in meant]
        case Only.FAILED:
            found = [lined.failed.any(axis=0)]
        case Only.ALL:
            found = [np.ones(len(lined.items), np.bool_)]
    are = np.logical_or.reduce([np.zeros(len(lined.items), np.bool_), *found])
    if wanted.below is not None:
        below = [(one.column.values < wanted.below).any(axis=0) for one in meant]
        are &= np.logical_or.reduce([np.zeros(len(lined.items), np.bool_), *below])
    return are


def _row(
    lined: Lined, columns: Sequence[_Changes], costs: Sequence[Sequence[int | None]], base: int, at: int, place: float
) -> Row:
    cases = lined.cases[:, at].tolist()
    return Row(
        lined.items[at],
        tuple(None if case == ABSENT else lined.table.case(case) for case in cases),
        tuple(
            {one.column.name: float(one.off[run, at]) for one in columns if not np.isnan(one.off[run, at])}
            for run in range(len(cases))
        ),
        _cost_changes([one[at] for one in costs], base),
        (place, lined.items[at]),
    )
