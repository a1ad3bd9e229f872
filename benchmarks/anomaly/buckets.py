"""A seed in; two months of minutes of a third kind of traffic, with incidents planted in it, out. The parameters stand here, in one place.

As one who doesn't know how we judge would draw it: a wave by day, factors by day of the week, a line as trend, and noise that has no memory. Half of
the series are numbers of calls (negative binomial) with costs of a Pareto's tail; of the others only sums of five minutes are drawn, each told as one call.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.anomaly.measured import Series
from benchmarks.anomaly.places import Floats, Places
from benchmarks.anomaly.traffic import MINUTES_OF_DAY, Kind, Planted, Traffic, log_drawn, span

_STEP = 5


class Parameters(msgspec.Struct, frozen=True):
    """Ranges are drawn from evenly; those marked (log) evenly by their logarithm."""

    series: int = 30
    days: int = 60
    quiet_days: int = 18
    calls_a_minute: tuple[float, float] = (2, 60)
    """Of a series of calls (log)."""
    dispersion: tuple[float, float] = (3, 30)
    """The negative binomial's size, by minute (log)."""
    cost_of_call: tuple[float, float] = (0.01, 0.05)
    """The least of a call, dollars (log)."""
    tail: tuple[float, float] = (2.1, 4.0)
    """Pareto's exponent: with less than 2 costs have no variance."""
    cost_of_step: tuple[float, float] = (0.5, 20)
    """Of a series of sums: dollars in five minutes (log)."""
    noise: tuple[float, float] = (0.05, 0.25)
    """Deviation of the logarithm of a sum."""
    wave: tuple[float, float] = (0.3, 0.8)
    """By how much of the mean a day swings."""
    weekend: tuple[float, float] = (0.3, 1.0)
    weekday: float = 0.08
    """Deviation of the logarithm of a day of the week's own factor."""
    trend_a_month: tuple[float, float] = (-0.2, 0.3)
    holidays: int = 2
    holiday: tuple[float, float] = (0.3, 0.6)
    gaps: int = 3
    spikes: int = 4
    """Of each series: three times the calls, or three times what each costs, for `spike_minutes`."""
    spike_minutes: tuple[int, int] = (5, 120)
    in_calls: float = 0.5
    shifts: float = 0.4
    """Of this share of series all is twice as much from some minute on."""


def traffic(seed: int, p: Parameters, measured: Series | None = None) -> Traffic:
    """The same for the same seed and parameters. `measured`: what is real instead of drawn, a window of it for each series."""
    rng = np.random.default_rng([seed, 3])
    minutes = p.days * MINUTES_OF_DAY
    holidays = rng.choice([day for day in range(3, p.days - 1) if day % 7 < 5], p.holidays, replace=False)
    rows: list[tuple[Floats, Floats, Floats]] = []
    planted: list[Planted] = []
    windows = measured and measured.windows(seed, p.series, p.days)
    for at in range(p.series):
        shape = next(windows) if windows else _shape(rng, p, holidays)
        unknown = np.isnan(shape)
        shape[unknown] = 0.0
        by_step = measured.by_minute if measured else at % 2 == 1
        places = _places(rng, p, shape, by_step)
        incidents = [(*one, not by_step and rng.random() < p.in_calls) for one in places]
        if by_step:
            costs, calls, rates, mean = _sums(rng, p, shape, incidents, drawn=measured is None)
        else:
            costs, calls, rates, mean = _calls(rng, p, shape, incidents)
        for first, last in (span(rng, minutes, 20, 240) for _ in range(p.gaps)):
            costs[first:last] = calls[first:last] = np.nan
        costs[unknown] = calls[unknown] = np.nan
        rows.append((costs, calls, rates))
        for kind, start, end, by_calls in incidents:
            due = float(rates[start : start + _STEP].sum())
            planted.append(Planted(at, kind, start, end, mean * due * (2 if kind == "spike" else 1), due, by_calls))
    costs, calls, rates = (np.stack([row[place] for row in rows]) for place in range(3))
    return Traffic(costs, calls, rates, np.zeros(p.series, dtype=np.bool_), planted)


def _shape(rng: np.random.Generator, p: Parameters, holidays: npt.NDArray[np.int64]) -> Floats:
    """By minute; about one on the mean."""
    at = np.arange(p.days * MINUTES_OF_DAY, dtype=np.float64)
    day = (at // MINUTES_OF_DAY).astype(np.int64)
    wave = 1 + rng.uniform(*p.wave) * np.sin((at / MINUTES_OF_DAY - rng.uniform(0.2, 0.5)) * 2 * np.pi)
    factors = np.exp(rng.normal(0, p.weekday, 7))
    factors[5:] *= rng.uniform(*p.weekend)
    found = wave * factors[day % 7] * (1 + rng.uniform(*p.trend_a_month) * at / (30 * MINUTES_OF_DAY))
    return found * np.where(np.isin(day, holidays), rng.uniform(*p.holiday), 1.0)


def _places(rng: np.random.Generator, p: Parameters, shape: Floats, by_step: bool) -> Iterator[tuple[Kind, int, int]]:
    minutes = len(shape)
    places = Places(rng, shape, (p.quiet_days * MINUTES_OF_DAY, minutes - 360))
    wide = _STEP if by_step else 1
    if rng.random() < p.shifts:
        start = places.free(1440, 2880)
        if start is not None and start < minutes - 3 * MINUTES_OF_DAY:
            places.take(start, start + 3 * MINUTES_OF_DAY)
            yield "shift", start // wide * wide, minutes
    for _ in range(p.spikes):
        start = places.free(2160, 2160)
        if start is not None:
            start = start // wide * wide
            end = start + max(_STEP, int(rng.integers(*p.spike_minutes)) // wide * wide)
            places.take(start, end)
            yield "spike", start, end


def _calls(
    rng: np.random.Generator, p: Parameters, shape: Floats, incidents: list[tuple[Kind, int, int, bool]]
) -> tuple[Floats, Floats, Floats, float]:
    rates = log_drawn(rng, p.calls_a_minute) * shape
    more, dearer = np.ones(len(rates)), np.ones(len(rates))
    for kind, start, end, by_calls in incidents:
        (more if by_calls else dearer)[start:end] *= 3.0 if kind == "spike" else 2.0
        if kind == "shift" and by_calls:
            rates[start:end] *= 2.0
            more[start:end] /= 2.0
    size = log_drawn(rng, p.dispersion)
    calls = rng.negative_binomial(size, size / (size + rates * more)).astype(np.float64)
    least, tail = log_drawn(rng, p.cost_of_call), rng.uniform(*p.tail)
    ends = np.concatenate([[0], np.cumsum(calls)]).astype(np.int64)
    sums = np.concatenate([[0.0], np.cumsum(least * (1 + rng.pareto(tail, int(ends[-1]))))])
    return np.diff(sums[ends]) * dearer, calls, rates, least * tail / (tail - 1)


def _sums(
    rng: np.random.Generator,
    p: Parameters,
    shape: Floats,
    incidents: list[tuple[Kind, int, int, bool]],
    *,
    drawn: bool,
) -> tuple[Floats, Floats, Floats, float]:
    """`drawn`: the shape is what is to be expected. Else it is what was."""
    mean, noise = log_drawn(rng, p.cost_of_step), rng.uniform(*p.noise) if drawn else 0.0
    first = np.arange(len(shape)) % _STEP == 0
    if not drawn:
        shape = np.repeat(shape.reshape(-1, _STEP).mean(-1), _STEP)
    costs = np.where(first, mean * shape * np.exp(rng.normal(-(noise**2) / 2, noise, len(shape))), 0.0)
    for kind, start, end, _ in incidents:
        costs[start:end] *= 3.0 if kind == "spike" else 2.0
    return costs, first.astype(np.float64), shape / _STEP, mean
