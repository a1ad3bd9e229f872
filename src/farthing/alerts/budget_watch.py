"""All budgets of a server in; what is to be said of them in a round of alerts, with where they lead and who it was, out."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from farthing.alerts import records
from farthing.alerts.checks import budgets as checks
from farthing.alerts.course import Source
from farthing.alerts.incident import Incident
from farthing.alerts.round import Found
from farthing.alerts.verdict import Driver, Pairs, Verdict
from farthing.budgets import looking_ahead
from farthing.budgets.budget import Budget
from farthing.budgets.live import Budgets
from farthing.budgets.periods import Period
from farthing.budgets.state import BudgetState
from farthing.errors import FarthingError, NotFoundError
from farthing.query.moments import NS
from farthing.store.meta import incidents
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

log = logging.getLogger(__name__)

KIND = "budget"
MOST_DRIVERS = 5

LATE_S = 86_400
"""So long after the end of a period it is looked whether calls that came in late took it over a threshold."""

LATE_EVERY_S = 300
"""How often. Right after the end, when most of them come, in every round."""

MOST_LOOKED_AT = 50
"""Incidents of one budget that are looked through for what was told of a period."""


def _source(of: Budget, state: BudgetState) -> Source:
    urgent = checks.severity(state)
    return Source(of.project_id, of.id, of.name, KIND, urgent, cooldown_ns=0, calm_ns=0, is_budget=True)


class BudgetWatch:
    """Says how the budgets stand, round by round."""

    def __init__(self, budgets: Budgets, engine: Engine, rollup: Rollup, database: Database) -> None:
        """They are running already. `database` for what was told before."""
        self._budgets = budgets
        self._engine = engine
        self._rollup = rollup
        self._database = database
        self._looked_at = 0

    def __call__(self, at: int, held: Mapping[str, Sequence[Incident]]) -> list[Found]:
        """Those of which something is to be said at this Unix second; `held` are the open incidents, by budget."""
        found: list[Found] = []
        since = at - (LATE_S if at // LATE_EVERY_S > self._looked_at // LATE_EVERY_S else LATE_EVERY_S)
        self._looked_at = at
        for project_id in self._budgets.project_ids:
            try:
                standing = self._budgets.all_standing(project_id)
                ended = self._budgets.ended(project_id, since)
            except FarthingError as error:
                # Their incidents stay as they are until somebody knows again.
                log.warning("How the budgets of a project stand could not be asked: %s", error)
                continue
            over = {of.id: state for of, state in ended}
            for of, state in standing:
                mine = held.get(of.id, ())
                last, before = over.get(of.id), ()
                if last is not None and (before := self._late(of, last, mine)):
                    found.append(Found(_source(of, last), before))
                told = [one.group for one in before]
                verdicts = self._said(of, state, at, [one for one in mine if one.group not in told], last)
                if verdicts:
                    found.append(Found(_source(of, state), verdicts))
        return [*found, *self._gone(held)]

    def _late(self, of: Budget, ended: BudgetState, held: Sequence[Incident]) -> list[Verdict]:
        """Of a period that is over: a threshold that nobody was told of, for its calls came in after the last round of it."""
        if not ended.thresholds_reached:
            return []
        group = checks.group(of, ended)
        open_now = next((one for one in held if one.group == group), None)
        told = self._told(of, ended, group) if open_now is None else open_now.verdict.level
        return [checks.late(of, ended)] if len(ended.thresholds_reached) > told else []

    def _told(self, of: Budget, ended: BudgetState, group: Pairs) -> int:
        """Of how many thresholds of a period people were told, as its last incident says."""
        with self._database.read() as session:
            found = incidents.listing(
                session, of.project_id, source_id=of.id, since_ns=ended.stretch.start * NS, limit=MOST_LOOKED_AT
            )
        last = next((one for one in map(records.incident, found) if one.group == group), None)
        if last is None:
            return 0
        stood = last.verdict.actual or Decimal(0)
        return max(last.verdict.level, sum(stood >= of.limit_usd * share for share in of.thresholds))

    def _gone(self, held: Mapping[str, Sequence[Incident]]) -> Iterator[Found]:
        """Incidents of budgets that were deleted."""
        for mine in held.values():
            budget_id, project_id = mine[0].budget_id, mine[0].project_id
            if budget_id is None:
                continue
            try:
                self._budgets.get(project_id, budget_id)
            except NotFoundError:
                urgent = mine[0].severity
                source = Source(project_id, budget_id, mine[0].rule_name, KIND, urgent, 0, calm_ns=0, is_budget=True)
                yield Found(source, [checks.over(one, "The budget was deleted; it stood at") for one in mine])

    def _said(
        self, of: Budget, state: BudgetState, at: int, held: Sequence[Incident], ended: BudgetState | None
    ) -> list[Verdict]:
        before = checks.group(of, ended) if ended else None
        if of.period is Period.ONCE and at >= state.stretch.end:
            return [checks.over(one, ended=ended) for one in held]
        mine = checks.group(of, state)
        verdicts = [checks.over(one, ended=ended if one.group == before else None) for one in held if one.group != mine]
        open_now = next((one for one in held if one.group == mine), None)
        if not state.thresholds_reached and open_now is None:
            return verdicts
        # Of another limit nobody was told that it is reached.
        told = 0 if open_now is None or open_now.verdict.upper != of.limit_usd else open_now.verdict.level
        if open_now is not None and len(state.thresholds_reached) <= told:
            return [*verdicts, checks.still(of, checks.judged(of, state, at), told)]
        try:
            ahead = looking_ahead.outlook(self._engine, self._rollup, of, state, at)
            drivers = self._drivers(of, state, at)
        except FarthingError as error:
            log.warning("Where the budget %s leads could not be asked: %s", of.id, error)
            ahead, drivers = None, []
        expected = looking_ahead.expected_by_now(state, at)
        return [*verdicts, checks.judged(of, state, at, ahead, expected, drivers)]

    def _drivers(self, of: Budget, state: BudgetState, at: int) -> list[Driver]:
        """Who most of it was spent on."""
        by = looking_ahead.contributors(self._engine, self._rollup, of, state, at)
        filters = tuple(
            (name, value) for name, value in of.filters.items() if isinstance(value, str) and not value.startswith("!")
        )
        counted = state.counted_usd or Decimal(0)
        found = [
            Driver((*filters, (name, one.value)), one.cost_usd, one.cost_usd / counted if counted else None)
            for name, rows in by.items()
            for one in rows[:1]
            if one.cost_usd
        ]
        return sorted(found, key=lambda one: -one.change)[:MOST_DRIVERS]
