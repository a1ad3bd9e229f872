"""A call, later its answer, and the guards of its plan in; tags that say what they found out, or the refusal of the one that blocks.

What streams is on its way when all of it is known, so an answer that streams is only marked.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from farthing.errors import BadRequestError
from farthing.gateway import forms, texts, unpacking
from farthing.gateway.asked import Asked
from farthing.routing import guards
from farthing.routing.guards import Said
from farthing.routing.plan import Guard, Plan

MOST_TEXT = 1 << 20
"""Characters of a call that are looked through: it takes the time of all others."""

_UNREAD = "it is nested too deeply, or no Unicode, and can't be read here"

Marks = dict[str, str]
"""Tag → `marked`, `blocked`."""


class GuardBlockedError(BadRequestError):
    """A guard doesn't let a request, or its answer, pass."""

    code = "guard_blocked"

    def __init__(self, message: str, marks: Marks) -> None:
        """`marks` are what all guards have found by now."""
        super().__init__(message)
        self.marks = marks


def of_request(plan: Plan, asked: Asked | None, content_type: str = "") -> Marks:
    """What the guards of a request find; `content_type` tells how to read a form. Raises `GuardBlockedError`."""
    wanted = [one for one in plan.guards if one.on == "request"]
    if not wanted or asked is None:
        return {}
    models = [target.model or asked.model for target in plan.targets]
    unread = ""
    try:
        told = (
            texts.of_request(asked.members) if asked.is_json else texts.Texts(forms.said(asked.body, content_type), [])
        )
    except texts.UNREADABLE:
        told, unread = texts.Texts([], []), _UNREAD
    return _found(wanted, Said(told.said, told.called, models, _cap(plan, asked)), "request", unread, blocks=True)


def of_answer(plan: Plan, body: bytes | None, encoding: str = "", kind: str = "", *, streams: bool) -> Marks:
    """What the guards of an answer of this media type find; None is one too large to be held.

    Raises `GuardBlockedError`, unless it streams.
    """
    wanted = of_answers(plan)
    if not wanted:
        return {}
    plain = unpacking.wholly(body or b"", encoding)
    unread = "" if plain is not None else f"it is packed by {encoding[:20]!r}, and can't be read here"
    if body is None:
        unread = "it is too large to be looked through"
    if plain is None and streams:  # it has gone out; what of it can be read may still be marked
        plain = unpacking.whole(body or b"", encoding)
    told = texts.of_answer(plain or b"", kind, streams=streams)
    if not told.is_whole:
        unread = unread or _UNREAD
    return _found(wanted, Said(told.said, told.called), "answer", unread, blocks=not streams)


def of_answers(plan: Plan) -> list[Guard]:
    """Those that look at answers."""
    return [one for one in plan.guards if one.on == "response"]


def tagged(attributes: dict[str, Any], marks: Marks) -> dict[str, Any]:
    """The tags a call has, and these."""
    metadata = attributes.get("metadata")
    return {**(cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}), **marks}


def _found(wanted: Iterable[Guard], said: Said, what: str, unread: str = "", *, blocks: bool) -> Marks:
    marks: Marks = {}
    if max(sum(map(len, said.texts)), sum(map(len, said.called))) > MOST_TEXT:
        unread = f"it is longer than {MOST_TEXT:,} characters"
    for one in wanted:
        why = unread if unread and _reads(one) else _why(one, said)
        if why and blocks and one.action == "block":
            marks[f"guard.{one.name}"] = "blocked"
            msg = f"The guard {one.name!r} doesn't let this {what} pass: {why}."
            raise GuardBlockedError(msg, marks)
        if why:
            marks[f"guard.{one.name}"] = "marked"
    return marks


def _why(guard: Guard, said: Said) -> str:
    try:
        return guards.check(guard)(said)
    except guards.GuardError as error:  # it was written when nobody looked at it
        return str(error)


def _reads(guard: Guard) -> bool:
    return guard.kind not in ("models", "max_tokens")


def _cap(plan: Plan, asked: Asked) -> int | None:
    """What a variant sets goes before what the client asked for."""
    told: Sequence[Any] = [
        plan.parameters.get(name) for name in ("max_completion_tokens", "max_tokens", "max_output_tokens")
    ]
    return next((one for one in told if isinstance(one, int)), asked.cap)
