"""One score of two runs in; how they differ item by item and on average, and how sure that is, out."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
import numpy as np

from farthing.experiments.case import Kind
from farthing.experiments.lining import Column, State
from farthing.experiments.paired import mcnemar, wilcoxon
from farthing.experiments.resampling import Resampled
from farthing.experiments.table import Flags, Floats

FEWEST_PAIRS = 20
"""With fewer, intervals are too narrow and tests see little; it is said."""
LISTED_REGRESSIONS = 100
SAME = 1e-9
"""What differs by less differs by how floats are added."""


class Verdict(StrEnum):
    """What can be said of a run beside the baseline."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference_seen"
    TOO_FEW = "too_few_cases"


class Missing(msgspec.Struct, frozen=True):
    """Cases that the baseline has scored and the run has not, told apart by why."""

    absent: int
    failed: int
    unscored: int

    @property
    def all(self) -> int:
        """However they came to be missing."""
        return self.absent + self.failed + self.unscored


class Regression(msgspec.Struct, frozen=True):
    """An item that became worse."""

    item_id: str
    base: float
    other: float


class Difference(msgspec.Struct, frozen=True):
    """A run beside the baseline, in one numeric or boolean score. Differences are the run's less the baseline's."""

    run_id: str
    score: str
    pairs: int
    mean: float | None
    low: float | None
    high: float | None
    wins: int
    losses: int
    ties: int
    missing: Missing
    only_here: int
    """Cases that the run has scored and the baseline has not."""
    test: str
    p_value: float | None
    p_adjusted: float | None
    verdict: Verdict
    regressions: Sequence[Regression]
    """The largest first, 100 of them at most: `losses` counts all."""


class Pair(NamedTuple):
    """One score of two runs, item by item."""

    column: Column
    base: int
    other: int
    lower_is_better: bool

    @property
    def both(self) -> Flags:
        """Where both have a value."""
        return self.column.scored[self.base] & self.column.scored[self.other]

    @property
    def off(self) -> Floats:
        """The differences; NaN where one is missing."""
        values = self.column.values
        differences = values[self.other] - values[self.base]
        differences[np.abs(differences) < SAME] = 0.0
        return differences

    @property
    def off_if_missing_is_worst(self) -> Floats:
        """The same, a missing case being as bad as the worst that any run was scored: it isn't a pass."""
        values = self.column.values
        other = np.where(self.column.scored[self.other], values[self.other], self.worst)
        return other - values[self.base]

    @property
    def worst(self) -> float:
        """The worst value there is."""
        if self.column.kind is Kind.BOOLEAN:
            return 1.0 if self.lower_is_better else 0.0
        values = self.column.values[self.column.scored]
        if not values.size:
            return float("nan")
        return float(values.max() if self.lower_is_better else values.min())

    @property
    def unseen(self) -> float:
        """The difference of a case that is lost as badly as can be."""
        span = 1.0
        if self.column.kind is not Kind.BOOLEAN:
            values = self.column.values[self.column.scored]
            span = (float(np.ptp(values)) or float(np.abs(values).max()) or 1.0) if values.size else 1.0
        return span if self.lower_is_better else -span


def differ(pair: Pair, resampled: Resampled, run_id: str, items: Sequence[str], confidence: float) -> Difference:
    """How they differ. `resampled` is of `pair.off`; `p_adjusted` is for whoever knows all tests."""
    off = pair.off[pair.both]
    better = -off if pair.lower_is_better else off
    wins, losses = int((better > 0).sum()), int((better < 0).sum())
    boolean = pair.column.kind is Kind.BOOLEAN
    interval = resampled.interval(confidence)
    low, high = interval or (None, None)
    return Difference(
        run_id=run_id,
        score=pair.column.name,
        pairs=int(off.size),
        mean=float(off.mean()) if off.size else None,
        low=low,
        high=high,
        wins=wins,
        losses=losses,
        ties=int(off.size) - wins - losses,
        missing=missing(pair),
        only_here=int((pair.column.scored[pair.other] & ~pair.column.scored[pair.base]).sum()),
        test="mcnemar_exact" if boolean else "wilcoxon",
        p_value=mcnemar(wins, losses) if boolean else wilcoxon(off),
        p_adjusted=None,
        verdict=_verdict(interval, int(off.size), pair.lower_is_better),
        regressions=_regressions(pair, items),
    )


def missing(pair: Pair) -> Missing:
    """What the baseline has scored and the other has not."""
    states = pair.column.states[pair.other][pair.column.scored[pair.base]]
    absent, failed, unscored = (int((states == one).sum()) for one in (State.ABSENT, State.FAILED, State.UNSCORED))
    return Missing(absent, failed, unscored)


def _verdict(interval: tuple[float, float] | None, pairs: int, lower_is_better: bool) -> Verdict:
    if interval is None or pairs < FEWEST_PAIRS:
        return Verdict.TOO_FEW
    low, high = (-interval[1], -interval[0]) if lower_is_better else interval
    if low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if high < 0 else Verdict.NO_DIFFERENCE


def _regressions(pair: Pair, items: Sequence[str]) -> list[Regression]:
    off = pair.off
    worse = off if pair.lower_is_better else -off
    at = np.flatnonzero(np.nan_to_num(worse, nan=0.0) > 0)
    # Stable: equal ones stay in the order of their ids.
    order: list[int] = at[np.argsort(-worse[at], kind="stable")][:LISTED_REGRESSIONS].tolist()
    values = pair.column.values
    return [Regression(items[i], float(values[pair.base, i]), float(values[pair.other, i])) for i in order]
