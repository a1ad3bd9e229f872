"""A notice of an incident in; a chart for mails out: its last day hour by hour, and between what and what such hours usually were."""

import logging
import math
from collections.abc import Mapping

import msgspec

from farthing.alerts import records
from farthing.alerts.channels import chart
from farthing.alerts.channels.chart import Bar
from farthing.alerts.incident import Incident
from farthing.alerts.rule import Kind, Measure, Rule
from farthing.budgets.budget import Budget
from farthing.budgets.budget import scope as budget_scope
from farthing.errors import FarthingError
from farthing.query.dimensions import find
from farthing.query.filters import Filter, OneOf
from farthing.query.groups import Groups
from farthing.query.moments import NS
from farthing.query.question import Scope
from farthing.shapes import Shape
from farthing.store.meta import alert_rules, budgets, incidents
from farthing.store.meta.database import Database
from farthing.store.telemetry.engine import Engine
from farthing.store.telemetry.rollup import Rollup

_read_rule = Shape(Rule).of_json
_read_budget = Shape(Budget).of_json

log = logging.getLogger(__name__)

HOUR_S, DAY_S = 3_600, 86_400
HOURS = 24
DAYS = 7
"""So many days before tell what is usual at an hour."""

_MEASURES: Mapping[Measure, str] = {
    Measure.COST: "cost",
    Measure.CALLS: "calls",
    Measure.ERRORS: "errors",
    Measure.ERROR_RATE: "errors",
    Measure.INPUT_TOKENS: "input_tokens",
    Measure.OUTPUT_TOKENS: "output_tokens",
    Measure.TOKENS: "tokens",
}
_KINDS: Mapping[Kind, str] = {Kind.RATE_LIMIT: "errors", Kind.ERROR_RATE: "errors", Kind.SILENT: "calls"}


class Pictures:
    """Asks one server's stores. May be called from any thread."""

    def __init__(self, database: Database, engine: Engine, rollup: Rollup) -> None:
        """Nothing is asked yet."""
        self._database = database
        self._groups = Groups(engine, rollup)

    def of(self, project_id: str, incident_id: str, at_s: int) -> bytes | None:
        """A PNG of an incident's day up to then; None where there is nothing to draw."""
        try:
            found = self._asked(project_id, incident_id)
            return None if found is None else self._drawn(Scope(project_id, 0, 1, found[1]), found[0], at_s)
        except FarthingError as error:
            # A mail without its chart is better than none.
            log.warning("The chart of the incident %s could not be drawn: %s", incident_id, error)
            return None

    def _asked(self, project_id: str, incident_id: str) -> tuple[str, tuple[Filter, ...]] | None:
        """Which measure of which calls an incident is about."""
        with self._database.read() as session:
            stored = incidents.get(session, project_id, incident_id)
            if stored is None:
                return None
            incident = records.incident(stored)
            rule = alert_rules.get(session, project_id, incident.rule_id or "")
            budget = budgets.get(session, project_id, incident.budget_id or "")
        if rule is not None:
            found = _read_rule(rule.document)
            measure = _KINDS.get(found.kind) or _MEASURES.get(found.measure)
            return None if measure is None else (measure, (*found.scope, *_grouped(incident)))
        if budget is not None:
            return "cost", budget_scope(_read_budget(budget.document).filters)
        return None

    def _drawn(self, calls: Scope, measure: str, at_s: int) -> bytes:
        first = (at_s - 1) // HOUR_S * HOUR_S - (HOURS - 1) * HOUR_S
        scope = msgspec.structs.replace(calls, start_ns=(first - DAYS * DAY_S) * NS, end_ns=at_s * NS)
        hours = {
            step: None if math.isnan(amount) else amount
            for course in self._groups.courses(scope, (), HOUR_S, measure)
            for step, amount in zip(course.steps, course.amounts, strict=True)
        }
        return chart.draw([_bar(hours, first + number * HOUR_S) for number in range(HOURS)])


def _bar(hours: Mapping[int, float | None], hour: int) -> Bar:
    # Where there was no call it is known that there was nothing; where there were some of unknown cost, it isn't.
    usual = [hours.get(hour - day * DAY_S, 0.0) for day in range(1, DAYS + 1)]
    known = [amount for amount in usual if amount is not None]
    return Bar(hours.get(hour, 0.0), min(known, default=None), max(known, default=None))


def _grouped(incident: Incident) -> list[Filter]:
    return [OneOf(dimension, (value or "",)) for name, value in incident.group if (dimension := find(name)) is not None]
