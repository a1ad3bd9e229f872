"""Requests about alert rules and incidents in; rules, audited, incidents with their history, and what a rule says now, out."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query, Request, params

from farthing.alerts import presets
from farthing.alerts.checks.looking import Look
from farthing.alerts.incidents import Incidents
from farthing.alerts.judging import judge
from farthing.alerts.live import Sources
from farthing.alerts.rule import Rule, check
from farthing.alerts.rules import Rules
from farthing.api import alert_schemas as schemas
from farthing.api import alert_shapes as shapes
from farthing.api import changes
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.query import moments
from farthing.query.errors import ParameterError

MOST_PAGE = 200


def router(rules: Rules, incidents: Incidents, sources: Sources, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin."""
    routes = Routes(prefix="/api/v1/alerts", tags=["alerts"], responses=documented(400, 401, 403, 404, 409, 422, 503))
    reading, changing = [Depends(may_read)], [Depends(may_change)]
    _rules(routes, rules, incidents, reading, changing)
    _judging(routes, rules, sources, reading)
    _incidents(routes, incidents, reading, changing)
    return routes


def _rules(
    routes: Routes,
    rules: Rules,
    incidents: Incidents,
    reading: Sequence[params.Depends],
    changing: Sequence[params.Depends],
) -> None:
    def shown(found: Rule) -> schemas.RuleShown:
        page = incidents.page(found.project_id, statuses=("open", "acknowledged"), source_id=found.id, limit=MOST_PAGE)
        return shapes.rule(found, len(page.incidents))

    @routes.get("/rules", summary="List alert rules", dependencies=reading)
    def listing(request: Request) -> schemas.RuleList:
        project_id = project_of(request)
        page = incidents.page(project_id, statuses=("open", "acknowledged"), limit=10_000)
        opened = Counter(one.rule_id for one in page.incidents)
        return schemas.RuleList(data=[shapes.rule(one, opened[one.id]) for one in rules.listing(project_id)])

    @routes.post("/rules", summary="Make an alert rule", status_code=201, dependencies=changing)
    def create(wanted: schemas.RuleWanted, request: Request) -> schemas.RuleShown:
        given = wanted.model_dump(by_alias=True)
        return shown(rules.create(actor_of(request), shapes.rule_of(project_of(request), given)))

    @routes.get("/rules/history", summary="Who changed which rule, when, from what to what", dependencies=reading)
    def history(request: Request, rule_id: str = "", limit: int = 100) -> ChangeList:
        return changes.shown(rules.history(project_of(request), rule_id, changes.most(limit)))

    @routes.get("/presets", summary="Rules that many want, ready to be made", dependencies=reading)
    def ready() -> schemas.PresetList:
        return schemas.PresetList(
            data=[
                schemas.PresetShown(
                    name=one.name, about=one.about, rule=schemas.RuleFields.model_validate(shapes.fields(one.rule))
                )
                for one in presets.PRESETS
            ]
        )

    @routes.get("/rules/{rule_id}", summary="One alert rule, by its id or its name", dependencies=reading)
    def one_rule(rule_id: str, request: Request) -> schemas.RuleShown:
        return shown(rules.get(project_of(request), rule_id))

    @routes.patch("/rules/{rule_id}", summary="Change an alert rule", dependencies=changing)
    def change(rule_id: str, wanted: schemas.RuleChanges, request: Request) -> schemas.RuleShown:
        held = rules.get(project_of(request), rule_id)
        given = shapes.changes_of(held, wanted.model_dump(exclude_unset=True, by_alias=True))
        return shown(rules.change(actor_of(request), held.id, given))

    @routes.delete(
        "/rules/{rule_id}",
        summary="Delete an alert rule; its incidents end and stay",
        status_code=204,
        dependencies=changing,
    )
    def remove(rule_id: str, request: Request) -> None:
        rules.remove(actor_of(request), rule_id)


def _judging(routes: Routes, rules: Rules, sources: Sources, reading: Sequence[params.Depends]) -> None:
    def judged(found: Rule, at: str | None) -> schemas.VerdictList:
        now_ns = moments.parse("at", at or "now", time.time_ns(), moments.zone("UTC"))
        second = now_ns // moments.NS
        verdicts = judge(Look(found, second, sources.asking(second)))
        return schemas.VerdictList(
            at=shapes.moment(second * moments.NS), data=[shapes.verdict(one) for one in verdicts]
        )

    @routes.post(
        "/rules/backtest", summary="What a rule would have fired on, and when; nothing is kept", dependencies=reading
    )
    def replay(wanted: schemas.BacktestWanted, request: Request) -> schemas.Backtest:
        if (wanted.rule is None) == (wanted.rule_id is None):
            raise ParameterError("rule_id", "give either the id of a rule or a rule.")
        project_id = project_of(request)
        if wanted.rule is not None:
            found = shapes.rule_of(project_id, wanted.rule.model_dump(by_alias=True))
            check(found)
        else:
            found = rules.get(project_id, wanted.rule_id or "")
        now_ns, utc = time.time_ns(), moments.zone("UTC")
        start, end = (
            moments.parse(n, t, now_ns, utc) // moments.NS
            for n, t in (("since", wanted.since), ("until", wanted.until))
        )
        return shapes.outcome(sources.backtest(found, start, min(end, now_ns // moments.NS)))

    @routes.post(
        "/rules/judge",
        summary="What a rule would say right now, or at another time; nothing is kept",
        dependencies=reading,
    )
    def judge_new(wanted: schemas.RuleWanted, request: Request, at: str | None = None) -> schemas.VerdictList:
        found = shapes.rule_of(project_of(request), wanted.model_dump(by_alias=True))
        check(found)
        return judged(found, at)

    @routes.get(
        "/rules/{rule_id}/verdicts",
        summary="What a rule says right now, or at another time, of each group; nothing is kept",
        dependencies=reading,
    )
    def judge_held(rule_id: str, request: Request, at: str | None = None) -> schemas.VerdictList:
        return judged(rules.get(project_of(request), rule_id), at)


def _incidents(
    routes: Routes, incidents: Incidents, reading: Sequence[params.Depends], changing: Sequence[params.Depends]
) -> None:
    @routes.get("/incidents", summary="List incidents, the latest first", dependencies=reading)
    def listing(  # noqa: PLR0913  what a list may be narrowed by
        request: Request,
        status: Annotated[list[schemas.StatusName] | None, Query(description="Any of these.")] = None,
        rule_id: str = "",
        since: Annotated[
            str | None, Query(alias="from", description="Those that were open at or after this time.")
        ] = None,
        until: Annotated[str | None, Query(alias="to", description="Those that opened before this time.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_PAGE)] = 50,
        cursor: str | None = None,
    ) -> schemas.IncidentList:
        now_ns, utc = time.time_ns(), moments.zone("UTC")
        page = incidents.page(
            project_of(request),
            statuses=status or (),
            source_id=rule_id,
            since_ns=moments.parse("from", since, now_ns, utc) if since else None,
            until_ns=moments.parse("to", until, now_ns, utc) if until else None,
            cursor=cursor,
            limit=limit,
        )
        counts = {name: page.counts.get(name, 0) for name in ("open", "acknowledged", "recovered")}
        return schemas.IncidentList(
            data=[schemas.IncidentShown.model_validate(shapes.incident(one)) for one in page.incidents],
            counts=schemas.IncidentCounts.model_validate(counts),
            next_cursor=page.next_cursor,
        )

    @routes.get("/incidents/{incident_id}", summary="One incident and its history", dependencies=reading)
    def one_incident(incident_id: str, request: Request) -> schemas.IncidentDetail:
        return _detail(incidents, project_of(request), incident_id)

    @routes.patch(
        "/incidents/{incident_id}",
        summary="Acknowledge an incident, snooze it, mark it as expected",
        dependencies=changing,
    )
    def change(incident_id: str, wanted: schemas.IncidentChanges, request: Request) -> schemas.IncidentDetail:
        project_id, by = project_of(request), str(actor_of(request))
        given = wanted.model_fields_set
        if wanted.status is not None:
            incidents.acknowledge(project_id, incident_id, by)
        if "snoozed_until" in given:
            until = wanted.snoozed_until
            if until is not None and not 1970 < until.year < 2100:
                raise ParameterError("snoozed_until", "a year from 1971 to 2099.")
            incidents.snooze(project_id, incident_id, by, None if until is None else shapes.nanoseconds(until))
        if wanted.expected is not None:
            incidents.expect(project_id, incident_id, by, is_expected=wanted.expected)
        return _detail(incidents, project_id, incident_id)


def _detail(incidents: Incidents, project_id: str, incident_id: str) -> schemas.IncidentDetail:
    found, events = incidents.one(project_id, incident_id)
    told = shapes.incident(found) | {"events": [shapes.event(one) for one in events]}
    return schemas.IncidentDetail.model_validate(told)
