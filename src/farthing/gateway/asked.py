"""The body of a call in; what its way depends on out, and the body again with some members exchanged. Pure.

Only the top level is taken apart, and only as far as it must be: every other member keeps its bytes.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from farthing.errors import BadRequestError
from farthing.gateway.kinds import Kind
from farthing.shapes import Shape

Members = dict[str, msgspec.Raw]

_read_members = Shape(Members).of_json
_read = msgspec.json.Decoder().decode
_encode = msgspec.json.encode

_WITH_DEFAULT = frozenset({"image", "moderation"})
"""Kinds of call whose model the provider chooses when none is named."""
_LOOKED_AT = frozenset({"metadata", "model", "safety_identifier", "service_tier", "stream", "stream_options", "user"})
_ONCE = frozenset({"best_of", "max_completion_tokens", "max_output_tokens", "max_tokens", "model", "n"})
"""Members by which it is decided whether a call may be made."""
_HALF_A_PAIR = re.compile(
    rb"(?<!\\)((?:\\\\)*)"
    rb"(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_BOM = b"\xef\xbb\xbf"
_NO_NUMBER = re.compile(rb"([:,\[]\s*)(?:NaN|-?Infinity)(?=\s*[,\]}])")
_LONGEST_TAG = 512
_MOST_TAGS = 64


class Asked(msgspec.Struct):
    """What a call asks for, as far as anybody here looks."""

    body: bytes
    members: Members = {}
    model: str = ""
    streams: bool = False
    wants_usage: bool = False
    """Whether the client itself asked a stream for its usage."""
    cap: int | None = None
    """The most output tokens it allows."""
    metadata: dict[str, Any] = {}
    user: str = ""
    tier: str = ""
    form_model: tuple[int, int] | None = None
    """Where the model stands in a form's bytes."""
    form: Members = {}
    """What a form tells that decides what it costs, as JSON would tell it."""
    facts: dict[str, Any] = {}
    """Attributes: what is asked for by the piece."""
    holds_no_number: bool = False
    """Whether it holds NaN or an infinity, which JSON hasn't: then it goes on as it came, or not at all."""

    @property
    def is_json(self) -> bool:
        """Whether members can be exchanged."""
        return bool(self.members)


def read(body: bytes, kind: Kind, deployment: str = "") -> Asked:
    """Look into a JSON body; a `deployment` that the path named goes before its model. Raises `BadRequestError`."""
    members, holds_no_number = _read_odd(body)
    try:
        told = {name: _read(members[name]) for name in members if name in _LOOKED_AT}.get
    except (msgspec.DecodeError, RecursionError):
        told = {name: _value(members, name) for name in members if name in _LOOKED_AT}.get
    model = deployment or told("model")
    if model is None and (kind.name in _WITH_DEFAULT or (kind.name == "responses" and "prompt" in members)):
        model = ""
    elif not isinstance(model, str) or not model:
        msg = 'The body names no model; it needs a member "model" that is a text.'
        raise BadRequestError(msg)
    options = told("stream_options")
    asked = Asked(
        body,
        members,
        model,
        streams=told("stream") is True,
        wants_usage=isinstance(options, dict) and cast("dict[str, Any]", options).get("include_usage") is True,
        cap=_cap(members, kind),
        metadata=_plain(told("metadata")) if "metadata" in members else {},
        user=_text(told("user")) or _text(told("safety_identifier")),
        tier=_text(told("service_tier")),
        holds_no_number=holds_no_number,
    )
    if kind.name in ("image", "speech"):
        asked.facts = _pieces(members, kind)
    if kind.family == "anthropic" and not asked.user:
        asked.user = _text(asked.metadata.pop("user_id", ""))
    return asked


def _read_odd(body: bytes) -> tuple[Members, bool]:
    """The members of what is JSON, or nearly so; whether NaN or an infinity had to be overlooked for that."""
    body = body.removeprefix(_BOM)
    if b"NaN" not in body and b"Infinity" not in body:
        return _members(body), False
    try:
        return _members(body), False
    except BadRequestError:
        # What becomes of that is for the provider to say; but nothing may hang on it here.
        mended = _NO_NUMBER.sub(rb"\1null", body)
        if mended == body:
            raise
    members = _members(mended)
    told = _members(_NO_NUMBER.sub(rb"\1false", body))
    if lost := next((name for name in sorted(_ONCE & members.keys()) if members[name] != told[name]), ""):
        msg = f'The body\'s member "{lost}" is no number that JSON has, and whether the call may be made depends on it.'
        raise BadRequestError(msg)
    return members, True


def _members(body: bytes) -> Members:
    try:
        members = _read_members(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        # Half of a surrogate pair is odd, but libraries send it and providers take it. The body goes on as it came, if all of it may.
        mended = _HALF_A_PAIR.sub(rb"\1\\ufffd", body)
        if mended == body:
            msg = f"The body is no JSON object: {error}."
            raise BadRequestError(msg) from error
        return _members(mended)
    # Of a name that stands there twice the provider may go by the other one, past limits and budgets.
    count = body.count
    # What it has twice has quotation marks that none of the members has.
    if (
        count(b'"model"') > 1 or count(b'"max_') > 1 or count(b'"n"') > 1 or b'"best_of"' in body or b"\\u" in body
    ) and count(b'"') != sum([bytes(raw).count(b'"') for raw in members.values()]) + 2 * len(members):
        _check_once(body)
    return members


def _check_once(body: bytes) -> None:
    try:
        told: Any = json.loads(body.decode("latin-1"), object_pairs_hook=list, parse_int=str)
    except RecursionError as error:
        msg = "The body nests too deeply."
        raise BadRequestError(msg) from error
    seen = Counter[str](name for name, _ in told)
    if twice := next((name for name in sorted(_ONCE) if seen[name] > 1), ""):
        msg = f'The body has the member "{twice}" twice.'
        raise BadRequestError(msg)


def spliced(members: Members, changes: Mapping[str, Any]) -> bytes:
    """The body with some members exchanged, added or, where the change is None, left out; all others keep their bytes."""
    parts: list[bytes] = []
    for name, raw in members.items():
        if name not in changes:
            parts.append(b"%b:%b" % (_encode(name), raw))
        elif changes[name] is not None:
            parts.append(b"%b:%b" % (_encode(name), _encode(changes[name])))
    parts += [
        b"%b:%b" % (_encode(name), _encode(value))
        for name, value in changes.items()
        if name not in members and value is not None
    ]
    return b"{%b}" % b",".join(parts)


def with_usage(members: Members) -> dict[str, Any]:
    """`stream_options` that ask for usage, whatever else they ask for."""
    options = _value(members, "stream_options")
    return {**(cast("dict[str, Any]", options) if isinstance(options, dict) else {}), "include_usage": True}


def _value(members: Members, name: str) -> Any:
    raw = members.get(name)
    if raw is None:
        return None
    try:
        return _read(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _pieces(members: Members, kind: Kind) -> dict[str, Any]:
    """What is charged by the piece: characters to be spoken, images by size and quality."""
    if kind.name == "speech":
        said = _value(members, "input")
        return {"gen_ai.usage.characters": len(said)} if isinstance(said, str) else {}
    told = {f"gen_ai.request.image_{name}": _value(members, name) for name in ("size", "quality")}
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cap(members: Members, kind: Kind) -> int | None:
    told = [_value(members, name) for name in kind.cap if name in members]
    # Of several the provider may know only the other.
    most = max((one for one in told if isinstance(one, int) and not isinstance(one, bool) and one >= 0), default=None)
    if most is None:
        return None
    choices = _value(members, "n") if "n" in members else None
    return most * choices if isinstance(choices, int) and choices > 1 else most


def _plain(metadata: Any) -> dict[str, Any]:
    """Its scalars: those become tags."""
    if not isinstance(metadata, dict):
        return {}
    return {
        str(name): value[:_LONGEST_TAG] if isinstance(value, str) else value
        for name, value in list(cast("dict[Any, Any]", metadata).items())[:_MOST_TAGS]
        if isinstance(value, str | int | float | bool)
    }
