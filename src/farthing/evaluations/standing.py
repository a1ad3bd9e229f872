"""Rules and a time in; how each did in it, what its judge cost and whether something stops it today, out."""

from collections.abc import Sequence

import msgspec

from farthing.evaluations import bounds
from farthing.evaluations.bounds import Bound
from farthing.evaluations.round import ASKED, BEYOND, DAY_S, FAILED, JUDGED, NO_CONTENT
from farthing.evaluations.rule import Rule
from farthing.query import judging_cost
from farthing.query.judging_cost import Cost, Scored
from farthing.query.moments import NS
from farthing.store.meta import evaluations as rows
from farthing.store.meta.database import Database
from farthing.store.meta.evaluations import Came
from farthing.store.telemetry.engine import Engine


class Reason(msgspec.Struct, frozen=True):
    """So many calls have no score because of this."""

    outcome: str
    reason: str
    calls: int


class Standing(msgspec.Struct, frozen=True):
    """Of one rule, over whole days of UTC."""

    judged: int
    no_content: int
    failed: int
    beyond: int
    """They came when a bound was reached."""
    asked: int
    """Calls of its judge that were tried."""
    waiting: int
    """Their judge failed and is asked again; whenever they came."""
    reasons: list[Reason]
    scored: Scored
    cost: Cost | None
    """None: no model judges."""
    stopped: Bound | None
    """What keeps it from judging today."""


class Standings:
    """Asks both stores. From any thread."""

    def __init__(self, database: Database, engine: Engine) -> None:
        """Both are open."""
        self._database = database
        self._engine = engine

    def of(self, rules: Sequence[Rule], from_ns: int, to_ns: int, now_ns: int) -> dict[str, Standing]:
        """Of rules of one project, by their ids, over all days of UTC that the time touches. Raises `StoreError`."""
        if not rules:
            return {}
        ids, project = [one.id for one in rules], rules[0].project_id
        first, last = from_ns // NS // DAY_S, max(from_ns, to_ns - 1) // NS // DAY_S
        today = now_ns // NS // DAY_S
        with self._database.read() as session:
            came = rows.counted(session, ids, first, last)
            came_today = rows.counted(session, ids, today, today)
            waiting = rows.waiting(session)
        begin, end = first * DAY_S * NS, (last + 1) * DAY_S * NS
        names = sorted({one.name for one in rules})
        scored = judging_cost.scored(self._engine, project, names, begin, end)
        spent = judging_cost.by_rule(self._engine, project, begin, end)
        spent_today = judging_cost.by_rule(self._engine, project, today * DAY_S * NS, (today + 1) * DAY_S * NS)
        found: dict[str, Standing] = {}
        for rule in rules:
            mine = [one for one in came if one.evaluation_id == rule.id]
            now = sum(o.calls for o in came_today if o.evaluation_id == rule.id and o.outcome in (JUDGED, FAILED))
            cost = spent.get(rule.id, judging_cost.NOTHING)
            left = bounds.left(rule, now, spent_today.get(rule.id, judging_cost.NOTHING), 0)
            found[rule.id] = Standing(
                judged=_sum(mine, JUDGED),
                no_content=_sum(mine, NO_CONTENT),
                failed=_sum(mine, FAILED),
                beyond=_sum(mine, BEYOND),
                asked=_sum(mine, ASKED),
                waiting=waiting.get(rule.id, 0),
                reasons=_reasons(mine),
                scored=scored.get(rule.id, judging_cost.NONE),
                cost=cost if rule.judge is not None or cost.calls else None,
                stopped=left.bound,
            )
        return found


def _sum(came: Sequence[Came], outcome: str) -> int:
    return sum(one.calls for one in came if one.outcome == outcome)


def _reasons(came: Sequence[Came]) -> list[Reason]:
    """The most frequent first."""
    sums: dict[tuple[str, str], int] = {}
    for one in came:
        if one.reason:
            sums[one.outcome, one.reason] = sums.get((one.outcome, one.reason), 0) + one.calls
    return sorted((Reason(*key, calls) for key, calls in sums.items()), key=lambda one: (-one.calls, one.reason))
