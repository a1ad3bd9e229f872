"""What some library holds for a message, a list of them, a request or a response, in; messages of parts out. Pure.

Whatever isn't recognised is a part of its own, shown as it is: nothing that was said is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.model.span import Value
from farthing.normalize.content_values import decoded


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a message. `type`: text, reasoning, tool_call, tool_result, image, audio, file or json (anything else)."""

    type: str
    text: str | None = None
    id: str | None = None
    """Of a tool's call, told by its result too."""
    name: str | None = None
    """Of a tool, a file or a kind of medium."""
    value: Value = None
    """Arguments, a result, or what nobody knows better."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody said. `role`: system, user, assistant, tool, or whatever was told."""

    role: str
    parts: list[Part] = []
    name: str | None = None
    finish_reason: str | None = None


_Bag = Mapping[str, Value]

_ROLES = {
    "human": "user", "ai": "assistant", "model": "assistant", "function": "tool", "developer": "system",
    "HumanMessage": "user", "AIMessage": "assistant", "AIMessageChunk": "assistant", "SystemMessage": "system",
    "ToolMessage": "tool", "FunctionMessage": "tool", "ChatMessage": "user",
}  # fmt: skip
"""What frameworks call those who speak."""
_LISTS = ("messages", "contents", "input", "prompts")
_ANSWERS = ("choices", "candidates", "output", "content", "generations", "message", "messages", "response", "outputs")
_TEXTS = frozenset({"text", "input_text", "output_text", "summary_text", None})
_REASONING = frozenset({"reasoning", "thinking", "redacted_thinking"})
_CALLS = frozenset(
    {"tool_call", "tool-call", "tool_use", "function_call", "function", "server_tool_use", "custom_tool_call"}
)
_RESULTS = frozenset(
    {"tool_call_response", "tool-result", "tool_result", "function_call_output", "tool-call-response", "tool_return"}
)
_MEDIA = {
    "image": "image", "image_url": "image", "input_image": "image", "uri": "file", "blob": "file", "media": "file",
    "audio": "audio", "input_audio": "audio", "file": "file", "input_file": "file", "document": "file", "video": "file",
}  # fmt: skip
_ABOUT = frozenset(
    {
        "role",
        "type",
        "finish_reason",
        "index",
        "name",
        "event.name",
        "event_name",
        "gen_ai.system",
        "gen_ai.provider.name",
        "status",
    }
)
"""Fields of a message that say nothing by themselves."""
_DEEPEST = 12
_WRAPPED = ("kwargs", "message", "delta")


def text(told: str) -> Part:
    """Words."""
    return Part("text", text=told)


def reasoning(told: str) -> Part:
    """Words that a model only thought."""
    return Part("reasoning", text=told)


def conversation(told: Value, *, is_input: bool, depth: int = 0) -> list[Message]:
    """A request, a response, a list of messages or a single value as messages."""
    role = "user" if is_input else "assistant"
    value = decoded(told) if isinstance(told, str) and told[:1] in ("{", "[", '"') else told
    if isinstance(value, Mapping):
        return _of_object(cast("_Bag", value), role, is_input=is_input, depth=depth)
    if isinstance(value, list):
        items = cast("list[Value]", value)
        if any(isinstance(item, list) for item in items) and depth < _DEEPEST:  # LangChain's lists of lists
            return [one for item in items for one in conversation(item, is_input=is_input, depth=depth + 1)]
        if all(isinstance(item, str) for item in items) or not any(_is_message(item) for item in items):
            held = parts(items)
            return [Message(role, held)] if held else []
        return [message(item, role) for item in items]
    return [] if value in (None, "") else [Message(role, parts(value))]


def _of_object(bag: _Bag, role: str, *, is_input: bool, depth: int) -> list[Message]:
    if _is_message(bag) and not _is_response(bag):
        return [message(bag, role)]
    if depth < _DEEPEST:
        before = [
            Message("system", parts(bag[name])) for name in ("system", "instructions") if is_input and bag.get(name)
        ]
        for name in _LISTS if is_input else _ANSWERS:
            held = bag.get(name)
            if isinstance(held, str) and held and name not in ("messages", "contents"):
                return [*before, Message(role, [text(held)])]
            if isinstance(held, list | Mapping) and held:
                found = _within(name, cast("Value", held), bag, is_input=is_input, depth=depth + 1)
                return [*before, *found]
    if isinstance(prompt := bag.get("prompt"), str):
        return [Message(role, [text(prompt)])]
    if isinstance(said := bag.get("combined_chunk_content"), str):  # what Logfire makes of a stream
        return [Message(role, [text(said)])]
    return [Message(role, [Part("json", value=dict(bag))])]


def _within(name: str, held: Value, bag: _Bag, *, is_input: bool, depth: int) -> list[Message]:
    if name == "content" and not is_input:  # Anthropic's response
        return [message(bag, "assistant")]
    if name in ("choices", "candidates") and isinstance(held, list):
        return [_choice(choice) for choice in cast("list[Value]", held)]
    if name == "output" and isinstance(held, list) and bag.get("object") == "response":
        return _items(cast("list[Value]", held))
    return conversation(held, is_input=is_input, depth=depth)


def _choice(told: Value) -> Message:
    if not isinstance(told, Mapping):
        return message(told, "assistant")
    bag = cast("_Bag", told)
    inner = next((bag[name] for name in ("message", "content", "delta") if bag.get(name)), bag)
    found = message(inner, "assistant")
    why = bag.get("finish_reason") or bag.get("finishReason")
    return msgspec.structs.replace(found, finish_reason=why if isinstance(why, str) else None)


def _items(items: Sequence[Value]) -> list[Message]:
    """OpenAI's Responses: reasoning, calls and messages of one answer, in order."""
    held: list[Part] = []
    for item in items:
        bag = _bag(item)
        held += parts(bag["content"]) if bag.get("type") == "message" else [part(item)]
    return [Message("assistant", held)] if held else []


def _is_message(told: Value) -> bool:
    if not isinstance(told, Mapping):
        return False
    bag = cast("_Bag", told)
    if "lc" in bag or bag.get("role") is not None or isinstance(bag.get("message"), Mapping):
        return True
    return bag.get("type") in {*_ROLES, *_CALLS, *_RESULTS, "message", "system", "user", "assistant", "tool"}


def _is_response(bag: _Bag) -> bool:
    return "choices" in bag or bag.get("object") == "response"


def message(told: Value, role: str) -> Message:
    """One message; `role` of whoever it is that doesn't say."""
    if not isinstance(told, Mapping):
        return Message(role, parts(told))
    bag = cast("_Bag", told)
    for name in _WRAPPED:
        if isinstance(inner := bag.get(name), Mapping) and ("content" not in bag and "parts" not in bag):
            found = message(inner, _role(bag, role))
            why = bag.get("finish_reason")
            return msgspec.structs.replace(found, finish_reason=why) if isinstance(why, str) else found
    kind = bag.get("type")
    if kind in _CALLS or kind in _RESULTS:
        return Message("tool" if kind in _RESULTS else "assistant", [part(bag)])
    held = _parts_of(bag)
    name, why = bag.get("name"), bag.get("finish_reason")
    return Message(
        _role(bag, role),
        held,
        name if isinstance(name, str) else None,
        why if isinstance(why, str) else None,
    )


def _role(bag: _Bag, role: str) -> str:
    told = bag.get("role") or bag.get("type")
    if isinstance(path := bag.get("id"), list) and path:  # LangChain's own serialisation
        told = cast("list[Value]", path)[-1]
    if not isinstance(told, str) or told in ("message", "constructor", "text"):
        return role
    return _ROLES.get(told, told)


def _parts_of(bag: _Bag) -> list[Part]:
    held: list[Part] = []
    if isinstance(thought := bag.get("reasoning_content") or bag.get("reasoning"), str):
        held.append(reasoning(thought))
    content = next(
        (bag[name] for name in ("parts", "content", "contents", "text", "refusal", "body") if bag.get(name)), None
    )
    answers = bag.get("tool_call_id") or (bag.get("id") if bag.get("role") == "tool" else None)
    if answers is not None and not _has_results(content):
        held.append(Part("tool_result", id=str(answers), name=_word(bag.get("name")), value=content))
    elif content is not None:
        held += parts(content)
    for calls in (bag.get("tool_calls"), bag.get("function_call")):
        items = cast("list[Value]", calls) if isinstance(calls, list) else [calls] if calls else []
        known = {one.id for one in held if one.type == "tool_call"}
        held += [one for one in map(_call, items) if one.id is None or one.id not in known]
    if heard := _bag(bag.get("audio")):
        held.append(Part("audio", text=_word(heard.get("transcript")), id=_word(heard.get("id")), value=dict(heard)))
    if not held and (
        rest := {name: bag[name] for name in bag if name not in _ABOUT and bag[name] not in (None, "", [], {})}
    ):
        held.append(Part("json", value=rest))
    return held


def _has_results(content: Value) -> bool:
    items = cast("list[Value]", content) if isinstance(content, list) else []
    return any(isinstance(item, Mapping) and cast("_Bag", item).get("type") in _RESULTS for item in items)


def parts(told: Value) -> list[Part]:
    """The content of a message: a text, a part, or a list of them."""
    if told in (None, "", [], {}):
        return []
    if isinstance(told, str):
        return [text(told)]
    found: list[Part] = []
    for item in cast("list[Value]", told) if isinstance(told, list) else [told]:
        inner = _bag(item).get("content")
        if _bag(item).get("type") == "text" and isinstance(inner, list):  # OpenLIT, of Anthropic's
            found += [part(one) for one in cast("list[Value]", inner)]
        else:
            found.append(part(item))
    return [one for one in found if one.type != "text" or one.text]


def part(told: Value) -> Part:
    """One piece of a message."""
    if isinstance(told, str):
        return text(told)
    if not isinstance(told, Mapping):
        return Part("json", value=told)
    bag = cast("_Bag", told)
    if isinstance(bag.get("tool_call"), Mapping):
        return _call(bag)
    return _piece(_bag(bag.get("message_content")) or bag)  # OpenInference wraps it


def _piece(bag: _Bag) -> Part:
    kind = bag.get("type")
    words = next(
        (bag[name] for name in ("text", "content", "thinking", "output_text", "refusal") if bag.get(name)), None
    )
    if (kind in _TEXTS or kind == "refusal") and isinstance(words, str) and not bag.get("functionCall"):
        return text(words)
    if kind == "text" and not words:
        return text("")
    if kind in _REASONING:
        return _thought(bag, words)
    if kind in _RESULTS or "functionResponse" in bag:
        return _result(bag)
    if kind in _CALLS or "toolCallId" in bag or "functionCall" in bag:
        return _call(bag)
    return _medium(bag)


def _medium(bag: _Bag) -> Part:
    kind = _MEDIA.get(str(bag.get("type")), "json")
    name = _word(bag.get("mime_type") or bag.get("media_type") or bag.get("filename")) if kind != "json" else None
    return Part(kind, name=name, value=dict(bag))


def _thought(bag: _Bag, words: Value) -> Part:
    told = words if isinstance(words, str) else _joined(bag.get("summary"))
    return Part("reasoning", text=told, value=None if told else dict(bag))


def _bag(told: Value) -> _Bag:
    return cast("_Bag", told) if isinstance(told, Mapping) else {}


def _call(told: Value) -> Part:
    if not isinstance(told, Mapping):
        return Part("json", value=told)
    bag = cast("_Bag", told)
    if isinstance(inner := bag.get("tool_call"), Mapping):
        bag = cast("_Bag", inner)
    function: _Bag = bag
    for name in ("function", "functionCall"):
        if isinstance(held := bag.get(name), Mapping):
            function = cast("_Bag", held)
    given = next((function[name] for name in ("arguments", "args", "input", "parameters") if name in function), None)
    given = decoded(given) if isinstance(given, str) else given
    name = function.get("name") or bag.get("name") or bag.get("toolName")
    number = bag.get("id") or bag.get("call_id") or bag.get("toolCallId")
    return Part("tool_call", id=_word(number), name=_word(name), value=given)


def _result(bag: _Bag) -> Part:
    inner = bag.get("functionResponse")
    held = cast("_Bag", inner) if isinstance(inner, Mapping) else bag
    value = next((held[name] for name in ("response", "result", "output", "content", "value") if name in held), None)
    number = next(
        (bag[name] for name in ("tool_use_id", "tool_call_id", "toolCallId", "call_id", "id") if name in bag), None
    )
    return Part("tool_result", id=_word(number), name=_word(held.get("name") or held.get("toolName")), value=value)


def _joined(told: Value) -> str | None:
    items = [part(item).text for item in cast("list[Value]", told)] if isinstance(told, list) else []
    return "\n".join(one for one in items if one) or None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def nested(flat: _Bag) -> dict[str, Value]:
    """`tool_calls.0.function.name` as lists of objects, as which it was given."""
    made: dict[str, Any] = {}
    for name, value in flat.items():
        at = made
        *way, last = name.split(".")
        for step in way[:_DEEPEST]:
            inner = at.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            at = cast("dict[str, Any]", inner)
        at[last] = value
    return {name: _as_list(value) for name, value in made.items()}


def _as_list(told: Any) -> Value:
    if not isinstance(told, dict):
        return told
    bag = cast("dict[str, Any]", told)
    if bag and all(name.isdigit() for name in bag):
        return [_as_list(bag[name]) for name in sorted(bag, key=int)]
    return {name: _as_list(value) for name, value in bag.items()}
