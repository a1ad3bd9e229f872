"""A stream of an answer's events in; the answer as it would have been in one piece, as far as it says something, out. Pure.

A stream that was cut off tells what had come by then.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import msgspec

from farthing.gateway import events

Json = dict[str, Any]

_read = msgspec.json.Decoder().decode

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning", "text")
"""Members of a choice that come in pieces."""
_BLOCK_PIECES = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "input"}
_MOST_CHOICES = 1_000
_DONE = b"[DONE]"


class Assembled(NamedTuple):
    """What a stream told."""

    answer: Json
    is_whole: bool
    """Whether each of its events could be read; one that was cut off is none."""


def assembled(body: bytes) -> Assembled:
    """Whatever of these events belongs together, put together."""
    made: Json = {}
    read, is_whole = _events(body)
    for event in read:
        kind = _text(event.get("type"))
        if isinstance(event.get("choices"), list):
            _chat(made, event)
        elif kind.startswith("response."):
            _response(made, event, kind)
        elif add := _MESSAGES.get(kind):
            add(made, event)
        elif kind == "transcript.text.done":
            made["text"] = _text(event.get("text"))
        elif kind == "transcript.text.delta":
            made["text"] = made.get("text", "") + _text(event.get("delta"))
    return Assembled(_finished(made), is_whole)


def _events(body: bytes) -> tuple[list[Json], bool]:
    """Those that can be read, and whether all can."""
    cut = events.Events()
    found: list[Json] = []
    is_whole = True
    for event in (*cut.feed(body), cut.rest()):
        data = events.data(event)
        try:
            told = _read(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            is_whole = is_whole and (data.strip() in (b"", _DONE) or not event.endswith((b"\n", b"\r")))
            continue
        if isinstance(told, dict):
            found.append(cast("Json", told))
    return found, is_whole


def _finished(made: Json) -> Json:
    for name in ("choices", "content", "output"):
        if isinstance(made.get(name), dict):
            made[name] = [one for _, one in sorted(cast("dict[int, Any]", made[name]).items())]
    for choice in _objects(made.get("choices")):
        if "tool_calls" in choice["message"]:
            choice["message"]["tool_calls"] = list(choice["message"]["tool_calls"].values())
    return made


# OpenAI's chats and completions.


def _chat(made: Json, event: Json) -> None:
    choices = made.setdefault("choices", {})
    for told in _objects(event["choices"]):
        number = _number(told.get("index"))
        if number not in choices and len(choices) >= _MOST_CHOICES:
            continue
        choice: Json = choices.setdefault(number, {"index": number, "message": {"role": "assistant"}})
        if isinstance(told.get("finish_reason"), str):
            choice["finish_reason"] = told["finish_reason"]
        delta = _object(told.get("delta"))
        _join(choice["message"], {"content": told.get("text")} if "text" in told else delta)
        if function := _object(delta.get("function_call")):
            called = choice["message"].setdefault("function_call", {"name": "", "arguments": ""})
            for name in ("name", "arguments"):
                called[name] += _text(function.get(name))
        for call in _objects(delta.get("tool_calls")):
            _call(choice["message"].setdefault("tool_calls", {}), call)
        if spoken := _object(delta.get("audio")):
            _join(choice["message"].setdefault("audio", {}), {"text": spoken.get("transcript")}, {"text": "transcript"})


def _join(made: Json, pieces: Json, names: dict[str, str] | None = None) -> None:
    for name in _TEXTS:
        if isinstance(piece := pieces.get(name), str):
            place = (names or {}).get(name, name)
            made[place] = (made.get(place) or "") + piece


def _call(calls: dict[int, Json], piece: Json) -> None:
    call = calls.setdefault(
        _number(piece.get("index")), {"type": "function", "function": {"name": "", "arguments": ""}}
    )
    if isinstance(piece.get("id"), str):
        call["id"] = piece["id"]
    function = _object(piece.get("function"))
    for name in ("name", "arguments"):
        call["function"][name] += _text(function.get(name))
    if custom := _object(piece.get("custom")):
        made: Json = call.setdefault("custom", {})
        for name in ("name", "input"):
            made[name] = made.get(name, "") + _text(custom.get(name))


# OpenAI's responses: what is over is told once more as a whole.


def _response(made: Json, event: Json, kind: str) -> None:
    made["object"] = "response"
    output: dict[int, Json] = made.setdefault("output", {})
    number = _number(event.get("output_index"))
    whole = _object(event.get("response")).get("output")
    if isinstance(whole, list) and whole:
        made["output"] = dict(enumerate(_objects(cast("list[Any]", whole))))
    elif kind == "response.output_item.done":
        output[number] = _object(event.get("item"))
    elif kind == "response.output_text.delta":
        item = output.setdefault(number, {"type": "message", "role": "assistant", "content": [{"type": "text"}]})
        if content := _objects(item.get("content")):
            content[-1]["text"] = _text(content[-1].get("text")) + _text(event.get("delta"))


# Anthropic's messages.


def _message(made: Json, _: Json) -> None:
    made |= {"role": "assistant", "content": {}}


def _block(made: Json, event: Json) -> None:
    made.setdefault("content", {})[_number(event.get("index"))] = dict(_object(event.get("content_block")))


def _piece(made: Json, event: Json) -> None:
    delta = _object(event.get("delta"))
    name = _BLOCK_PIECES.get(_text(delta.get("type")))
    block = made.setdefault("content", {}).setdefault(_number(event.get("index")), {"type": "text"})
    if name is not None:
        piece = delta.get("partial_json") if name == "input" else delta.get(name)
        block[name] = _text(block.get(name)) + _text(piece)


def _end(made: Json, event: Json) -> None:
    if isinstance(why := _object(event.get("delta")).get("stop_reason"), str):
        made["stop_reason"] = why


_MESSAGES: dict[str, Callable[[Json, Json], None]] = {
    "message_start": _message,
    "content_block_start": _block,
    "content_block_delta": _piece,
    "message_delta": _end,
}


def _object(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Json]:
    return (
        [cast("Json", one) for one in cast("list[Any]", value) if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
