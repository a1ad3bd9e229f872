"""Runs in; each score's mean with how sure it is, and what the run took, out: what a list of runs shows."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

import msgspec
import numpy as np

from farthing.experiments.case import Kind
from farthing.experiments.spent import Spent, spent
from farthing.experiments.table import Floats, Given, Ints, Table, kind_of

_Z = 1.959963984540054
"""Of an interval that holds in 95 of 100 cases."""
MOST_LABELS = 20


class ScoreSummary(msgspec.Struct, frozen=True):
    """One score of one run."""

    name: str
    kind: Kind
    count: int
    mean: float | None
    """None of labels."""
    low: float | None
    high: float | None
    labels: dict[str, int]


class RunSummary(msgspec.Struct, frozen=True):
    """One run by itself."""

    spent: Spent
    scores: Sequence[ScoreSummary]


def summarise(table: Table) -> list[RunSummary]:
    """What a list shows of each run."""
    scores: list[list[ScoreSummary]] = [[] for _ in table.runs]
    for given in table.scores:
        of = table.run[given.cases]
        for run in np.unique(of).tolist():
            scores[run].append(_of(given, np.flatnonzero(of == run)))
    return [RunSummary(spent(table, table.of(run)), told) for run, told in enumerate(scores)]


def _of(given: Given, at: Ints) -> ScoreSummary:
    numbers, yes_no = given.numbers[at], given.yes_no[at]
    kind, count = kind_of(numbers, yes_no), int(at.size)
    if kind in (Kind.CATEGORICAL, Kind.MIXED):
        labels = Counter(given.word(one) for one in at.tolist()).most_common(MOST_LABELS)
        return ScoreSummary(given.name, kind, count, None, None, None, dict(labels))
    return ScoreSummary(given.name, kind, count, *mean_of(numbers, kind), {})


def mean_of(numbers: Floats, kind: Kind) -> tuple[float | None, float | None, float | None]:
    """The mean of such values and its interval."""
    if not numbers.size:
        return (None, None, None)
    mean = float(numbers.mean())
    if kind is Kind.BOOLEAN:
        return (mean, *wilson(mean, numbers.size))
    return (mean, *around(mean, float(((numbers - mean) ** 2).sum()), numbers.size))


def wilson(share: float, count: int) -> tuple[float, float]:
    """The interval of a share (Wilson 1927): it is right near none and all, too."""
    bend = _Z**2 / count
    middle = (share + bend / 2) / (1 + bend)
    reach = _Z * sqrt(share * (1 - share) / count + bend / count / 4) / (1 + bend)
    return (0.0 if share == 0 else middle - reach, 1.0 if share == 1 else middle + reach)


def around(mean: float, squares: float, count: int) -> tuple[float | None, float | None]:
    """The interval of a mean; `squares` is the sum of the squared distances from it. None of fewer than two figures."""
    if count < 2:
        return (None, None)
    spread = sqrt(squares / (count - 1) / count)
    return (mean - _Z * spread, mean + _Z * spread)
