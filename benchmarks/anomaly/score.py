"""Planted incidents and what a detector said in; how many were found, how soon, how rightly they began and ended, and false alarms, out."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from benchmarks.anomaly.replay import JUDGED_FROM, Said
from benchmarks.anomaly.traffic import MINUTES_OF_DAY, Kind, Planted, Traffic
from farthing.alerts.course import ANOMALY_CALM_NS
from farthing.query.moments import NS

GRACE = {"spike": 90, "huge call": 90, "shift": 3 * MINUTES_OF_DAY, "growth": 0}
"""So many minutes after its end (after its beginning, for a shift) an alarm still belongs to a planted incident."""
BUSY = 50
SINCE_WITHIN = 15
ENDS_WITHIN = 60
CALM, COOLDOWN = ANOMALY_CALM_NS // 60 // NS, 120
"""Minutes: how long a server wants all to be well before an incident is over, and the cooldown of the preset."""
SHIFT_ENDS = (6 * 60, 48 * 60)


class Incident(msgspec.Struct, frozen=True):
    """Opened at the first alarm, closed when it is said to be over: minutes."""

    series: int
    opened: int
    closed: int | None
    since: int


class Tally(msgspec.Struct):
    """Of one kind of planted incidents."""

    planted: int = 0
    found: int = 0
    in_time: int = 0
    delays: list[int] = msgspec.field(default_factory=list[int])
    begun_right: int = 0
    ended_right: int = 0
    once: int = 0


class Score(msgspec.Struct):
    """Of a detector."""

    worth: Tally = msgspec.field(default_factory=Tally)
    """Spikes that cost at least the floor more within five minutes."""
    busy: Tally = msgspec.field(default_factory=Tally)
    """Those of them at times when `BUSY` calls or more are usual in five minutes."""
    cheap: Tally = msgspec.field(default_factory=Tally)
    """The other spikes."""
    shift: Tally = msgspec.field(default_factory=Tally)
    growth: Tally = msgspec.field(default_factory=Tally)
    huge: Tally = msgspec.field(default_factory=Tally)
    false: list[Incident] = msgspec.field(default_factory=list[Incident])
    series_months: float = 0.0


IN_TIME: dict[Kind, int] = {"spike": 5, "huge call": 5, "shift": 60, "growth": 30 * MINUTES_OF_DAY}


def score(traffic: Traffic, said: Said, floor: float, into: Score) -> None:
    """Add what a detector made of this traffic."""
    incidents = [one for at in range(len(traffic.costs)) for one in _incidents(said, at)]
    claimed: set[Incident] = set()
    for planted in traffic.planted:
        mine = [one for one in incidents if one.series == planted.series and _belongs(one, planted)]
        claimed.update(mine)
        tally = _tally(into, planted, floor)
        _count(tally, planted, mine)
        if tally is into.worth and planted.calls >= BUSY:
            _count(into.busy, planted, mine)
    into.false += [one for one in incidents if one not in claimed]
    into.series_months += traffic.costs.shape[0] * (traffic.costs.shape[1] - JUDGED_FROM) / MINUTES_OF_DAY / 30


def _tally(into: Score, planted: Planted, floor: float) -> Tally:
    match planted.kind:
        case "spike":
            return into.worth if planted.extra >= floor else into.cheap
        case "huge call":
            return into.huge
        case "shift":
            return into.shift
        case "growth":
            return into.growth


def _incidents(said: Said, series: int) -> Iterator[Incident]:
    """As the server makes them of the same verdicts: calm for `CALM` minutes ends one, and within `COOLDOWN` it goes on."""
    firing, recovered = said.firing[series], said.recovered[series] & ~said.firing[series]
    if not firing.any():
        return
    calm = np.convolve(recovered, np.ones(CALM + 1), "full")[: len(recovered)] > CALM
    opened: int | None = None
    closed: int | None = None
    for at in sorted({*firing.nonzero()[0].tolist(), *calm.nonzero()[0].tolist()}):
        if firing[at]:
            if opened is not None and closed is not None and at - closed >= COOLDOWN:
                yield _incident(said, series, opened, closed)
                opened = None
            opened, closed = (at if opened is None else opened), None
        elif opened is not None and closed is None:
            closed = at
    if opened is not None:
        yield _incident(said, series, opened, closed)


def _incident(said: Said, series: int, opened: int, closed: int | None) -> Incident:
    end = None if closed is None else closed + JUDGED_FROM
    return Incident(series, opened + JUDGED_FROM, end, int(said.since[series, opened]))


def _belongs(one: Incident, planted: Planted) -> bool:
    end = planted.start if planted.kind == "shift" else planted.end
    return planted.start < one.opened <= end + GRACE[planted.kind]


def _count(tally: Tally, planted: Planted, mine: Sequence[Incident]) -> None:
    tally.planted += 1
    if not mine:
        return
    first = mine[0]
    delay = first.opened - planted.start
    tally.found += 1
    tally.delays.append(delay)
    tally.in_time += delay <= IN_TIME[planted.kind]
    tally.once += len(mine) == 1
    tally.begun_right += abs(first.since - planted.start) <= SINCE_WITHIN
    last = mine[-1].closed
    if last is not None:
        after = last - (planted.start if planted.kind == "shift" else planted.end)
        low, high = SHIFT_ENDS if planted.kind == "shift" else (0, ENDS_WITHIN)
        tally.ended_right += low <= after <= high and len(mine) == 1
