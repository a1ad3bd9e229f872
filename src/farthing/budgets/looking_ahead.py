"""A budget and how it stands in; where it leads and who it was spent on, asked of the ledger, out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from farthing.budgets import budget as budgets
from farthing.budgets.budget import Budget
from farthing.budgets.outlook import Ahead, Outlook, Step, look_ahead
from farthing.budgets.periods import FOREVER, Period, Stretch
from farthing.budgets.state import BudgetState
from farthing.model import money
from farthing.query import dimensions, moments, run
from farthing.query.moments import NS
from farthing.query.question import Question, Scope
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

CONTRIBUTING = ("feature", "model", "user", "team", "tenant")
MOST_CONTRIBUTORS = 5

_CENT = money.UNITS_PER_USD // 100
_DAY = 86_400
_PAST_DAYS, _PAST_DAYS_OF_HOURS = 56, 14
_BY_HOUR_UP_TO = 2 * _DAY
"""A period not longer than this is looked at by the hour, others by the day."""
_BY_DAY_UP_TO = 366 * _DAY
"""What is further ahead is looked at by the month: one may last for decades."""


class Contributor(NamedTuple):
    """One value of a dimension: exact dollars so far in the period, and in the same part of the one before."""

    value: str | None
    cost_usd: Decimal | None
    before_usd: Decimal | None


def expected_by_now(state: BudgetState, now: int) -> Decimal | None:
    """What an even pace would have spent by now, rounded up to a cent; None where a period has no end."""
    if _is_endless(state):
        return None
    whole = state.stretch.end - state.stretch.start
    elapsed = min(max(now - state.stretch.start, 0), whole)
    units = money.to_units(state.limit_usd) * elapsed // whole
    return money.to_decimal(-(-units // _CENT) * _CENT)


def outlook(engine: Engine, rollup: Rollup, of: Budget, state: BudgetState, now: int) -> Outlook | None:
    """None where a period has no end, nobody knows what was spent, or there is too little of a past. Raises `StoreError`."""
    if _is_endless(state) or state.counted_usd is None or now >= state.stretch.end:
        return None
    tz = moments.zone(of.timezone)
    hourly = state.stretch.end - state.stretch.start <= _BY_HOUR_UP_TO
    step = "hour" if hourly else "day"
    before = (_PAST_DAYS_OF_HOURS if hourly else _PAST_DAYS) * _DAY
    near = min(state.stretch.end, max(now, state.stretch.start) + _BY_DAY_UP_TO)
    edges = moments.edges(step, max(now - before, 0) * NS, near * NS, tz)
    if near < state.stretch.end:
        edges += moments.edges("month", near * NS, state.stretch.end * NS, tz)[1:]
    begun = max(edge for edge in edges if edge <= now)
    past = _past(engine, rollup, of, step, edges, begun)
    first = next((at for at, (_, calls, _) in enumerate(past) if calls), len(past))
    steps = [Step(_habit(edge, hourly, of.timezone), usd) for edge, _, usd in past[first:]]
    # One that begins later counts nothing of the days until then.
    since = max(now, state.stretch.start)
    ahead = list(_ahead(edges, begun, since, state.stretch.end, hourly=hourly, timezone=of.timezone))
    return look_ahead(steps, ahead, float(state.counted_usd), float(of.limit_usd))


def contributors(
    engine: Engine, rollup: Rollup, of: Budget, state: BudgetState, now: int
) -> Mapping[str, Sequence[Contributor]]:
    """Who the period was spent on, dearest first, by dimension, beside the same part of the period before. Raises `StoreError`."""
    end = min(now + 1, state.stretch.end)
    elapsed = end - state.stretch.start
    before = of.stretch(state.stretch.start - 1) if of.period is not Period.ONCE else state.stretch
    if of.period is Period.ROLLING:
        before = Stretch(state.stretch.start - elapsed, state.stretch.start)
    now_by = _by(engine, rollup, of, Stretch(state.stretch.start, end))
    known = before.start < state.stretch.start
    then_by = _by(engine, rollup, of, Stretch(before.start, min(before.start + elapsed, before.end))) if known else {}
    found: dict[str, Sequence[Contributor]] = {}
    for name, costs in now_by.items():
        then = then_by.get(name, {})
        rows = [
            Contributor(value, cost, then.get(value, Decimal(0) if known else None)) for value, cost in costs.items()
        ]
        rows.sort(key=lambda one: (one.cost_usd is None, -(one.cost_usd or 0)))
        if any(one.value is not None for one in rows):
            found[name] = rows[:MOST_CONTRIBUTORS]
    return found


def _is_endless(state: BudgetState) -> bool:
    return state.period is Period.ROLLING or state.stretch.end == FOREVER


def _past(
    engine: Engine, rollup: Rollup, of: Budget, step: str, edges: Sequence[int], begun: int
) -> list[tuple[int, int, float | None]]:
    """Of each whole step before `begun`: when it began, its calls, its dollars."""
    whole = [edge for edge in edges if edge < begun]
    if not whole:
        return []
    scope = Scope(of.project_id, whole[0] * NS, begun * NS, budgets.scope(of.filters))
    answer = run.ask(engine, rollup, Question(scope, (), step, of.timezone, tuple(whole)))
    told: list[tuple[int, int, float | None]] = []
    for edge, one in zip(whole, answer["series"], strict=True):
        group: Mapping[str, Any] = one["groups"][0] if one["groups"] else {"calls": 0, "cost_usd": "0"}
        cost = group["cost_usd"]
        told.append((edge, group["calls"], None if cost is None else float(cost)))
    return told


def _ahead(edges: Sequence[int], begun: int, since: int, end: int, *, hourly: bool, timezone: str) -> Iterator[Ahead]:
    rest = [edge for edge in edges if edge >= begun]
    for at, edge in enumerate(rest):
        after = min(rest[at + 1], end) if at + 1 < len(rest) else end
        left = max(after - max(edge, since), 0) / (after - edge) if after > edge else 0.0
        many = 1 if hourly else max(1, round((after - edge) / _DAY))
        yield Ahead(_habit(edge, hourly, timezone), after, left, many)


def _habit(edge: int, hourly: bool, timezone: str) -> int:
    local = datetime.fromtimestamp(edge, moments.zone(timezone))
    return local.hour if hourly else local.weekday()


def _by(engine: Engine, rollup: Rollup, of: Budget, stretch: Stretch) -> dict[str, dict[str | None, Decimal | None]]:
    found: dict[str, dict[str | None, Decimal | None]] = {}
    for name in CONTRIBUTING:
        dimension = dimensions.find(name)
        if dimension is None or name in of.filters or stretch.end <= stretch.start:
            continue
        scope = Scope(of.project_id, stretch.start * NS, stretch.end * NS, budgets.scope(of.filters))
        answer = run.ask(engine, rollup, Question(scope, (dimension,), limit=200))
        found[name] = {
            one[name]: None if one["cost_usd"] is None else Decimal(one["cost_usd"])
            for one in answer["groups"]
            if not one.get("others")
        }
    return found
