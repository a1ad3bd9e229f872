"""A seed in; two months of minutes of thirty series with the incidents planted in them out. The parameters stand here, in one place."""

import math
from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.anomaly.places import Floats, Places

Kind = Literal["spike", "shift", "growth", "huge call"]

MINUTES_OF_DAY = 1440


class Parameters(msgspec.Struct, frozen=True):
    """Ranges are drawn from evenly; those marked (log) evenly by their logarithm."""

    series: int = 30
    days: int = 60
    quiet_days: int = 18
    """No incident is planted in these first days, and nothing is judged in the first 15."""
    sparse: int = 5
    """So many series have few calls."""
    new: int = 3
    """So many series begin on a day from 22 to 40."""
    calls_a_day: tuple[float, float] = (10_000, 100_000)
    """(log)"""
    calls_a_day_sparse: tuple[float, float] = (5, 150)
    """(log)"""
    cost_of_call: tuple[float, float] = (0.006, 0.04)
    """Median, dollars (log)."""
    spread_of_call: tuple[float, float] = (0.6, 1.0)
    """Deviation of the logarithm of a call's cost."""
    calls_of_session: float = 1.5
    """Mean; calls come in sessions within a minute, of a geometric number of calls."""
    heavy: float = 0.3
    """This share of series has calls of 100,000 output tokens every now and then."""
    heavy_a_day: tuple[float, float] = (1.0, 6.0)
    cost_of_heavy: tuple[float, float] = (1.0, 2.5)
    """100,000 output tokens at 10 to 25 dollars a million."""
    night: tuple[float, float] = (0.08, 0.6)
    """Spend at night beside that of the busiest hour."""
    weekend: tuple[float, float] = (0.2, 0.95)
    batch: float = 0.15
    """This share of series is a flat one with a job of two hours at five times the rate, every night or every Monday."""
    trend_a_month: tuple[float, float] = (-0.15, 0.2)
    hourly_noise: tuple[float, float] = (0.04, 0.1)
    """Deviation of the logarithm of the rate; it wanes with a time constant of three hours."""
    daily_noise: float = 0.04
    holidays: int = 2
    """Weekdays on which all but batch series run at `holiday` of their rate."""
    holiday: tuple[float, float] = (0.2, 0.4)
    outages: int = 3
    """Times at which nothing was taken in of any series, for 20 to 90 minutes."""
    gaps: int = 2
    """The same of each series by itself."""
    spikes: int = 4
    """Of each series: three times the calls for `spike_minutes`, beginning at a minute drawn by traffic."""
    spike_minutes: tuple[int, int] = (30, 240)
    spike_times: float = 3.0
    shifts: float = 0.5
    """Of this share of the dense series the rate doubles for good."""
    growths: int = 4
    """So many dense series double slowly within 30 days, and have no other incident but huge calls."""
    huge_calls: int = 2
    """Of each series: one call of 100,000 to 126,000 output tokens at 10 to 75 dollars a million, where heavy calls aren't usual and
    it costs at least four times what five minutes do then."""


class Planted(msgspec.Struct, frozen=True):
    """An incident: minutes from, to."""

    series: int
    kind: Kind
    start: int
    end: int
    extra: float
    """What it costs more than usual in its first five minutes."""
    calls: float
    """How many calls are usual in these."""
    by_calls: bool = True
    """There are more calls. Else each costs more."""


class Traffic(msgspec.Struct, frozen=True):
    """One row per series, one column per minute; nan: not known."""

    costs: Floats
    calls: Floats
    rates: Floats
    """Calls a minute that were to be expected, without what passes again: what an oracle knows. Shifts are in it."""
    sparse: npt.NDArray[np.bool_]
    planted: list[Planted]


def traffic(seed: int, p: Parameters) -> Traffic:
    """The same for the same seed and parameters."""
    rng = np.random.default_rng(seed)
    minutes = p.days * MINUTES_OF_DAY
    sparse = np.zeros(p.series, dtype=np.bool_)
    sparse[: p.sparse] = True
    holidays = rng.choice([d for d in range(3, p.days - 1) if d % 7 < 5], p.holidays, replace=False)
    outages = [span(rng, minutes, 20, 90) for _ in range(p.outages)]
    rows: list[tuple[Floats, Floats, Floats]] = []
    planted: list[Planted] = []
    for at in range(p.series):
        new = p.series - p.new <= at
        grows = not sparse[at] and not new and at >= p.series - p.new - p.growths
        costs, calls, rates, found = _series(rng, p, at, (bool(sparse[at]), new, grows), holidays)
        for first, last in [*outages, *(span(rng, minutes, 20, 90) for _ in range(p.gaps))]:
            costs[first:last] = calls[first:last] = np.nan
        rows.append((costs, calls, rates))
        planted += found
    return Traffic(
        np.stack([row[0] for row in rows]),
        np.stack([row[1] for row in rows]),
        np.stack([row[2] for row in rows]),
        sparse,
        planted,
        # Of a session's geometric length: the mean square by the mean.
    )


def _series(
    rng: np.random.Generator, p: Parameters, at: int, form: tuple[bool, bool, bool], holidays: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, list[Planted]]:
    few, new, grows = form
    minutes = p.days * MINUTES_OF_DAY
    a_day = log_drawn(rng, p.calls_a_day_sparse if few else p.calls_a_day)
    rates = a_day / MINUTES_OF_DAY * _season(rng, p, holidays)
    begins = 0
    if new:
        begins = int(rng.integers(22, 40) * MINUTES_OF_DAY + rng.integers(480, 1080))
        rates[:begins] = 0.0
    median, spread = log_drawn(rng, p.cost_of_call), rng.uniform(*p.spread_of_call)
    heavy = rng.uniform(*p.heavy_a_day) if rng.random() < p.heavy and not few else 0.0
    times, lasting = np.ones(minutes), np.ones(minutes)
    mean = median * np.exp(spread**2 / 2)
    planted: list[Planted] = []
    for kind, start, end in _times(rng, p, rates, begins, (few, new, grows)):
        if kind == "growth":
            lasting[start:] *= 2 ** np.minimum(np.arange(minutes - start) / (30 * MINUTES_OF_DAY), 1.0)
        elif kind == "shift":
            lasting[start:] *= 2.0
        elif kind == "spike":
            times[start:end] *= p.spike_times
        due = float((rates * lasting)[start : start + 5].sum())
        planted.append(Planted(at, kind, start, end, mean * due * (p.spike_times - 1 if kind == "spike" else 1), due))
    rates = rates * lasting
    calls = _calls(rng, p, rates * times)
    costs = _costs(rng, calls, median, spread)
    if heavy:
        often = rng.poisson(heavy / a_day * rates * times)
        costs += often * rng.uniform(*p.cost_of_heavy, minutes)
    return costs, calls, rates, list(_huge(rng, planted, heavy, mean * rates * times, costs))


def _season(rng: np.random.Generator, p: Parameters, holidays: npt.NDArray[np.int64]) -> Floats:
    """By minute; about one on the mean."""
    minutes = p.days * MINUTES_OF_DAY
    hour = np.arange(minutes) / 60 % 24
    day = np.arange(minutes) // MINUTES_OF_DAY
    if rng.random() < p.batch:
        start, weekly = rng.uniform(0, 5), rng.random() < 0.5
        job = (hour >= start) & (hour < start + 2) & ((day % 7 == 0) | (not weekly))
        form = np.where(job, 5.0, 1.0)
    else:
        middle, night = rng.uniform(12, 17), rng.uniform(*p.night)
        form = night + (1 - night) * np.exp(-0.5 * (((hour - middle + 12) % 24 - 12) / rng.uniform(2.5, 4)) ** 2)
        form = form * np.where(day % 7 >= 5, rng.uniform(*p.weekend), 1.0)
        form = form * np.where(np.isin(day, holidays), rng.uniform(*p.holiday), 1.0)
    form = form / form[: 14 * MINUTES_OF_DAY].mean()
    form = form * (1 + rng.uniform(*p.trend_a_month)) ** (np.arange(minutes) / (30 * MINUTES_OF_DAY))
    form = form * np.exp(rng.normal(0, p.daily_noise, p.days))[day]
    steps = minutes // 10
    keeps = np.exp(-10 / 180)
    shocks = rng.normal(0, rng.uniform(*p.hourly_noise) * np.sqrt(1 - keeps**2), steps)
    walk = np.zeros(steps)
    for step in range(1, steps):
        walk[step] = walk[step - 1] * keeps + shocks[step]
    return form * np.exp(np.repeat(walk, 10))


def _times(
    rng: np.random.Generator, p: Parameters, rates: Floats, begins: int, form: tuple[bool, bool, bool]
) -> Iterator[tuple[Kind, int, int]]:
    """When incidents begin and end, days apart from each other."""
    few, new, grows = form
    minutes = len(rates)
    first = max(p.quiet_days * MINUTES_OF_DAY, begins + 3 * MINUTES_OF_DAY if begins else 0)
    places = Places(rng, rates, (first, minutes - 360))
    if grows:
        start = int(rng.integers(p.quiet_days, p.days - 35)) * MINUTES_OF_DAY
        yield "growth", start, minutes
    elif not few and not new and rng.random() < p.shifts:
        start = places.free(1440, 2880)
        if start is not None and start < minutes - 3 * MINUTES_OF_DAY:
            places.take(start, start + 3 * MINUTES_OF_DAY)
            yield "shift", start, minutes
    for _ in range(0 if grows else p.spikes):
        start = places.free(2160, 2160)
        if start is not None:
            end = min(minutes, start + int(rng.integers(*p.spike_minutes)))
            places.take(start, end)
            yield "spike", start, end
    for _ in range(p.huge_calls):
        start = places.free(720, 720)
        if start is not None:
            places.take(start, start + 60)
            yield "huge call", start, start + 1


def _huge(
    rng: np.random.Generator, planted: list[Planted], heavy: float, usual: Floats, costs: Floats
) -> Iterator[Planted]:
    for one in planted:
        if one.kind != "huge call":
            yield one
            continue
        cost = rng.uniform(100_000, 126_000) * rng.uniform(10, 75) / 1e6
        if not heavy and cost > 4 * usual[one.start : one.start + 5].sum():
            costs[one.start] += cost
            yield msgspec.structs.replace(one, extra=cost)


def _calls(rng: np.random.Generator, p: Parameters, rates: Floats) -> Floats:
    sessions = rng.poisson(rates / p.calls_of_session)
    more = rng.negative_binomial(np.maximum(sessions, 1), 1 / p.calls_of_session)
    return (sessions + np.where(sessions > 0, more, 0)).astype(np.float64)


def _costs(rng: np.random.Generator, calls: Floats, median: float, spread: float) -> Floats:
    total = int(calls.sum())
    amounts = median * np.exp(rng.normal(0, spread, total))
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    ends = np.cumsum(calls).astype(np.int64)
    return sums[ends] - sums[ends - calls.astype(np.int64)]


def span(rng: np.random.Generator, minutes: int, shortest: int, longest: int) -> tuple[int, int]:
    start = int(rng.integers(MINUTES_OF_DAY, minutes - longest))
    return start, start + int(rng.integers(shortest, longest))


def log_drawn(rng: np.random.Generator, between: tuple[float, float]) -> float:
    return math.exp(rng.uniform(math.log(between[0]), math.log(between[1])))
