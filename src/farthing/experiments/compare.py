"""Two to six runs, one of them the baseline, in; quality beside cost, run by run and score by score, out.

Differences and tests are of items that both runs have scored. What a run lacks is counted apart, and where a choice is made a
missing case is as bad as the worst that was seen: it is not a pass. There it is also taken into account that a few cases without a
loss prove little: as if one more had been lost.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from farthing.experiments.agreement import Agreement, agree, distribution
from farthing.experiments.case import Kind
from farthing.experiments.choosing import Choice, Point, cheapest, confidence, front
from farthing.experiments.differing import Difference, Pair, differ
from farthing.experiments.lining import Column, Lined, line_up
from farthing.experiments.lining import columns as columns_of
from farthing.experiments.paired import holm
from farthing.experiments.resampling import RESAMPLES, Resampled, resample
from farthing.experiments.spent import CostChange, Spent, cost_change, spent
from farthing.experiments.summary import mean_of
from farthing.experiments.table import Floats, Table
from farthing.experiments.warning import Warned, warnings_of

FEWEST_RUNS, MOST_RUNS = 2, 6
DEFAULT_DELTA = 0.05
MOST_SCORES = 50


class Asked(msgspec.Struct, frozen=True):
    """How runs are to be compared."""

    base: str
    delta: float = DEFAULT_DELTA
    """In the scores' own units: how much worse on average is still good enough."""
    scores: tuple[str, ...] = ()
    """Those that the choice goes by; () is all that can be reckoned with."""
    lower_is_better: frozenset[str] = frozenset()
    confidence: float = 0.95
    resamples: int = RESAMPLES


class Scored(msgspec.Struct, frozen=True):
    """One run in one score."""

    run_id: str
    count: int
    mean: float | None
    """None of labels."""
    low: float | None
    high: float | None
    labels: dict[str, int]


class Score(msgspec.Struct, frozen=True):
    """One score of all runs."""

    name: str
    kind: Kind
    lower_is_better: bool
    runs: Sequence[Scored]
    differences: Sequence[Difference]
    """Of each run but the baseline; () where nothing can be reckoned."""
    agreements: Sequence[Agreement]
    """Likewise, of labels."""
    front: Sequence[Point]


class Comparison(msgspec.Struct, frozen=True):
    """Everything that can be said of some runs beside each other."""

    base: str
    items: int
    """All that any of the runs has."""
    spent: Sequence[Spent]
    """Run by run."""
    cost_changes: Sequence[CostChange]
    """Likewise, beside the baseline; the baseline's own has no difference."""
    scores: Sequence[Score]
    choice: Choice
    warnings: Sequence[Warned]
    resamples: int


class _Columns:
    """The columns that are resampled together, and where each went. They have one more row than there are items."""

    def __init__(self) -> None:
        self._columns: list[Floats] = []
        self._found: dict[bytes, int] = {}

    def add(self, column: Floats, unseen: float = float("nan")) -> int:
        """Where it is found afterwards. The same figures are resampled once. `unseen` stands in the row of no item."""
        column = np.append(column, unseen)
        at = self._found.setdefault(column.tobytes(), len(self._columns))
        if at == len(self._columns):
            self._columns.append(column)
        return at

    def resampled(self, resamples: int) -> list[Resampled]:
        """What became of them."""
        return resample(np.column_stack(self._columns), resamples) if self._columns else []


class _Judged(msgspec.Struct, frozen=True):
    """A score that can be reckoned with, and where the columns of its pairs are: as they are, and with what is missing."""

    column: Column
    pairs: list[tuple[Pair, int, int]]


def compare(table: Table, asked: Asked) -> Comparison:
    """The comparison. `asked.base` is one of the runs' ids."""
    lined, runs = line_up(table), table.runs
    base = [run.id for run in runs].index(asked.base)
    columns = columns_of(lined)[:MOST_SCORES]
    together = _Columns()
    judged = [_judged(one, base, asked, together) for one in columns if one.kind in (Kind.NUMERIC, Kind.BOOLEAN)]
    resampled = together.resampled(asked.resamples)
    took = [spent(table, table.of(run)) for run in range(len(runs))]
    each = [lined.costs(run) for run in range(len(runs))]
    costs = [one.cost_per_case for one in took]
    reckoned = {one.column.name: _score(one, lined, base, costs, resampled, asked) for one in judged}
    scores = _adjusted([reckoned.get(one.name) or _labelled(one, lined, base) for one in columns])
    changes = [cost_change(each[base], one) for one in each]
    return Comparison(
        base=asked.base,
        items=len(lined.items),
        spent=took,
        cost_changes=changes,
        scores=scores,
        choice=_choice(judged, resampled, asked, {run.id: cost for run, cost in zip(runs, costs, strict=True)}),
        warnings=warnings_of(runs, base, [d for score in scores for d in score.differences], took, columns),
        resamples=resampled[0].means.size if resampled else 0,
    )


def _judged(column: Column, base: int, asked: Asked, together: _Columns) -> _Judged:
    lower = column.name in asked.lower_is_better
    pairs: list[tuple[Pair, int, int]] = []
    for other in range(column.values.shape[0]):
        if other != base:
            pair = Pair(column, base, other, lower)
            pairs.append((pair, together.add(pair.off), together.add(pair.off_if_missing_is_worst, pair.unseen)))
    return _Judged(column, pairs)


def _score(
    one: _Judged, lined: Lined, base: int, costs: Sequence[int | None], resampled: Sequence[Resampled], asked: Asked
) -> Score:
    pair = Pair(one.column, base, base, one.column.name in asked.lower_is_better)
    ids = [run.id for run in lined.runs]
    return Score(
        name=one.column.name,
        kind=one.column.kind,
        lower_is_better=pair.lower_is_better,
        runs=[_mean(run_id, one.column, at) for at, run_id in enumerate(ids)],
        differences=[
            differ(two, resampled[at], ids[two.other], lined.items, asked.confidence) for two, at, _ in one.pairs
        ],
        agreements=(),
        front=front(one.column, pair.worst, ids, costs, lower=pair.lower_is_better),
    )


def _mean(run_id: str, column: Column, run: int) -> Scored:
    """As a list of runs shows it, to the last digit but one."""
    values = column.values[run][column.scored[run]]
    return Scored(run_id, int(values.size), *mean_of(values, column.kind), {})


def _labelled(column: Column, lined: Lined, base: int) -> Score:
    runs = [
        Scored(run.id, int(column.scored[at].sum()), None, None, None, distribution(column, at))
        for at, run in enumerate(lined.runs)
    ]
    agreements = [agree(lined, column, base, at) for at in range(len(lined.runs)) if at != base]
    return Score(column.name, column.kind, False, runs, (), agreements, ())


def _adjusted(scores: Sequence[Score]) -> list[Score]:
    """With p-values as they are worth beside each other, of all runs and scores."""
    values = iter(holm([one.p_value for score in scores for one in score.differences]))
    return [
        msgspec.structs.replace(
            score, differences=[msgspec.structs.replace(one, p_adjusted=next(values)) for one in score.differences]
        )
        for score in scores
    ]


def _choice(
    judged: Sequence[_Judged], resampled: Sequence[Resampled], asked: Asked, costs: dict[str, int | None]
) -> Choice:
    counted = [one for one in judged if not asked.scores or one.column.name in asked.scores]
    sure: dict[str, float | None] = {}
    for at, run_id in enumerate(one for one in costs if one != asked.base):
        columns = [resampled[one.pairs[at][2]] for one in counted]
        sure[run_id] = confidence(columns, [one.pairs[at][0].lower_is_better for one in counted], asked.delta)
    return cheapest(asked.base, sure, costs, asked.delta, [one.column.name for one in counted])
