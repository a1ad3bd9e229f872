"""A span's attributes and events with their content in; the conversation in one form, whichever library wrote it down, out. Pure.

Each library has its own places and shapes. The places are tried in the order of how much they say; the shapes are those of the
providers' requests and responses, of OpenTelemetry's messages, and of what frameworks make of them (`said.py`).
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from farthing.model.span import Attributes, SpanEvent, Value
from farthing.normalize import said
from farthing.normalize.attribute_values import is_taken_out
from farthing.normalize.content_values import INPUTS, OUTPUTS, decoded
from farthing.normalize.said import Message, Part


class Messages(msgspec.Struct, frozen=True, omit_defaults=False):
    """What a span was told and answered. `system` are instructions that stand apart from the conversation."""

    input: list[Message] = []
    output: list[Message] = []
    system: list[Part] = []
    tools: list[Value] = []
    """Tools on offer, as they were defined."""

    def __bool__(self) -> bool:
        """Whether anything is told."""
        return bool(self.input or self.output or self.system or self.tools)


_COUNTED = re.compile(r"(gen_ai\.prompt|gen_ai\.completion|llm\.input_messages|llm\.output_messages)\.(\d+)\.(.+)")
_COUNTED_OUTPUT = ("gen_ai.completion", "llm.output_messages")
_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool|choice)(?:\.message)?")
_SYSTEM = ("gen_ai.system_instructions", "llm.anthropic.system", "instructions", "system")
_TOOLS = ("gen_ai.tool.definitions", "mlflow.chat.tools", "ai.prompt.tools", "tools", "gen_ai.request.tools")
_COUNTED_TOOLS = re.compile(r"llm\.(?:tools|request\.functions)\.(\d+)\.(?:tool\.)?(.+)")
_RAW_INPUT = re.compile(r"llm\.\w+\.(?:messages|input|contents)")
_RAW_OUTPUT = re.compile(r"llm\.\w+\.(?:choices|content|output|candidates)")
_LONGEST_LITERAL = 200_000
_PARAMETERS = ("request_data", "response_data")
"""Of these, what is no conversation is the parameters of a request."""
_MOST = 10_000
"""Messages of one side that are told."""


def messages(attributes: Attributes, events: Sequence[SpanEvent] = ()) -> Messages:
    """What stands in the attributes; in the events, log records among them, what does not."""
    plain = {name: value for name, value in attributes.items() if not is_taken_out(value)}
    found = _of(plain)
    for event in events:
        held = {name: value for name, value in event.attributes.items() if not is_taken_out(value)}
        match = _EVENT.fullmatch(str(held.get("event.name") or event.name))
        if match is not None:
            found = _with(found, *_of_event(match[1], held))
            continue
        beside = _of(held)
        found = Messages(
            found.input or beside.input,
            found.output or beside.output,
            found.system or beside.system,
            found.tools or beside.tools,
        )
    return _set_apart(found)


def _of(attributes: Mapping[str, Value]) -> Messages:
    counted = {False: dict[int, dict[str, Value]](), True: dict[int, dict[str, Value]]()}
    for name, value in attributes.items():
        if (match := _COUNTED.fullmatch(name)) is not None:
            side = counted[match[1] in _COUNTED_OUTPUT]
            side.setdefault(int(match[2]), {})[match[3].removeprefix("message.")] = value
    told = _listed_events(attributes)
    return Messages(
        _counted(counted[False], "user")
        or told[0]
        or _whole(INPUTS, attributes, is_input=True)
        or _of_raw(_RAW_INPUT, attributes, is_input=True),
        _counted(counted[True], "assistant")
        or told[1]
        or _answer(attributes)
        or _of_raw(_RAW_OUTPUT, attributes, is_input=False),
        _system(attributes),
        _tools(attributes),
    )


def _counted(bags: Mapping[int, Mapping[str, Value]], role: str) -> list[Message]:
    found = [said.message(said.nested(bag), role) for _, bag in sorted(bags.items())[:_MOST]]
    return [one for one in found if one.parts]


def _whole(names: Sequence[str], attributes: Mapping[str, Value], *, is_input: bool) -> list[Message]:
    """The first that is a conversation; else, the first that is anything."""
    anything: list[Message] = []
    for name in names:
        if name in attributes and attributes[name] not in (None, "", [], {}):
            found = said.conversation(attributes[name], is_input=is_input)[:_MOST]
            if any(part.type != "json" for one in found for part in one.parts):
                return found
            if name not in _PARAMETERS:
                anything = anything or found
    return anything


def _of_raw(pattern: re.Pattern[str], attributes: Mapping[str, Value], *, is_input: bool) -> list[Message]:
    """LiteLLM's copies of requests and responses are Python's way of writing them down."""
    for name, value in attributes.items():
        if isinstance(value, str) and value and pattern.fullmatch(name):
            return said.conversation(_literal(value), is_input=is_input)[:_MOST]
    return []


def _literal(text: str) -> Value:
    if len(text) > _LONGEST_LITERAL:
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _answer(attributes: Mapping[str, Value]) -> list[Message]:
    """The Vercel AI SDK tells the parts of one answer in attributes of their own."""
    parts: list[Part] = []
    for name, read in (("ai.response.reasoning", said.reasoning), ("ai.response.text", said.text)):
        if isinstance(told := attributes.get(name), str) and told:
            parts.append(read(told))
    calls = attributes.get("ai.response.toolCalls")
    found = decoded(calls) if isinstance(calls, str) else calls
    if isinstance(found, list):
        parts += [said.part(call) for call in cast("list[Value]", found)]
    if parts:
        return [Message("assistant", parts)]
    return _whole(OUTPUTS, attributes, is_input=False)


def _listed_events(attributes: Mapping[str, Value]) -> tuple[list[Message], list[Message]]:
    """Logfire's `events`: what others send as log records, as a list."""
    told = attributes.get("events")
    found = decoded(told) if isinstance(told, str) else told
    asked: list[Message] = []
    answered: list[Message] = []
    items = cast("list[Any]", found) if isinstance(found, list) else []
    bags = [cast("dict[str, Value]", item) for item in items if isinstance(item, Mapping)]
    for place, bag in enumerate(bags):
        match = _EVENT.fullmatch(str(bag.get("event.name", "")))
        if match is not None:
            is_last_word = match[1] == "assistant" and place == len(bags) - 1
            one = said.message(bag.get("message", bag), "assistant" if match[1] == "choice" else match[1])
            (answered if match[1] == "choice" or is_last_word else asked).append(one)
    return asked, answered


def _of_event(kind: str, bag: Mapping[str, Value]) -> tuple[str, Message]:
    if kind == "choice":
        inner = bag.get("message", bag)
        inner = decoded(inner) if isinstance(inner, str) else inner
        return "choice", said.message(inner, "assistant")
    return kind, said.message(bag, kind)


def _with(found: Messages, kind: str, one: Message) -> Messages:
    if kind == "choice":
        return msgspec.structs.replace(found, output=[*found.output, one])
    return msgspec.structs.replace(found, input=[*found.input, one])


def _system(attributes: Mapping[str, Value]) -> list[Part]:
    for name in _SYSTEM:
        told = attributes.get(name)
        told = decoded(told) if isinstance(told, str) else told
        if isinstance(told, str | list | Mapping) and told:
            return said.parts(cast("Value", told))
    return []


def _tools(attributes: Mapping[str, Value]) -> list[Value]:
    for name in _TOOLS:
        told = attributes.get(name)
        told = decoded(told) if isinstance(told, str) else told
        if isinstance(told, list) and told:
            return [decoded(one) if isinstance(one, str) else one for one in cast("list[Value]", told)]
    bags: dict[int, dict[str, Value]] = {}
    for name, value in attributes.items():
        if (match := _COUNTED_TOOLS.fullmatch(name)) is not None:
            bags.setdefault(int(match[1]), {})[match[2]] = decoded(value) if isinstance(value, str) else value
    listed = [bag.get("json_schema", bag) for _, bag in sorted(bags.items())]
    return listed or list(_offered(attributes))


def _offered(attributes: Mapping[str, Value]) -> Iterator[Value]:
    """Tools within a request as a whole."""
    for name in INPUTS:
        told = attributes.get(name)
        told = decoded(told) if isinstance(told, str) and told[:1] == "{" else told
        if isinstance(told, Mapping):
            tools = cast("Mapping[str, Value]", told).get("tools")
            if isinstance(tools, list):
                yield from cast("list[Value]", tools)
                return


def _set_apart(found: Messages) -> Messages:
    """Instructions that lead a conversation are told once, where they stand."""
    if found.system and found.input and found.input[0].role == "system":
        return msgspec.structs.replace(found, system=[])
    return found
