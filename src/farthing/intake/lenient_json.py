"""A JSON body that a strict reader refuses in; what it holds out, mended, with a mark in each object of a list that needed it.

What is mended: text that is no UTF-8 or half of a surrogate pair, NaN and infinities as some libraries write them, and
values that nest without end. Anything else is no JSON.
"""

import json
import re
from typing import Any, cast

from farthing.model.flaw import Repair

MENDED = "\0mended"
"""The member of an item's object that lists what was mended within it."""

_DEEPEST = 200
_TOO_DEEP = "\0deep"
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_SHOWN_KEYS = re.compile(r"[A-Za-z_.]{1,64}")
_MOST_SHOWN = 50
_SHOWN_DEPTH = 8


def decode(body: bytes) -> Any:
    """Raises `ValueError`, `RecursionError` where even this is no JSON."""
    # JavaScript writes a text that was cut within an emoji as half of a surrogate pair; broken bytes become the same.
    text = body.decode("utf-8", "surrogateescape")
    try:
        return _marked(json.loads(text))[0]
    except RecursionError:
        return _marked(json.loads(_shallow(text)))[0]


def known(raw: Any) -> set[Repair]:
    """The repairs that are listed under `MENDED`."""
    listed = cast("list[Any]", raw) if isinstance(raw, list) else []
    return {one for one in listed if isinstance(one, Repair)}


def _shallow(text: str) -> str:
    """The same with a mark in the place of every value that is too deep."""
    parts: list[str] = []
    depth = at = 0
    for found in _BRACKETS.finditer(text):
        match found[0]:
            case "[" | "{":
                depth += 1
                if depth == _DEEPEST:
                    parts.append(text[at : found.start()])
            case "]" | "}":
                if depth == _DEEPEST:
                    parts.append(json.dumps({_TOO_DEEP: 0}))
                    at = found.end()
                depth -= 1
            case _:
                pass
    if depth >= _DEEPEST:
        msg = "it nests too deep and does not end"
        raise ValueError(msg)
    return "".join((*parts, text[at:]))


def _marked(value: Any) -> tuple[Any, set[Repair]]:
    """The value without what no text can hold, and what was mended; objects of the envelope are marked with it."""
    if isinstance(value, str):
        clean = value.encode("utf-8", "replace").decode() if not value.isascii() else value
        return (value, set()) if clean == value else (_readable(value), {Repair.TEXT_NOT_UTF8})
    found: set[Repair] = set()
    if isinstance(value, list):
        items: list[Any] = []
        for one in cast("list[Any]", value):
            clean, repairs = _marked(one)
            if repairs and isinstance(clean, dict):
                clean[MENDED] = list(repairs | known(cast("dict[str, Any]", clean).get(MENDED)))
            items.append(clean)
            found |= repairs
        return items, found
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        if _TOO_DEEP in held:
            return None, {Repair.NESTED_TOO_DEEP}
        fields: dict[str, Any] = {}
        for key, one in held.items():
            name, repairs = _marked(key)
            fields[name], more = _marked(one)
            found |= repairs | more
        return fields, found
    return value, found


def _readable(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


def shape(value: Any, depth: int = 0) -> str:
    """What an item looks like that can't be read: names of members and kinds of values, and nothing that it says."""
    if depth > _SHOWN_DEPTH:
        return "..."
    if isinstance(value, dict):
        held = list(cast("dict[str, Any]", value).items())[:_MOST_SHOWN]
        return "{" + ", ".join(f"{_key(key)}: {shape(one, depth + 1)}" for key, one in held) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shape(one, depth + 1) for one in cast("list[Any]", value)[:_MOST_SHOWN]) + "]"
    if isinstance(value, bool | None):
        return json.dumps(value)
    return f"text of {len(value)}" if isinstance(value, str) else "number"


def _key(key: str) -> str:
    return key if _SHOWN_KEYS.fullmatch(key) else f"key of {len(key)}"
