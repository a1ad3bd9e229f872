"""Runs beside each other in; their items one by one, those that were asked for, in the order asked for, out."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from farthing.experiments.case import Case, Run, Value
from farthing.experiments.lining import Lined, line_up


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


def page(runs: Sequence[Run], wanted: Wanted) -> Page:
    """The items asked for."""
    lined = line_up(runs)
    base = [run.id for run in runs].index(wanted.base)
    rows = sorted((row for row in _rows(lined, base, wanted) if _wanted(row, base, wanted)), key=lambda row: row.key)
    behind = rows if wanted.after is None else [row for row in rows if row.key > wanted.after]
    return Page(behind[: wanted.limit], len(rows), len(behind) > wanted.limit)


def _rows(lined: Lined, base: int, wanted: Wanted) -> list[Row]:
    rows: list[Row] = []
    for at, item in enumerate(lined.items):
        cases = tuple(run[at] for run in lined.cases)
        ground = cases[base]
        changes = tuple(_changes(ground, case) for case in cases)
        costs = tuple(_cost_change(ground, case) for case in cases)
        rows.append(Row(item, cases, changes, costs, (_place(changes, costs, wanted), item)))
    return rows


def _changes(base: Case | None, case: Case | None) -> dict[str, float]:
    if base is None or case is None or base is case:
        return {}
    found: dict[str, float] = {}
    for name, value in case.scores.items():
        ground = base.scores.get(name)
        if not isinstance(value, str) and not isinstance(ground, str) and ground is not None:
            found[name] = float(value) - float(ground)
    return found


def _cost_change(base: Case | None, case: Case | None) -> int | None:
    if base is None or case is None or base.cost is None or case.cost is None:
        return None
    return case.cost - base.cost


def _place(changes: Sequence[dict[str, float]], costs: Sequence[int | None], wanted: Wanted) -> float:
    if wanted.sort is Sort.REGRESSION:
        return -max((loss for run in changes for loss in _losses(run, wanted)), default=0.0)
    if wanted.sort is Sort.COST_CHANGE:
        # A place in an order, no amount: a float will do.
        return -float(max((abs(cost) for cost in costs if cost is not None), default=-1))
    return 0.0


def _losses(changes: dict[str, float], wanted: Wanted) -> list[float]:
    return [
        change if name in wanted.lower_is_better else -change
        for name, change in changes.items()
        if not wanted.score or name == wanted.score
    ]


def _wanted(row: Row, base: int, wanted: Wanted) -> bool:
    others = [case for at, case in enumerate(row.cases) if at != base]
    if wanted.below is not None and not any(_is_below(case, wanted.score, wanted.below) for case in row.cases):
        return False
    losses = [loss for changes in row.changes for loss in _losses(changes, wanted)]
    match wanted.only:
        case Only.REGRESSED:
            return any(loss > 0 for loss in losses)
        case Only.IMPROVED:
            return any(loss < 0 for loss in losses)
        case Only.MISSING:
            return any(_lacks(row.cases[base], case, wanted.score) for case in others)
        case Only.FAILED:
            return any(case is not None and case.error for case in row.cases)
        case Only.ALL:
            return True


def _is_below(case: Case | None, score: str, limit: float) -> bool:
    value: Value | None = None if case is None else case.scores.get(score)
    return value is not None and not isinstance(value, str) and float(value) < limit


def _lacks(base: Case | None, case: Case | None, score: str) -> bool:
    if base is None:
        return False
    asked = {score} & base.scores.keys() if score else base.scores.keys()
    return bool(asked - (case.scores.keys() if case is not None else set[str]()))
