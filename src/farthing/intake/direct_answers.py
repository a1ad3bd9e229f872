"""Posted calls, what they cost and how it stands with their project in; the answers to them out. Pure."""

from typing import Any

from farthing.access.allowances import Standing
from farthing.intake.direct_calls import Incoming
from farthing.intake.direct_shapes import Answer, Wrong
from farthing.model import money
from farthing.model.call import PricedCall
from farthing.prepare import Sender
from farthing.shapes import Shape
from farthing.store.telemetry.external_requests import Note

PLAN_LIMIT_REACHED = "plan_limit_reached"
CONFLICT = "externalRequestId: it was sent before with another body; the first one counts."

_read = Shape(Answer).of_json


def facts(sender: Sender, call: Incoming) -> dict[str, str]:
    """What budgets know a call by, by names of dimensions."""
    posted, told = call.posted, call.span.attributes
    facts = {
        "provider": posted.provider,
        "model": posted.request_model or posted.model or "",
        "response_model": posted.response_model or "",
        "data_mode": posted.data_mode or "",
        "key": sender.key_id,
        "environment": str(told["environment"]),
        "status": "error" if posted.status == "error" else "ok",
        "user": str(told.get("user_id", "")),
        "session": str(told.get("session_id", "")),
    }
    for name in ("feature", "team", "tenant", "prompt_version"):
        facts[name] = str(told.get(name, ""))
    own: dict[str, Any] = told.get("metadata") or {}
    for name, value in own.items():
        if isinstance(value, str | int | float):
            facts[f"tag.{name}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return facts


def answered(call: Incoming, priced: list[PricedCall], standing: Standing) -> Answer:
    """The first answer to a call whose trace tells of these."""
    span = call.span
    # A loop: nearly always it is the first, and a generator takes longer than the rest of this line.
    cost = None
    for one in priced:
        if one.call.span_id == span.span_id:
            cost = one.cost
            break
    amount = None if cost is None else cost.amount
    return Answer(
        ok=True,
        request_id=f"{span.trace_id.hex()}-{span.span_id.hex()}",
        external_request_id=call.posted.external_request_id,
        cost_usd=None if amount is None else money.to_text(amount),
        cost_status="unknown" if cost is None else cost.status,
        plan_tier=standing.plan,
        warnings=call.warnings,
        is_plan_limit_reached=standing.is_spent,
        plan_limit_requests=standing.limit,
        free_limit_remaining_requests=standing.remaining,
    )


def again(known: Note, call: Incoming) -> Answer:
    """The first answer, once more."""
    answer = _read(known.answer)
    answer.duplicate = True
    if known.body != call.body:
        answer.warnings.append(CONFLICT)
    return answer


def paused(call: Incoming, standing: Standing) -> Answer:
    """The answer to what goes beyond the allowance."""
    return Answer(
        ok=False,
        external_request_id=call.posted.external_request_id,
        plan_tier=standing.plan,
        warnings=[f"All {standing.limit} requests of this month are used; telemetry pauses until it ends."],
        reason=PLAN_LIMIT_REACHED,
        telemetry_paused=True,
        is_plan_limit_reached=standing.is_spent,
        plan_limit_requests=standing.limit,
        free_limit_remaining_requests=standing.remaining,
    )


def unwritable(call: Incoming) -> Answer:
    """The answer to what can't be written."""
    wrong = Wrong("", "it can't be written.")
    return Answer(ok=False, external_request_id=call.posted.external_request_id, reason="invalid", errors=[wrong])
