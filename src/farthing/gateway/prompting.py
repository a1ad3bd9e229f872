"""A request's members and a variant's system prompt in; the members that carry the prompt out. Pure.

What the client says stands after it, byte for byte.
"""

from typing import Any, cast

import msgspec

from farthing.gateway.kinds import Kind
from farthing.routing import templates

Members = dict[str, msgspec.Raw]

_encode = msgspec.json.encode


def prompted(members: Members, kind: Kind, template: str) -> dict[str, Any]:
    """Member → its new value; nothing where this kind of call takes no prompt. Raises `BadRequestError`."""
    text = filled(members, template)
    if not text:
        return {}
    if kind.name == "chat":
        return {"messages": _first({"role": "system", "content": text}, members.get("messages"))}
    if kind.name == "messages":
        said = _decoded(members.get("system"))
        if isinstance(said, list):
            return {"system": _first({"type": "text", "text": text}, members["system"])}
        return {"system": _joined(text, said)}
    if kind.name == "responses":
        return {"instructions": _joined(text, _decoded(members.get("instructions")))}
    return {}


def filled(members: Members, template: str) -> str:
    """What the prompt says in this call. Raises `BadRequestError`."""
    return templates.render(template, _input(members)) if template else ""


def _input(members: Members) -> dict[str, Any]:
    """The template's variables."""
    told = _decoded(members.get("input"))
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _joined(text: str, said: Any) -> str:
    return f"{text}\n\n{said}" if isinstance(said, str) and said else text


def _first(item: dict[str, str], others: msgspec.Raw | None) -> msgspec.Raw:
    """A list with one more item at its beginning."""
    inner = bytes(others or b"[]").strip()[1:]
    comma = b"" if inner.lstrip()[:1] == b"]" else b","
    return msgspec.Raw(b"[%b%b%b" % (_encode(item), comma, inner))


def _decoded(raw: msgspec.Raw | None) -> Any:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
