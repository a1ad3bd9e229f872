"""The body of a request or of an answer in; the texts that people and models wrote in it, out. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from farthing.gateway import events

_WRITTEN = ("messages", "input", "prompt", "system", "instructions")
"""Members of a request that hold what is said."""
_NO_TEXT = frozenset({"role", "type", "id", "tool_call_id", "call_id", "media_type", "detail", "format"})
"""Members whose value is a name."""

_read = msgspec.json.Decoder().decode


def of_request(members: Mapping[str, msgspec.Raw]) -> list[str]:
    """What a request says, the system prompt included; what is embedded as data is left out."""
    return [text for name in _WRITTEN if name in members for text in _all(_decoded(members[name]))]


def of_answer(body: bytes, *, streams: bool) -> list[str]:
    """What was answered: one text for each choice, or one in all."""
    if streams:
        return _of_stream(body)
    told = _decoded(body)
    if not isinstance(told, dict):
        return []
    answer = cast("dict[str, Any]", told)
    if isinstance(choices := answer.get("choices"), list):
        found = [_of_choice(cast("dict[str, Any]", one)) for one in cast("list[Any]", choices) if isinstance(one, dict)]
    elif isinstance(output := answer.get("output"), list):
        items = [cast("dict[str, Any]", one) for one in cast("list[Any]", output) if isinstance(one, dict)]
        found = ["".join(_parts(one.get("content")) for one in items if one.get("type") == "message")]
    else:
        found = [_parts(answer.get("content"))]
    return [text for text in found if text]


def _of_choice(choice: dict[str, Any]) -> str:
    message = choice.get("message")
    if isinstance(message, dict):
        return _parts(cast("dict[str, Any]", message).get("content"))
    return _parts(choice.get("text"))


def _parts(content: Any) -> str:
    """A text, or the texts of a list of parts, put together."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [cast("dict[str, Any]", one).get("text") for one in cast("list[Any]", content) if isinstance(one, dict)]
    return "".join(one for one in parts if isinstance(one, str))


def _of_stream(body: bytes) -> list[str]:
    cut = events.Events()
    written: dict[int, list[str]] = {}
    for event in (*cut.feed(body), cut.rest()):
        told = _decoded(events.data(event))
        if isinstance(told, dict):
            for index, piece in _pieces(cast("dict[str, Any]", told)):
                written.setdefault(index, []).append(piece)
    return ["".join(pieces) for _, pieces in sorted(written.items())]


def _pieces(event: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """What an event adds to which choice."""
    if isinstance(choices := event.get("choices"), list):
        for one in cast("list[Any]", choices):
            if isinstance(one, dict):
                choice = cast("dict[str, Any]", one)
                delta = choice.get("delta")
                text = cast("dict[str, Any]", delta).get("content") if isinstance(delta, dict) else choice.get("text")
                index = choice.get("index")
                if isinstance(text, str):
                    yield index if isinstance(index, int) else 0, text
        return
    kind, delta = event.get("type"), event.get("delta")
    if kind == "response.output_text.delta" and isinstance(delta, str):
        yield 0, delta
    elif kind == "content_block_delta" and isinstance(delta, dict):
        text = cast("dict[str, Any]", delta).get("text")
        if isinstance(text, str):
            yield 0, text


def _all(value: Any) -> Iterator[str]:
    """Every text in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not one.startswith("data:"):
                yield one
        elif isinstance(one, list):
            waiting += reversed(cast("list[Any]", one))
        elif isinstance(one, dict):
            held = cast("dict[str, Any]", one)
            waiting += [held[name] for name in reversed(held) if name not in _NO_TEXT and name != "data"]


def _decoded(raw: bytes | msgspec.Raw) -> Any:
    try:
        return _read(raw) if raw else None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
