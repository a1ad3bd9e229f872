"""One run in; each score's mean with how sure it is, and what the run took, out: what a list of runs shows."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

import msgspec

from farthing.experiments.case import Kind, Run, Value
from farthing.experiments.spent import Spent, spent

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


def summarise(run: Run) -> RunSummary:
    """What a list shows of it."""
    values: dict[str, list[Value]] = {}
    for case in run.cases:
        for name, value in case.scores.items():
            values.setdefault(name, []).append(value)
    return RunSummary(spent(run.cases), [_of(name, told) for name, told in sorted(values.items())])


def _of(name: str, values: Sequence[Value]) -> ScoreSummary:
    if any(isinstance(value, str) for value in values):
        kind = Kind.CATEGORICAL if all(isinstance(value, str) for value in values) else Kind.MIXED
        counts = Counter(str(value) for value in values).most_common(MOST_LABELS)
        return ScoreSummary(name, kind, len(values), None, None, None, dict(counts))
    numbers = [float(value) for value in values if not isinstance(value, str)]
    mean = sum(numbers) / len(numbers)
    if all(isinstance(value, bool) for value in values):
        return ScoreSummary(name, Kind.BOOLEAN, len(numbers), mean, *wilson(mean, len(numbers)), {})
    low, high = around(mean, sum((number - mean) ** 2 for number in numbers), len(numbers))
    return ScoreSummary(name, Kind.NUMERIC, len(numbers), mean, low, high, {})


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
