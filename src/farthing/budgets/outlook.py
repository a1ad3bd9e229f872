"""A budget, and what the same calls cost in the weeks before, in; where the period leads, with how far that may be off, out. Pure.

An estimate, and told as one: what was spent is exact and never comes from here. The rest of the period is drawn many times
from the past: a level, from the latest steps; the habits of hours or weekdays; and what single steps were beside both. So
a quiet weekend, a rise of the last days and a habit of rare dear days are in it, and the spread of the draws says how sure it is.
Random numbers begin anew each time, so the same ledger gives the same answer.
"""

import random
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from statistics import fmean, median

import msgspec

DRAWS = 400
LOW, HIGH = 0.1, 0.9
"""Four in five draws end between these."""

LEAST_STEPS = 4
"""Of the past, before it says anything."""

LATEST = 14
"""So many steps make out the level of now."""

OF_ALL = 0.25
"""What all steps together weigh, in steps, beside those of one kind."""

LEAST_HABIT = 0.1
"""Kinds of steps that are nearly nothing beside the others have no say in the level."""


class Step(msgspec.Struct, frozen=True):
    """An hour or a day: what it is among its like (an hour of the day, a weekday), and dollars; None: nobody knows."""

    habit: int
    usd: float | None


class Ahead(msgspec.Struct, frozen=True):
    """A step that is not over, or so many days at once: when it ends, and how much of it is still to come (1: all)."""

    habit: int
    end: int
    left: float = 1.0
    many: int = 1


class Outlook(msgspec.Struct, frozen=True):
    """Dollars at the end of the period: in the middle, and the range that four of five draws end in.

    `reaches` says when the limit is reached, if at least half the draws do and it isn't yet; `earliest` when the first tenth of them did, and
    `latest` when nine tenths did, None where they don't.
    """

    usd: float
    low: float
    high: float
    chance: float
    """Of reaching the limit within the period, from 0 to 1."""
    reaches: int | None
    earliest: int | None
    latest: int | None


def look_ahead(past: Sequence[Step], ahead: Sequence[Ahead], counted: float, limit: float) -> Outlook | None:
    """Where `counted` dollars lead to. `past` is oldest first, whole steps only; None when there is too little of it."""
    known = [step for step in past if step.usd is not None]
    if len(known) < LEAST_STEPS:
        return None
    habits = _habits(known)
    # What each step was, its habit taken out: a level, and how it swings.
    levels = [(step.usd or 0.0) / habit for step in known if (habit := habits.get(step.habit, 0.0)) >= LEAST_HABIT]
    if not levels:
        return Outlook(counted, counted, counted, float(counted >= limit), None, None, None)
    latest = levels[-LATEST:]
    middle = fmean(levels) or 1.0
    swings = [level / middle for level in levels]
    drawn = random.Random(0)  # noqa: S311  nothing secret
    ends: list[float] = []
    times: list[int] = []
    of_week = fmean(habits.get(day, 0.0) for day in range(7))
    expected = [(habits.get(step.habit, 0.0) if step.many == 1 else of_week * step.many) * step.left for step in ahead]
    # Of many days at once good and bad ones make up for each other.
    swung = [1 / sqrt(step.many) for step in ahead]
    for _ in range(DRAWS):
        level = fmean(drawn.choices(latest, k=len(latest)))
        parts = (
            level * some * (1 + (swing - 1) * share)
            for some, share, swing in zip(expected, swung, drawn.choices(swings, k=len(ahead)), strict=True)
        )
        sums = list(accumulate(parts, initial=counted))
        ends.append(sums[-1])
        if sums[-1] >= limit > counted:
            times.append(ahead[bisect_left(sums, limit) - 1].end)
    ends.sort()
    times.sort()
    return Outlook(
        usd=median(ends),
        low=_quantile(ends, LOW),
        high=_quantile(ends, HIGH),
        chance=len(times) / DRAWS if counted < limit else 1.0,
        reaches=_time(times, 0.5),
        earliest=_time(times, LOW),
        latest=_time(times, HIGH),
    )


def _habits(known: Sequence[Step]) -> dict[int, float]:
    """What steps of each kind are beside the middle of all: 1 is as all. Few of a kind are held nearer to 1."""
    everything = fmean(step.usd or 0.0 for step in known)
    if not everything:
        return {}
    by_habit: dict[int, list[float]] = {}
    for step in known:
        by_habit.setdefault(step.habit, []).append((step.usd or 0.0) / everything)
    few = {habit: (sum(found) + OF_ALL) / (len(found) + OF_ALL) for habit, found in by_habit.items()}
    return dict.fromkeys(range(24), 1.0) | few


def _quantile(found: Sequence[float], share: float) -> float:
    return found[min(int(share * len(found)), len(found) - 1)]


def _time(times: Sequence[int], share: float) -> int | None:
    """When this share of all draws had come to the limit."""
    at = int(share * DRAWS)
    return times[at] if at < len(times) else None
