"""How many calls and the time they are spread over in; for each stretch of time, how many calls each feature makes out.

Business hours of Europe and the United States, weekdays, some weather from day to day, slow growth. Counts are exact:
they add up to the calls asked for.
"""

import math
from collections.abc import Iterator

import msgspec

from farthing.demo.anomalies import DAY_NS, HOUR_NS, RETRIES, Planted, instant
from farthing.demo.company import FEATURES, Curve, Feature
from farthing.demo.draws import NOISE, Dice, shares

SLOTS_A_DAY = 288
QUIET_NS = 120 * 10**9
"""No trace starts in the last two minutes, so that each has ended by the end."""

_GROWTH = 0.2
_WEATHER = 0.05
_WOBBLE = 0.7

# Calls per hour of the day (UTC), and per weekday from Monday on, relative to one another.
_HOURS = {
    Curve.SHOPPERS: (
        38,
        30,
        26,
        22,
        18,
        20,
        30,
        44,
        58,
        66,
        70,
        76,
        82,
        78,
        80,
        86,
        92,
        104,
        118,
        122,
        112,
        88,
        64,
        48,
    ),
    Curve.OFFICE: (9, 6, 4, 3, 3, 6, 24, 66, 96, 104, 98, 82, 86, 108, 116, 112, 96, 78, 62, 54, 46, 34, 20, 12),
    Curve.SUPPORT: (24, 18, 14, 12, 12, 16, 34, 70, 92, 94, 88, 84, 88, 100, 106, 104, 96, 88, 80, 72, 62, 50, 38, 30),
    Curve.NIGHT: (120, 180, 240, 220, 130, 60, 30, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 30, 60, 90),
}
_WEEKDAYS = {
    Curve.SHOPPERS: (96, 94, 95, 98, 108, 118, 112),
    Curve.OFFICE: (104, 110, 108, 104, 88, 16, 12),
    Curve.SUPPORT: (112, 106, 102, 100, 96, 62, 56),
    Curve.NIGHT: (100, 100, 100, 100, 100, 70, 70),
}


class Slot(msgspec.Struct, frozen=True):
    """A stretch of time and how many calls each feature makes in it, in the order of FEATURES."""

    start_ns: int
    length_ns: int
    counts: tuple[int, ...]


def totals(calls: int) -> list[int]:
    """Each feature's share of all calls, in the order of FEATURES."""
    return shares([feature.weight for feature in FEATURES], calls)


def schedule(calls: int, start_ns: int, end_ns: int, planted: Planted, dice: Dice) -> Iterator[Slot]:
    """The slots of the whole time, in order; all their counts add up to `calls`."""
    slots = max(1, (end_ns - start_ns) * SLOTS_A_DAY // DAY_NS)
    length = (end_ns - QUIET_NS - start_ns) // slots
    starts = [start_ns + n * length for n in range(slots)]
    levels = {curve: _levels(curve, starts, dice) for curve in Curve}
    columns = [
        _column(feature, total, starts, levels[feature.curve], planted, dice)
        for feature, total in zip(FEATURES, totals(calls), strict=True)
    ]
    for start, counts in zip(starts, zip(*columns, strict=True), strict=True):
        yield Slot(start, length, counts)


def _column(
    feature: Feature, calls: int, starts: list[int], levels: list[float], planted: Planted, dice: Dice
) -> list[int]:
    """One feature's calls in each slot."""
    loop = planted.retry_loop
    if feature.name == loop.feature:
        levels = [
            level * RETRIES if loop.start_ns <= start < loop.end_ns else level
            for start, level in zip(starts, levels, strict=True)
        ]
    return _spread(calls, levels, dice)


def _levels(curve: Curve, starts: list[int], dice: Dice) -> list[float]:
    """How busy each slot is, relative to one another."""
    hours, weekdays = _HOURS[curve], _WEEKDAYS[curve]
    levels: list[float] = []
    today, weather = -1, 1.0
    for n, start in enumerate(starts):
        day, within = divmod(start, DAY_NS)
        if day != today:
            today, weather = day, 1 + _WEATHER * _noise(dice)
        hour, rest = divmod(within, HOUR_NS)
        part = rest / HOUR_NS
        level = hours[hour] * (1 - part) + hours[(hour + 1) % 24] * part
        levels.append(level * weekdays[(day + 3) % 7] * weather * (1 + _GROWTH * n / len(starts)))
    return levels


def _spread(calls: int, weights: list[float], dice: Dice) -> list[int]:
    """Counts that follow the weights with the unevenness of chance, and still add up to `calls`."""
    whole = sum(weights)
    counts: list[int] = []
    sofar, done = 0.0, 0
    for weight in weights:
        sofar += weight
        wobble = _WOBBLE * _noise(dice) * math.sqrt(calls * weight / whole)
        upto = min(calls, max(done, int(calls * sofar / whole + wobble + 0.5)))
        counts.append(upto - done)
        done = upto
    counts[-1] += calls - done
    return counts


def _noise(dice: Dice) -> float:
    return NOISE[dice.bits(12)] / 1000


class Outage(msgspec.Struct, frozen=True):
    """A provider fails more often than usual for a while: errors of its own, or no answer at all."""

    provider: str
    kind: str
    start_ns: int
    end_ns: int


def outages(end_ns: int, days: int, dice: Dice) -> list[Outage]:
    """About one outage in three days, in working hours, in order of their start."""
    found: list[Outage] = []
    for days_ago in range(days, 0, -1):
        if dice.below(3):
            continue
        start = instant(end_ns, days_ago, 8 + dice.below(13), dice.below(60))
        provider = ("openai", "openai", "anthropic", "anthropic", "google")[dice.below(5)]
        kind = ("server", "server", "timeout")[dice.below(3)]
        found.append(Outage(provider, kind, start, start + (6 + dice.below(30)) * 60 * 10**9))
    return found
