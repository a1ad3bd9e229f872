"""The body of a request or of an answer in; the texts that people, models and tools wrote in it, out. Pure."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

from farthing.gateway import assembled

_WRITTEN = ("messages", "input", "prompt", "system", "instructions")
"""Members of a request that hold what is said."""
_NO_TEXT = frozenset(
    {
        "role",
        "type",
        "id",
        "tool_call_id",
        "tool_use_id",
        "call_id",
        "media_type",
        "detail",
        "format",
        "encrypted_content",
    }
)
"""Members whose value is a name or nothing legible, but for those of what a tool is called with: there every word is the model's own."""
_BYTES = frozenset({"url", "image_url", "file_data"})
"""Members that may hold a picture or a file as text."""
_TOOLS = {"function": "arguments", "custom": "input", "function_call": "arguments"}
"""Members of a chat's message, or of one of its tool calls, and what in them a tool is called with."""
_CALLED = frozenset({"arguments", "input", "action", "operation", "code", "queries"})
"""Members of a tool's call that say what it is called with."""
_OPAQUE = frozenset({"id", "call_id", "type", "status", "encrypted_content"})
"""Members of a provider's item that nobody wrote."""
_PICTURE = "image_generation_call"
_EVENTS = (b"data:", b"event:")
"""How a stream of events begins, whatever it is called."""
_NO_CALL = frozenset({"message", "reasoning", "compaction", "mcp_list_tools", _PICTURE})
"""Items of an answer in which no tool is called with anything that could be read."""

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)

UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What reading raises where JSON is nested too deeply, or is no Unicode: who only looks at its members doesn't see that."""

_read = msgspec.json.Decoder().decode
_write = msgspec.json.Encoder().encode

Json = dict[str, Any]


class Texts(msgspec.Struct, frozen=True):
    """What is written in a request or an answer."""

    said: list[str]
    """By people and models to each other, and by tools in return: of an answer one text for each choice, or one in all."""
    called: list[str]
    """By models to tools, each as it was written; and what is written in JSON, of calls or of what tools return, when it isn't legible there."""
    is_whole: bool = True
    """Whether all of an answer that may say something could be read."""


def of_request(members: Mapping[str, msgspec.Raw]) -> Texts:
    """What a request says, the system prompt included; what is embedded as data is left out. Raises `UNREADABLE`."""
    texts = Texts([], [])
    for name in _WRITTEN:
        if name in members:
            _gather(texts, _read(members[name]))
    return texts


def of_answer(body: bytes, kind: str = "", *, streams: bool) -> Texts:
    """What was answered; `kind` is the media type it is said to have, "" where none is told."""
    if streams:
        return _of_object(*assembled.assembled(body))
    try:
        told = _read(body) if body else None
    except UNREADABLE:
        return _of_no_json(body, kind)
    if isinstance(told, dict):
        return _of_object(cast("Json", told), is_whole=True)
    texts = Texts([], [])
    _gather(texts, told)
    return texts


def _of_no_json(body: bytes, kind: str) -> Texts:
    """A transcript may be plain text, and a stream be called so; pictures and sounds say nothing that could be read."""
    if kind.startswith("text/"):
        with contextlib.suppress(UnicodeDecodeError):
            text = body.decode()
            told = _of_object(*assembled.assembled(body)) if body.startswith(_EVENTS) else Texts([], [])
            return Texts([text, *told.said], [*told.called, *_unescaped(text)], told.is_whole)
    may_say_something = not kind or kind.startswith("text/") or kind.endswith(("/json", "+json"))
    return Texts([], [], is_whole=not may_say_something)


def _of_object(answer: Json, is_whole: bool) -> Texts:
    called: list[str] = []
    if isinstance(choices := answer.get("choices"), list):
        said = [_of_choice(one, called) for one in _objects(cast("list[Any]", choices))]
    elif isinstance(output := answer.get("output"), list):
        items = list(_objects(cast("list[Any]", output)))
        said = ["".join(_parts(one.get("content")) for one in items if one.get("type") == "message")]
        for one in items:
            if one.get("type") not in _NO_CALL:
                called += _legible({name: value for name, value in one.items() if name not in _OPAQUE})
    else:
        said = [_parts(answer.get("content")) or _parts(answer.get("text"))]
        for block in _objects(answer.get("content")):
            if "input" in block:
                called += _legible(block["input"])
    return Texts([text for text in said if text], called, is_whole)


def _of_choice(choice: Json, called: list[str]) -> str:
    message = choice.get("message")
    if not isinstance(message, dict):
        return _parts(choice.get("text"))
    told = cast("Json", message)
    for call in (*_objects(told.get("tool_calls")), told):
        for name, member in _TOOLS.items():
            if isinstance(tool := call.get(name), dict):
                called += _legible(cast("Json", tool).get(member))
    return _parts(told.get("content"))


def _parts(content: Any) -> str:
    """A text, or the texts of a list of parts, put together."""
    if isinstance(content, str):
        return content
    parts = [one.get("text") for one in _objects(content)]
    return "".join(one for one in parts if isinstance(one, str))


def _gather(texts: Texts, value: Any) -> None:
    """Every text in it, in its order."""
    waiting: list[tuple[str, Any, bool]] = [("", value, False)]
    while waiting:
        name, one, is_call = waiting.pop()
        if is_call and name in _CALLED:
            texts.called.extend(_legible(one))
        elif isinstance(one, str):
            if not (name in _BYTES and one.startswith("data:")):
                texts.said.append(one)
                texts.called.extend(_unescaped(one))
        elif isinstance(one, list):
            waiting += [(name, held, False) for held in reversed(cast("list[Any]", one))]
        elif isinstance(one, dict):
            waiting += reversed(list(_members(cast("Json", one), name)))


def _members(held: Json, name: str) -> Iterator[tuple[str, Any, bool]]:
    """What of it is to be looked at, and whether a tool is called by it."""
    kind = held.get("type")
    calls = name in _TOOLS or (isinstance(kind, str) and kind.endswith(("_call", "_use", "_request")))
    for member, value in held.items():
        # A document's text may stand where a picture's bytes do.
        holds_bytes = (member == "data" and kind != "text") or (member == "result" and kind == _PICTURE)
        if member not in _NO_TEXT and not holds_bytes:
            yield member, value, calls


def _legible(value: Any) -> Iterator[str]:
    """What a tool is called with, as JSON where it is no text, and what that hides."""
    if value is None:
        return
    text = value if isinstance(value, str) else _write(value).decode()
    yield text
    yield from _unescaped(text)


def _unescaped(text: str) -> Iterator[str]:
    """Texts within a text that is JSON, where an escape may hide what they say."""
    if "\\" in text and text.lstrip()[:1] in ("{", "[", '"'):
        try:
            held = _read(text.encode("utf-8", "surrogatepass"))
        except UNREADABLE:
            held = list(_literals(text))
        yield from _within(held)


def _literals(text: str) -> Iterator[Any]:
    """The texts in what is only nearly JSON, or nested too deeply: whoever reads it may make sense of it."""
    found = _LITERAL.findall(text)
    try:
        yield from _read(f"[{','.join(found)}]".encode("utf-8", "surrogatepass"))
    except UNREADABLE:
        for one in found:
            with contextlib.suppress(*UNREADABLE):
                yield _read(one.encode("utf-8", "surrogatepass"))


def _within(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
            yield from _unescaped(one)
        elif isinstance(one, list):
            waiting += reversed(cast("list[Any]", one))
        elif isinstance(one, dict):
            for member, held in reversed(cast("Json", one).items()):
                waiting += (held, member)


def _objects(value: Any) -> Iterable[Json]:
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            if isinstance(one, dict):
                yield cast("Json", one)
