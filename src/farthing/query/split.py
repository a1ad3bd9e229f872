"""What was used and paid in two periods in; why the second cost more or less, in parts that add up exactly, out. Pure.

Step by step the first period is turned into the second: as many calls, then of the same models, the same tiers and so on.
What a step costs is its part, so the parts add up whatever the figures are. Why in this order: docs/decisions/0020-why-it-changed.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction

import msgspec

from farthing.model.usage import Bucket, unit_of


class Part(StrEnum):
    """The causes, in the order in which they are taken."""

    VOLUME = "volume"
    MODEL_MIX = "model_mix"
    TIER = "tier"
    TOKENS_PER_CALL = "tokens_per_call"
    OTHER_USAGE = "other_usage"
    CACHE_SHARE = "cache_share"
    CONTEXT = "context"
    PRICE = "price"


Model = tuple[str, str]
"""Provider and model."""

Tier = tuple[str, str]
"""The tier and the place that served."""

Lines = Mapping[tuple[str, str], tuple[int, int]]
"""By bucket and rate class (the tier its line names, a long context included): quantity, and money in units of 10^-24 dollars."""


class Group(msgspec.Struct, frozen=True):
    """The calls of one model at one tier."""

    calls: int
    lines: Lines

    @property
    def cost(self) -> int:
        """What they cost, in units of 10^-24 dollars."""
        return sum(amount for _, amount in self.lines.values())


Period = Mapping[Model, Mapping[Tier, Group]]

_CLASSES = {
    Bucket.AUDIO_CACHE_READ.value: Bucket.AUDIO_INPUT.value,
    Bucket.IMAGE_CACHE_READ.value: Bucket.IMAGE_INPUT.value,
    **{bucket.value: Bucket.INPUT.value for bucket in Bucket if bucket.value.startswith(("cache_read", "cache_write"))},
}
"""Buckets that hold the same tokens, cached or not; every other one is a class by itself."""


def split(before: Period, after: Period) -> dict[Model, dict[Part, int]]:
    """Every model's parts, in units of 10^-24 dollars; a model's add up to the difference of what it cost."""
    calls = _calls(before), _calls(after)
    found: dict[Model, dict[Part, int]] = {}
    for model in sorted(before.keys() | after.keys()):
        # Rounded once a step: what is cut off one part is in the next.
        stood = [round(step) for step in _steps(before.get(model, {}), after.get(model, {}), calls)]
        found[model] = {part: stood[at + 1] - stood[at] for at, part in enumerate(Part)}
    return found


def _calls(period: Period) -> int:
    return sum(group.calls for tiers in period.values() for group in tiers.values())


def _cost(tiers: Mapping[Tier, Group]) -> int:
    return sum(group.cost for group in tiers.values())


def _steps(before: Mapping[Tier, Group], after: Mapping[Tier, Group], calls: tuple[int, int]) -> list[Fraction]:
    """What a model would have cost after each step; the first is the period before, the last the one after."""
    was, now = Fraction(_cost(before)), Fraction(_cost(after))
    if not all(calls):
        # Where nothing was called there is no average call that could have changed.
        return [was, *[now] * len(Part)]
    scaled = was * calls[1] / calls[0]
    called = sum(group.calls for group in before.values()), sum(group.calls for group in after.values())
    if not all(called):
        return [was, scaled, *[now] * (len(Part) - 1)]
    mixed = was * called[1] / called[0]
    rest = [Fraction(0)] * (len(Part) - 2)
    for tier, group in after.items():
        old = before.get(tier)
        stood = [Fraction(group.cost)] * len(rest) if old is None or not old.calls else _of_group(old, group)
        rest = [total + step for total, step in zip(rest, stood, strict=True)]
    return [was, scaled, mixed, *rest]


def _of_group(before: Group, after: Group) -> list[Fraction]:
    """The steps within a model and tier: as it was with as many calls, then from `TOKENS_PER_CALL` on to `PRICE`."""
    grown = Fraction(after.calls, before.calls)
    tiered = tokens = others = cached = context = Fraction(0)
    for old, new in _paired(before.lines, after.lines):
        same = _paid(old) * grown
        used = _at_old_rates([(old, new)])
        tiered += same
        is_token = unit_of(next(iter(old or new))[0]) == "token"
        tokens += used if is_token else same
        others += used
        cached += _at_old_rates(_by_bucket(old, new))
        context += _at_old_rates(_by_line(old, new))
    return [tiered, tokens, others, cached, context, Fraction(after.cost)]


def _at_old_rates(pairs: Iterable[tuple[Lines, Lines]]) -> Fraction:
    """What the new quantities cost at the average rate of the old ones; of what was not used before, at its own rate."""
    total = Fraction(0)
    for old, new in pairs:
        had = sum(quantity for quantity, _ in old.values())
        has = sum(quantity for quantity, _ in new.values())
        total += _paid(old) * has / had if had else _paid(new)
    return total


def _paid(lines: Lines) -> Fraction:
    return Fraction(sum(amount for _, amount in lines.values()))


def _paired(before: Lines, after: Lines) -> Iterator[tuple[Lines, Lines]]:
    """The lines of both, class by class."""
    yield from _grouped(before, after, lambda line: _CLASSES.get(line[0], line[0]))


def _by_bucket(before: Lines, after: Lines) -> Iterator[tuple[Lines, Lines]]:
    yield from _grouped(before, after, lambda line: line[0])


def _by_line(before: Lines, after: Lines) -> Iterator[tuple[Lines, Lines]]:
    yield from _grouped(before, after, lambda line: line)


def _grouped(before: Lines, after: Lines, key: Callable[[tuple[str, str]], object]) -> Iterator[tuple[Lines, Lines]]:
    names = sorted({key(line) for line in before.keys() | after.keys()}, key=str)
    for name in names:
        yield (
            {line: sums for line, sums in before.items() if key(line) == name},
            {line: sums for line, sums in after.items() if key(line) == name},
        )
