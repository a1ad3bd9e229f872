"""A score of labels in; how often each run gave which label, and how far runs agree with the baseline, out."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from farthing.experiments.lining import Column, Lined

MOST_LABELS = 50
"""So many labels are told apart; the others are counted together, under ""."""


class Agreement(msgspec.Struct, frozen=True):
    """One run beside the baseline, in one score of labels."""

    run_id: str
    score: str
    pairs: int
    same: int
    kappa: float | None
    """Cohen's: how far they agree beyond what they would by chance. None where one label is all there is."""
    changed: Sequence[tuple[str, str, int]]
    """From which label to which, how often; the most frequent first, 20 at most."""


def distribution(column: Column, run: int) -> dict[str, int]:
    """How often the run gave each label, the most frequent first."""
    counts = Counter(label for label in column.labels[run] if label is not None)
    shown = dict(sorted(counts.most_common(MOST_LABELS), key=lambda one: (-one[1], one[0])))
    rest = counts.total() - sum(shown.values())
    return shown | ({"": rest} if rest else {})


def agree(lined: Lined, column: Column, base: int, other: int) -> Agreement:
    """How far they agree, of the items that both have a label for."""
    pairs = [
        (one, two)
        for one, two in zip(column.labels[base], column.labels[other], strict=True)
        if one is not None and two is not None
    ]
    same = sum(1 for one, two in pairs if one == two)
    moved = Counter(pair for pair in pairs if pair[0] != pair[1])
    changed = sorted(((one, two, count) for (one, two), count in moved.items()), key=lambda c: (-c[2], c[:2]))
    return Agreement(lined.runs[other].id, column.name, len(pairs), same, _kappa(pairs, same), changed[:20])


def _kappa(pairs: Sequence[tuple[str, str]], same: int) -> float | None:
    if not pairs:
        return None
    of_base, of_other = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    by_chance = sum(of_base[label] * of_other[label] for label in of_base)
    whole = len(pairs) ** 2
    return None if by_chance == whole else (same * len(pairs) - by_chance) / (whole - by_chance)
