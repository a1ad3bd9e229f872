"""Requests about evaluations in; rules, audited, how they do, and what they would say of calls, out."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends, Query, Request

from farthing.api import changes
from farthing.api import evaluation_schemas as schemas
from farthing.api import evaluation_shapes as shapes
from farthing.api.identity import Guard, project_of
from farthing.api.price_overrides import actor_of
from farthing.api.price_schemas import ChangeList
from farthing.api.problems import documented
from farthing.api.routes import Routes
from farthing.evaluations.judging import Outcome
from farthing.evaluations.rule import Rule
from farthing.evaluations.rules import Rules
from farthing.evaluations.standing import Standings
from farthing.query import moments

Try = Callable[[Rule, int], Sequence[Outcome]]
Since = Annotated[str, Query(alias="from", description="How it did since then, in whole days of UTC.")]


def router(rules: Rules, standings: Standings, try_out: Try, may_read: Guard, may_change: Guard) -> Routes:
    """The routes; the guards let in keys with the scopes read and admin. `try_out` says what a rule says of the latest calls."""
    routes = Routes(
        prefix="/api/v1/evaluations", tags=["evaluations"], responses=documented(400, 401, 403, 404, 409, 422, 503)
    )
    reading, changing = [Depends(may_read)], [Depends(may_change)]

    def shown(found: Sequence[Rule], since: str) -> list[schemas.EvaluationShown]:
        now_ns = time.time_ns()
        from_ns = moments.parse("from", since, now_ns, moments.zone("UTC"))
        stands = standings.of(found, from_ns, now_ns, now_ns)
        return [shapes.rule(one, stands[one.id], from_ns) for one in found]

    @routes.get("", summary="List evaluations and how they do", dependencies=reading)
    def listing(request: Request, since: Since = "now-7d") -> schemas.EvaluationList:
        return schemas.EvaluationList(data=shown([one.rule for one in rules.listing(project_of(request))], since))

    @routes.post("", summary="Judge a part of what is answered from now on", status_code=201, dependencies=changing)
    def create(wanted: schemas.EvaluationWanted, request: Request) -> schemas.EvaluationShown:
        made = rules.create(actor_of(request), shapes.rule_of(project_of(request), wanted.model_dump()))
        return shown([made], "now")[0]

    @routes.get("/history", summary="Who changed which evaluation, when, from what to what", dependencies=reading)
    def history(request: Request, evaluation_id: str = "", limit: int = 100) -> ChangeList:
        return changes.shown(rules.history(project_of(request), evaluation_id, changes.most(limit)))

    @routes.post(
        "/try",
        summary="What an evaluation would say of the latest matching calls; nothing is kept",
        description="The sample is left aside. Calls of a judge are made, and cost what they cost.",
        dependencies=changing,
    )
    def try_new(wanted: schemas.TryNewWanted, request: Request) -> schemas.Tried:
        rule = shapes.rule_of(project_of(request), wanted.evaluation.model_dump())
        return schemas.Tried(data=[shapes.tried(one) for one in try_out(rule, wanted.last)])

    @routes.get("/{evaluation}", summary="One evaluation, by its id or its name", dependencies=reading)
    def one_rule(evaluation: str, request: Request, since: Since = "now-7d") -> schemas.EvaluationShown:
        return shown([rules.get(project_of(request), evaluation).rule], since)[0]

    @routes.patch(
        "/{evaluation}", summary="Change an evaluation: a new version; or pause it, or go on", dependencies=changing
    )
    def change(evaluation: str, wanted: schemas.EvaluationChanges, request: Request) -> schemas.EvaluationShown:
        held = rules.get(project_of(request), evaluation).rule
        given = shapes.changes_of(held, wanted.model_dump(exclude_unset=True))
        return shown([rules.change(actor_of(request), held.id, given)], "now-7d")[0]

    @routes.delete(
        "/{evaluation}", summary="Remove an evaluation; its scores stay", status_code=204, dependencies=changing
    )
    def remove(evaluation: str, request: Request) -> None:
        rules.remove(actor_of(request), evaluation)

    @routes.post(
        "/{evaluation}/try",
        summary="What this evaluation says of the latest matching calls; nothing is kept",
        description="The sample is left aside. Calls of a judge are made, and cost what they cost.",
        dependencies=changing,
    )
    def try_held(evaluation: str, wanted: schemas.TryWanted, request: Request) -> schemas.Tried:
        rule = rules.get(project_of(request), evaluation).rule
        return schemas.Tried(data=[shapes.tried(one) for one in try_out(rule, wanted.last)])

    return routes
