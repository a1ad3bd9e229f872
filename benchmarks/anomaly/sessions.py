"""A seed in; two months of minutes of another kind of traffic than `traffic`'s, with incidents planted in it, out. The parameters stand here, in one place.

People in several time zones work in sessions of many calls, each session dearer or cheaper as a whole; sizes differ by a hundred; noise has heavy tails.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.anomaly.places import Floats, Places
from benchmarks.anomaly.traffic import MINUTES_OF_DAY, Kind, Planted, Traffic, log_drawn, span

Form = Literal["office", "evening", "around the clock", "hourly job", "nightly job", "weekend"]

FORMS: dict[Form, int] = {
    "office": 12,
    "evening": 6,
    "around the clock": 5,
    "hourly job": 2,
    "nightly job": 3,
    "weekend": 2,
}
"""Of the thirty series."""


class Parameters(msgspec.Struct, frozen=True):
    """Ranges are drawn from evenly; those marked (log) evenly by their logarithm."""

    days: int = 60
    first_weekday: int = 3
    """The first day is a Thursday."""
    quiet_days: int = 18
    sparse: int = 4
    new: int = 3
    calls_a_day: tuple[float, float] = (500, 50_000)
    """(log)"""
    calls_a_day_sparse: tuple[float, float] = (4, 80)
    """(log)"""
    cost_of_call: tuple[float, float] = (0.004, 0.06)
    """Median, dollars (log)."""
    spread_of_call: tuple[float, float] = (0.5, 0.9)
    """Deviation of the logarithm of a call's cost within its session."""
    spread_of_session: tuple[float, float] = (0.2, 0.6)
    """The same of all calls of a session together."""
    calls_of_session: tuple[float, float] = (1.5, 6.0)
    """Mean of a lognormal, rounded up."""
    spread_of_length: float = 0.7
    gap_minutes: float = 0.7
    """Mean time between two calls of a session."""
    zones: tuple[float, ...] = (0.0, -5.0, 1.0, 5.5, 9.0)
    """Hours from UTC."""
    summer: tuple[float, ...] = (-5.0, 1.0)
    """In these the clocks go forward by an hour during the time that is looked at, Sunday at two."""
    night: tuple[float, float] = (0.01, 0.25)
    weekend: tuple[float, float] = (0.02, 0.4)
    """Of an office."""
    trend_a_month: tuple[float, float] = (-0.25, 0.3)
    noise: tuple[float, float] = (0.03, 0.1)
    """Of the logarithm of the rate, Student's t with four degrees of freedom, which wanes with a time constant of two hours."""
    daily_noise: tuple[float, float] = (0.02, 0.08)
    deploys: int = 2
    """On so many days each series changes its level for good, to `deploy` times what it was. That is no incident."""
    deploy: tuple[float, float] = (0.85, 1.18)
    holidays: int = 2
    """Weekdays on which offices run at `holiday` of their rate, and evenings at `evening_of_holiday`."""
    holiday: tuple[float, float] = (0.1, 0.5)
    evening_of_holiday: tuple[float, float] = (1.0, 1.2)
    outages: int = 2
    """Times at which nothing was taken in of any series, for 20 minutes to four hours."""
    gaps: int = 2
    spikes: int = 4
    """Of each series, for `spike_minutes`: three in five are retry loops, in which each call is sent three times on the mean; in the others each call costs three times as much."""
    spike_minutes: tuple[int, int] = (30, 240)
    dearer: float = 0.4
    shifts: float = 0.5
    """Of this share of the dense series for good twice as much is spent: twice the sessions, or the same at twice the cost."""
    growths: int = 4
    huge_calls: int = 2


def traffic(seed: int, p: Parameters) -> Traffic:
    """The same for the same seed and parameters."""
    rng = np.random.default_rng([seed, 2])
    minutes, series = p.days * MINUTES_OF_DAY, sum(FORMS.values())
    weekdays = [day for day in range(3, p.days - 1) if (day + p.first_weekday) % 7 < 5]
    holidays = rng.choice(weekdays, p.holidays, replace=False)
    change = int(rng.choice([day for day in range(20, p.days - 10) if (day + p.first_weekday) % 7 == 6]))
    outages = [span(rng, minutes, 20, 240) for _ in range(p.outages)]
    forms: list[Form] = [form for form, many in FORMS.items() for _ in range(many)]
    rng.shuffle(forms)
    rows: list[tuple[Floats, Floats, Floats]] = []
    planted: list[Planted] = []
    for at, form in enumerate(forms):
        few, new = at < p.sparse, series - p.new <= at
        grows = not few and not new and at >= series - p.new - p.growths
        shape = _shape(rng, p, form, holidays, change)
        costs, calls, rates, found = _series(rng, p, at, shape, (few, new, grows))
        for first, last in [*outages, *(span(rng, minutes, 20, 90) for _ in range(p.gaps))]:
            costs[first:last] = calls[first:last] = np.nan
        rows.append((costs, calls, rates))
        planted += found
    sparse = np.arange(series) < p.sparse
    costs, calls, rates = (np.stack([row[place] for row in rows]) for place in range(3))
    return Traffic(costs, calls, rates, sparse, planted)


def _shape(rng: np.random.Generator, p: Parameters, form: Form, holidays: npt.NDArray[np.int64], change: int) -> Floats:
    """By minute: how busy it is, without noise."""
    zone = float(rng.choice(p.zones))
    at = np.arange(p.days * MINUTES_OF_DAY, dtype=np.float64) + zone * 60
    if zone in p.summer:
        at = at + 60 * (at >= change * MINUTES_OF_DAY + 120)
    hour, day = at / 60 % 24, np.floor(at / MINUTES_OF_DAY).astype(np.int64)
    free = (day + p.first_weekday) % 7 >= 5
    holiday = np.isin(day, holidays)
    night = rng.uniform(*p.night)
    match form:
        case "office":
            humps = _hump(hour, rng.uniform(9.5, 11), 1.3) + _hump(hour, rng.uniform(14, 16), 1.6)
            found: Floats = (night + humps) * np.where(free, rng.uniform(*p.weekend), 1.0)
            return found * np.where(holiday, rng.uniform(*p.holiday), 1.0)
        case "evening":
            found = 0.1 + night + _hump(hour, rng.uniform(19, 21.5), 2.5) + 0.4 * _hump(hour, 12.5, 1.5)
            return found * np.where(free | holiday, rng.uniform(*p.evening_of_holiday) + 0.15, 1.0)
        case "around the clock":
            return 1 + 0.2 * np.cos((hour - 15) * np.pi / 12)
        case "hourly job":
            return np.where(at % 60 < 10, 2.5, 1.0)
        case "nightly job":
            start = rng.uniform(0, 4)
            return np.where((hour >= start) & (hour < start + rng.uniform(0.5, 3)), 4.3, 0.3)
        case "weekend":
            return np.where(free, night + _hump(hour, 14, 3.0), 0.01)


def _hump(hour: Floats, middle: float, width: float) -> Floats:
    away = (hour - middle + 12) % 24 - 12
    return np.exp(-0.5 * (away / width) ** 2)


def _noise(rng: np.random.Generator, p: Parameters) -> Floats:
    """By minute: what the rate is multiplied by."""
    minutes = p.days * MINUTES_OF_DAY
    day = np.arange(minutes) // MINUTES_OF_DAY
    found = np.exp(rng.normal(0, rng.uniform(*p.daily_noise), p.days))[day]
    for first in rng.integers(5, p.days - 5, p.deploys):
        found[first * MINUTES_OF_DAY + int(rng.integers(480, 1200)) :] *= rng.uniform(*p.deploy)
    found *= (1 + rng.uniform(*p.trend_a_month)) ** (np.arange(minutes) / (30 * MINUTES_OF_DAY))
    steps, keeps = minutes // 5, np.exp(-5 / 120)
    shocks = rng.standard_t(4, steps) / np.sqrt(2) * rng.uniform(*p.noise) * np.sqrt(1 - keeps**2)
    walk = np.zeros(steps)
    for step in range(1, steps):
        walk[step] = walk[step - 1] * keeps + shocks[step]
    return found * np.exp(np.repeat(walk, 5))


def _series(
    rng: np.random.Generator, p: Parameters, at: int, shape: Floats, form: tuple[bool, bool, bool]
) -> tuple[Floats, Floats, Floats, list[Planted]]:
    few, new, _ = form
    minutes = len(shape)
    a_day = log_drawn(rng, p.calls_a_day_sparse if few else p.calls_a_day)
    rates = a_day / MINUTES_OF_DAY * shape / shape[: 14 * MINUTES_OF_DAY].mean() * _noise(rng, p)
    begins = int(rng.integers(22, 40) * MINUTES_OF_DAY + rng.integers(480, 1080)) if new else 0
    rates[:begins] = 0.0
    median, length = log_drawn(rng, p.cost_of_call), rng.uniform(*p.calls_of_session)
    spreads = (rng.uniform(*p.spread_of_session), rng.uniform(*p.spread_of_call))
    mean = median * float(np.exp((spreads[0] ** 2 + spreads[1] ** 2) / 2))
    more, again, dearer = np.ones(minutes), np.zeros(minutes), np.ones(minutes)
    planted: list[Planted] = []
    dear = 1.0
    for kind, start, end in _places(rng, p, rates, begins, form):
        is_dearer = kind in ("shift", "spike") and rng.random() < p.dearer
        if kind == "growth":
            more[start:] *= 2 ** np.minimum(np.arange(minutes - start) / (30 * MINUTES_OF_DAY), 1.0)
        elif kind == "shift" and is_dearer:
            dearer[start:] *= 2.0
        elif kind == "shift":
            more[start:] *= 2.0
        elif kind == "spike" and is_dearer:
            dearer[start:end] *= 3.0
        elif kind == "spike":
            again[start:end] = 2.0
        dear = 2.0 if kind == "spike" else 1.0
        due = float((rates * more)[start : start + 5].sum())
        planted.append(Planted(at, kind, start, end, mean * due * dear, due, not is_dearer))
    rates = rates * more
    costs, calls = _told(rng, p, rates, (length, median, spreads), again)
    costs *= dearer
    return costs, calls, rates, list(_huge(rng, planted, mean * rates, costs))


def _told(
    rng: np.random.Generator,
    p: Parameters,
    rates: Floats,
    call: tuple[float, float, tuple[float, float]],
    again: Floats,
) -> tuple[Floats, Floats]:
    """What calls cost and how many there are, by minute."""
    length, median, (of_session, of_call) = call
    minutes = len(rates)
    sessions = rng.poisson(rates / length)
    begin = np.repeat(np.arange(minutes), sessions)
    lengths = _lengths(rng, p, length, len(begin))
    session = np.repeat(np.arange(len(begin)), lengths)
    waits = rng.exponential(p.gap_minutes, len(session))
    passed = np.cumsum(waits)
    firsts = np.cumsum(lengths) - lengths
    passed -= np.repeat(passed[firsts], lengths)
    at = np.minimum(begin[session] + (rng.random(len(begin))[session] + passed).astype(np.int64), minutes - 1)
    amounts = median * np.exp(rng.normal(0, of_session, len(begin))[session] + rng.normal(0, of_call, len(session)))
    copies = 1 + rng.poisson(again[at])
    costs, calls = (np.bincount(at, of, minutes).astype(np.float64) for of in (amounts * copies, copies))
    return costs, calls


def _lengths(rng: np.random.Generator, p: Parameters, mean: float, many: int) -> npt.NDArray[np.int64]:
    """Whole numbers of which this is the mean, one at least."""
    # Rounding up adds about a half.
    rest = max(mean - 0.5, 0.55)
    drawn = rest * np.exp(rng.normal(-(p.spread_of_length**2) / 2, p.spread_of_length, many))
    return np.ceil(drawn).astype(np.int64)


def _places(
    rng: np.random.Generator, p: Parameters, rates: Floats, begins: int, form: tuple[bool, bool, bool]
) -> Iterator[tuple[Kind, int, int]]:
    few, new, grows = form
    minutes = len(rates)
    first = max(p.quiet_days * MINUTES_OF_DAY, begins + 3 * MINUTES_OF_DAY if begins else 0)
    places = Places(rng, rates, (first, minutes - 360))
    if grows:
        yield "growth", int(rng.integers(p.quiet_days, p.days - 35)) * MINUTES_OF_DAY, minutes
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


def _huge(rng: np.random.Generator, planted: list[Planted], usual: Floats, costs: Floats) -> Iterator[Planted]:
    for one in planted:
        if one.kind != "huge call":
            yield one
            continue
        cost = rng.uniform(100_000, 126_000) * rng.uniform(10, 75) / 1e6
        if cost > 4 * usual[one.start : one.start + 5].sum():
            costs[one.start] += cost
            yield msgspec.structs.replace(one, extra=cost)
