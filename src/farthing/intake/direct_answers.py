"""Posted calls, what they cost and how it stands with their project in; the answers to them out. Pure."""

from typing import Any, TypeAlias

import msgspec

from farthing.access.allowances import Standing
from farthing.intake.direct_calls import Incoming
from farthing.intake.direct_shapes import Answer, Wrong
from farthing.model import money
from farthing.posting import Priced
from farthing.prepare import Sender
from farthing.shapes import Shape
from farthing.store.telemetry.external_requests import Note

PLAN_LIMIT_REACHED = "plan_limit_reached"
CONFLICT = "externalRequestId: it was sent before with another body; the first one counts."

Told: TypeAlias = Answer | msgspec.Raw
"""An answer; the JSON of one that tells of a call that is new and kept."""

read = Shape(Answer).of_json
_encode = msgspec.json.Encoder().encode


class _Short(Answer, omit_defaults=True):
    """An answer without what goes without saying."""


_REQUEST, _EXTERNAL, _COST, _STATUS = '"@request@"', '"@external@"', '"@cost@"', '"@status@"'


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


class Firsts:
    """The first answers to calls of a project of which it stands like this, and what is noted of them."""

    def __init__(self, standing: Standing) -> None:
        """What all of them say is put into words once."""
        self._standing = standing
        whole = self._answer(Answer, _REQUEST[1:-1], _EXTERNAL[1:-1], _COST[1:-1], _STATUS[1:-1], [])
        short = self._answer(_Short, None, None, _COST[1:-1], _STATUS[1:-1], [])
        self._whole = _parted(_encode(whole).decode(), (_REQUEST, _EXTERNAL, _COST, _STATUS))
        self._short = _parted(_encode(short).decode(), (_COST, _STATUS))

    def plain(self, call: Incoming, priced: Priced | None) -> tuple[msgspec.Raw, Note] | None:
        """Answer and note as JSON; None where there is more to say than what it costs."""
        span, key = call.span, call.key
        if priced is None or priced.amount is None or call.warnings or span.trace_id != key:
            return None
        cost, status = money.to_text(priced.amount), priced.status
        first, before, between, then, end = self._whole
        external = _encode(call.posted.external_request_id).decode()
        whole = f'{first}"{key.hex()}-{span.span_id.hex()}"{before}{external}{between}"{cost}"{then}"{status}"{end}'
        first, then, end = self._short
        return msgspec.Raw(whole), Note(call.body, msgspec.Raw(f'{first}"{cost}"{then}"{status}"{end}'))

    def answered(self, call: Incoming, priced: Priced | None) -> Answer:
        """The first answer to a call that costs that; None: nobody knows of a call."""
        amount = None if priced is None else priced.amount
        return self._answer(
            Answer,
            _request_id(call.span.trace_id, call),
            call.posted.external_request_id,
            None if amount is None else money.to_text(amount),
            "unknown" if priced is None else priced.status,
            call.warnings,
        )

    def _answer(
        self,
        kind: type[Answer],
        request_id: str | None,
        external_id: str | None,
        cost: str | None,
        status: str,
        warnings: list[str],
    ) -> Answer:
        standing = self._standing
        return kind(
            ok=True,
            request_id=request_id,
            external_request_id=external_id,
            cost_usd=cost,
            cost_status=status,
            plan_tier=standing.plan,
            warnings=warnings,
            is_plan_limit_reached=standing.is_spent,
            plan_limit_requests=standing.limit,
            free_limit_remaining_requests=standing.remaining,
        )


def _parted(text: str, marks: tuple[str, ...]) -> list[str]:
    """The text before, between and after these, which follow one another."""
    parts: list[str] = []
    for mark in marks:
        before, _, text = text.partition(mark)
        parts.append(before)
    return [*parts, text]


def _request_id(trace_id: bytes, call: Incoming) -> str:
    return f"{trace_id.hex()}-{call.span.span_id.hex()}"


def again(known: Note, call: Incoming) -> Answer:
    """The first answer, once more."""
    answer = read(known.answer)
    answer.duplicate = True
    if answer.request_id is None:  # as of those that have a trace of their own
        answer.request_id, answer.external_request_id = _request_id(call.key, call), call.posted.external_request_id
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
