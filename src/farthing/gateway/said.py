"""A call as it goes to the provider and to the client in; what was said in it, as attributes of its spans, out.

It is held in memory until the call is told, and taken apart then: off the call's way. Nothing of it is written down here; what
is kept goes through the same gate as that of every other door.
"""

import re
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from starlette.types import Message, Send

from farthing.gateway import unpacking
from farthing.gateway.assembled import assembled
from farthing.model.span import Attributes, Span
from farthing.routing.plan import KeepsContent

MOST_HELD = 8 << 20
"""Bytes of an answer that are remembered; of a stream the rest is cut, an answer in one piece that is larger says nothing."""

_OK = range(200, 300)
_SAID = ("messages", "input", "prompt")
_INSTRUCTIONS = ("system", "instructions")
_LONGEST_DATA = 32_768
_DATA = re.compile(r"(?:data:[^,]{0,200},)?[A-Za-z0-9+/_-]{1000}")
_SHOWN = 64
_DEEPEST = 100

_read = msgspec.json.Decoder().decode


def is_kept(rule: KeepsContent, asked: str, *, key_keeps: bool) -> bool:
    """Whether what is said in a call is kept. What its header says may forbid it, and allow it where the config leaves that to it."""
    if asked and asked.lower() != "keep":
        return False
    if rule is KeepsContent.BY_KEY:
        return key_keeps
    return rule is KeepsContent.ALWAYS or (rule is KeepsContent.ASKED and bool(asked))


class Said:
    """What is said in one call."""

    def __init__(self) -> None:
        """Nothing has been said."""
        self.asked = b""
        """The body as the provider got it; b"" where it is no JSON."""
        self.streams = False
        self.overflown = False
        self._status = 0
        self._encoding = ""
        self._parts: list[bytes] = []
        self._held = 0
        self._is_over = False

    def listening(self, send: Send) -> Send:
        """A way to the client on which is heard what passes."""

        async def heard(message: Message) -> None:
            if not self._is_over:
                self._hear(message)
            await send(message)

        return heard

    def over(self, asked: bytes | None) -> None:
        """All was said; what the client hears from now on is of our own."""
        self._is_over = True
        self.asked = asked or b""

    @property
    def size(self) -> int:
        """Bytes it holds."""
        return len(self.asked) + self._held

    @property
    def answer(self) -> bytes:
        """What the client got of the answer; b"" for none, or an error."""
        if self._status not in _OK or (self.overflown and not self.streams):
            return b""
        return unpacking.whole(b"".join(self._parts), self._encoding)

    def _hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            for name, value in message["headers"]:
                if name == b"content-type":
                    self.streams = value.lower().startswith(b"text/event-stream")
                elif name == b"content-encoding":
                    self._encoding = value.decode("latin-1").strip().lower()
        elif (body := message.get("body", b"")) and not self.overflown:
            self._held += len(body)
            self._parts.append(body)
            self.overflown = self._held > MOST_HELD


def told(spans: Sequence[Span], said: Said) -> list[Span]:
    """The spans of a call with what was said: the request with each attempt, the answer with the last."""
    asked, answered = _asked(said.asked), _answered(said)
    last = len(spans) - 1
    found: list[Span] = []
    for number, span in enumerate(spans):
        more = asked | answered if number == last else asked
        if number == 0 < last:  # around the attempts; under the conventions' names it would be taken for a call
            more = _plain(asked, answered)
        found.append(msgspec.structs.replace(span, attributes={**span.attributes, **more}) if more else span)
    return found


def _plain(asked: Attributes, answered: Attributes) -> Attributes:
    both = (("input", asked.get("gen_ai.input.messages")), ("output", answered.get("gen_ai.output.messages")))
    return {name: value for name, value in both if value is not None}


def _asked(body: bytes) -> Attributes:
    request = _object(_decoded(body))
    found: Attributes = {}
    for attribute, names in (("gen_ai.input.messages", _SAID), ("gen_ai.system_instructions", _INSTRUCTIONS)):
        value = next((request[name] for name in names if request.get(name)), None)
        if value is not None:
            found[attribute] = _shown(value, 0)
    if isinstance(tools := request.get("tools") or request.get("functions"), list) and tools:
        found["gen_ai.tool.definitions"] = _shown(cast("list[Any]", tools), 0)
    return found


def _answered(said: Said) -> Attributes:
    body = said.answer
    answer = assembled(body).answer if said.streams else _object(_decoded(body))
    value = _conversation(answer)
    return {} if value is None else {"gen_ai.output.messages": _shown(value, 0)}


def _conversation(answer: dict[str, Any]) -> Any:
    """The part of an answer that was said; None where it only counts, or holds vectors."""
    if choices := answer.get("choices"):
        return {"choices": choices}
    if output := answer.get("output"):
        return {"object": "response", "output": output}
    if content := answer.get("content"):
        return [{"role": "assistant", "content": content, "finish_reason": answer.get("stop_reason")}]
    # Of a transcription, of a moderation, of images.
    return answer.get("text") or answer.get("results") or _images(answer.get("data"))


def _images(data: Any) -> Any:
    images = cast("list[Any]", data) if isinstance(data, list) else []
    return None if any("embedding" in _object(one) for one in images) else images or None


def _shown(value: Any, depth: int) -> Any:
    """The same without long data: nobody reads it, and it would crowd out what was said."""
    if isinstance(value, str):
        if len(value) > _LONGEST_DATA and _DATA.match(value):
            return f"{value[:_SHOWN]}… [{len(value) - _SHOWN} more characters of data not kept]"
        return value
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_shown(one, depth + 1) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _shown(one, depth + 1) for name, one in cast("dict[str, Any]", value).items()}
    return value


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _decoded(body: bytes) -> Any:
    try:
        return _read(body) if body else None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
