"""Rules, how they did and what they would say in; what the API shows of them out, and what is sent to it as rules."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from farthing.api import evaluation_schemas as schemas
from farthing.errors import BadRequestError
from farthing.evaluations.judging import Outcome
from farthing.evaluations.rule import Rule
from farthing.evaluations.standing import Standing
from farthing.model import money
from farthing.model.money import decimal_text
from farthing.query.moments import rfc3339
from farthing.shapes import Shape

LONGEST_SAID = 500

_RULE = Shape(Rule)
_NO_CONTENT = (
    "Most calls come with keys that keep no content, and what isn't kept can't be judged. Keep it from now on:"
    " farthing keys change KEY --content, or keeps_content of a config's variant."
)
_STOPPED = {
    "calls_per_day": "calls_per_day is reached; it goes on at midnight UTC.",
    "usd_per_day": "usd_per_day is reached, or another call might exceed it; it goes on at midnight UTC.",
    "judge_unpriced": "Nobody knows what the judge's model costs: add a price for it, or set when_unpriced to continue.",
}


def rule_of(project_id: str, given: dict[str, Any]) -> Rule:
    """A rule of these fields. Raises `BadRequestError`."""
    return _converted({"id": "", "project_id": project_id, **given})


def changes_of(held: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The fields that are given, as a rule keeps them. Raises `BadRequestError`."""
    changed = _converted({**msgspec.to_builtins(held, builtin_types=(Decimal, datetime)), **given})
    return {name: getattr(changed, name) for name in given}


def _converted(fields: dict[str, Any]) -> Rule:
    try:
        found = _RULE.of(fields)
        # What a schema or a text holds is looked at by nobody else before it is written.
        msgspec.json.encode(found.evaluator)
    except msgspec.ValidationError as error:
        raise BadRequestError(str(error)) from error
    except (OverflowError, RecursionError, UnicodeError) as error:
        msg = "evaluator: it can't be kept as JSON."
        raise BadRequestError(msg) from error
    return found


def rule(found: Rule, stands: Standing, from_ns: int) -> schemas.EvaluationShown:
    """A rule and how it did since then."""
    return schemas.EvaluationShown(
        id=found.id,
        name=found.name,
        version=found.version,
        state=found.state,
        filters=found.filters,
        sample=decimal_text(found.sample),
        evaluator=msgspec.to_builtins(found.evaluator),
        calls_per_day=found.most_calls,
        usd_per_day=None if found.usd_per_day is None else decimal_text(found.usd_per_day),
        when_unpriced=found.when_unpriced,
        since=found.since,
        created_at=found.created_at,
        updated_at=found.updated_at,
        standing=_standing(stands, from_ns),
    )


def _standing(told: Standing, from_ns: int) -> schemas.EvaluationStanding:
    cost = told.cost
    return schemas.EvaluationStanding(
        since=datetime.fromtimestamp(from_ns // 10**9, UTC).date().isoformat(),
        judged=told.judged,
        no_content=told.no_content,
        failed=told.failed,
        beyond=told.beyond,
        waiting=told.waiting,
        reasons=[schemas.EvaluationReason(**msgspec.structs.asdict(one)) for one in told.reasons],
        scores=told.scored.count,
        mean=told.scored.mean,
        labels=told.scored.labels,
        judge_calls=None if cost is None else cost.calls,
        judge_cost_usd=None if cost is None or cost.unpriced else money.to_text(cost.known),
        judge_unpriced_calls=0 if cost is None else cost.unpriced,
        stopped_by=None if told.stopped is None else told.stopped.value,
        note=_note(told),
    )


def _note(told: Standing) -> str | None:
    if told.stopped is not None:
        return _STOPPED[told.stopped.value]
    return _NO_CONTENT if told.no_content > told.judged else None


def tried(one: Outcome) -> schemas.TriedCall:
    """What is said of a call."""
    said, verdict = one.was_said, one.verdict
    outcome: Literal["judged", "no_content", "failed"] = "failed" if said else "no_content"
    return schemas.TriedCall(
        call_id=one.call.id,
        start_time=rfc3339(one.call.start_ns),
        outcome="judged" if verdict else outcome,
        value=verdict.value if verdict else None,
        label=(verdict.label or None) if verdict else None,
        explanation=(verdict.why or None) if verdict else None,
        reason=None if verdict else one.reason,
        input=said.input[:LONGEST_SAID] if said else None,
        output=said.output[:LONGEST_SAID] if said else None,
        judge_request_id=one.request_id or None,
    )
