"""Rules, verdicts and incidents in; what the API shows of them out, and what is sent to it as rules."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from farthing.alerts.backtest import Outcome
from farthing.alerts.incident import Event, Incident
from farthing.alerts.rule import Rule
from farthing.alerts.telling import since_ns
from farthing.alerts.verdict import Driver, Pairs, Verdict
from farthing.api import alert_schemas as schemas
from farthing.errors import BadRequestError
from farthing.model.money import decimal_text
from farthing.query.moments import EPOCH, NS
from farthing.shapes import Shape

_RULE = Shape(Rule)


def rule_of(project_id: str, given: dict[str, Any]) -> Rule:
    """A rule of these fields. Raises `BadRequestError`."""
    return _converted({"id": "", "project_id": project_id, **given})


def changes_of(held: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The fields that are given, as a rule keeps them. Raises `BadRequestError`."""
    changed = _converted({**msgspec.to_builtins(held, builtin_types=(Decimal, datetime)), **given})
    return {name: getattr(changed, name) for name in given}


def _converted(fields: dict[str, Any]) -> Rule:
    try:
        return _RULE.of(fields)
    except msgspec.ValidationError as error:
        raise BadRequestError(str(error)) from error


def fields(rule: Rule) -> dict[str, Any]:
    """What is shown of a rule whether it is kept or not."""
    quiet, compare = rule.quiet_hours, rule.compare
    return {
        "name": rule.name,
        "kind": rule.kind.value,
        "measure": rule.measure.value,
        "filters": rule.filters,
        "by": list(rule.by),
        "window": rule.window,
        "compare": {"ratio": _text(compare.ratio), "past": compare.past, "ago": compare.ago} if compare else None,
        "limit": _text(rule.limit),
        "critical_limit": _text(rule.critical_limit),
        "direction": rule.direction,
        "sensitivity": _text(rule.sensitivity),
        "least_usd": _text(rule.least_usd),
        "least_calls": rule.least_calls,
        "severity": rule.severity.value,
        "channels": list(rule.channels),
        "every": rule.every,
        "cooldown": rule.cooldown,
        "remind": rule.remind,
        "quiet_hours": msgspec.to_builtins(quiet) if quiet else None,
        "enabled": rule.enabled,
        "observe_only": rule.observe_only,
    }


def rule(found: Rule, open_incidents: int) -> schemas.RuleShown:
    """A rule that is kept."""
    told = {
        "id": found.id,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "open_incidents": open_incidents,
    }
    return schemas.RuleShown.model_validate(fields(found) | told)


def verdict(found: Verdict) -> schemas.VerdictShown:
    """What was found of one group."""
    return schemas.VerdictShown(
        group=pairs(found.group),
        firing=found.firing,
        judged=found.judged,
        unit=found.unit,
        actual=_text(found.actual),
        expected=_text(found.expected),
        lower=_text(found.lower),
        upper=_text(found.upper),
        since=maybe(found.since_ns),
        window_from=moment(found.window[0]),
        window_to=moment(found.window[1]),
        drivers=[_driver(one) for one in found.drivers],
        unpriced_calls=found.leaves_out[0],
        unknown_usage_calls=found.leaves_out[1],
        why=found.why,
        critical=found.critical,
    )


def _driver(found: Driver) -> schemas.DriverShown:
    return schemas.DriverShown(
        group=pairs(found.dimensions), change=decimal_text(found.change), share=_text(found.share)
    )


def incident(found: Incident) -> dict[str, Any]:
    """An incident, without its history."""
    return {
        "id": found.id,
        "rule_id": found.rule_id,
        "budget_id": found.budget_id,
        "rule_name": found.rule_name,
        "kind": found.kind,
        "severity": found.severity.value,
        "status": found.status.value,
        "group": pairs(found.group),
        "since": moment(since_ns(found)),
        "opened_at": moment(found.opened_ns),
        "updated_at": moment(found.updated_ns),
        "recovered_at": maybe(found.recovered_ns),
        "peak": _text(found.peak),
        "verdict": verdict(found.verdict),
        "acknowledged_by": found.acknowledged_by or None,
        "acknowledged_at": maybe(found.acknowledged_ns),
        "snoozed_until": maybe(found.snoozed_until_ns),
        "expected_by": found.expected_by or None,
        "expected_at": maybe(found.expected_ns),
        "notices": found.notices,
        "escalated": found.escalated,
        "dedup_key": found.dedup_key,
    }


def outcome(found: Outcome) -> schemas.Backtest:
    """What a back-test found."""
    told = [
        {
            "at": moment(one.at * NS),
            "what": one.what.value,
            "incident_id": one.incident.id,
            "why": one.incident.verdict.why,
        }
        for one in found.told
    ]
    shown = {
        "from": moment(found.start * NS),
        "to": moment(found.end * NS),
        "step_seconds": found.step_s,
        "incidents": [incident(one) for one in found.incidents],
        "told": told,
    }
    return schemas.Backtest.model_validate(shown)


def event(found: Event) -> schemas.EventShown:
    """One thing that happened."""
    return schemas.EventShown(
        at=moment(found.at_ns), what=found.what.value, by=found.by, text=found.text, actual=_text(found.actual)
    )


def pairs(found: Pairs) -> list[schemas.Pair]:
    """A group."""
    return [schemas.Pair(dimension=name, value=value) for name, value in found]


def moment(at_ns: int) -> datetime:
    """In UTC."""
    return EPOCH + timedelta(microseconds=at_ns // 1000)


def maybe(at_ns: int | None) -> datetime | None:
    """In UTC, if it is known."""
    return None if at_ns is None else moment(at_ns)


def nanoseconds(at: datetime) -> int:
    """Unix nanoseconds of a moment; without an offset it is one of UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1) * 1000


def _text(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)
