"""A provider's answer in, as it passes; what it tells of the call out: usage, ids, why it ended, errors.

Nothing here may stop an answer: what can't be read is not known.
"""

import re
from typing import Any, cast

import msgspec

from farthing.gateway import events
from farthing.shapes import Shape

_encode = msgspec.json.encode

LONGEST_NAME = 512
"""Of a model, an id or an error. What is longer is none, and is told by its beginning."""
_MOST_REASONS = 128
_MOST_OF_NONE = 512 << 10
"""Of what is no event any more: a larger piece comes of bytes that were packed, and to look through it would hold up other calls."""
_LONGEST_USAGE = 64 << 10
_LATEST_S = 2**33


class Told(msgspec.Struct):
    """What an answer has told so far."""

    response_id: str = ""
    model: str = ""
    tier: str = ""
    finish: list[str] = []
    usage: dict[str, Any] = {}
    error: str = ""
    facts: dict[str, Any] = {}
    created_s: int = 0
    """When the provider says it began, in Unix seconds."""
    ended: bool = False
    """Whether a stream has said that it is over."""

    @property
    def usage_json(self) -> str:
        """The usage object as the provider told it; "" for none."""
        told = _encode(self.usage).decode() if self.usage else ""
        return told if len(told) <= _LONGEST_USAGE else ""


class _Choice(msgspec.Struct):
    finish_reason: Any = None


class _Usages(msgspec.Struct):
    usage: Any = None


class _Message(msgspec.Struct):
    """The parts of an answer, or of an event, that say something of the call. Content is skipped."""

    id: Any = None
    type: Any = None
    model: Any = None
    service_tier: Any = None
    usage: Any = None
    choices: list[_Choice] | None = None
    stop_reason: Any = None
    status: Any = None
    error: Any = None
    incomplete_details: Any = None
    delta: Any = None
    message: "_Message | None" = None
    response: "_Message | None" = None
    x_groq: _Usages | None = None
    data: msgspec.Raw = msgspec.Raw(b"")
    duration: Any = None
    code: Any = None
    name: Any = None
    created_at: Any = None


_read_message = Shape(_Message).of_json
_read_any = msgspec.json.Decoder().decode
_read_list = Shape(list[msgspec.Raw]).of_json

_TELLING = re.compile(
    rb'"(?:usage|usageMetadata|x_groq)"\s*:\s*\{|"finish_reason"\s*:\s*"|"error"\s*:\s*[{"]'
    rb'|"type"\s*:\s*"(?:message_start|message_delta|message_stop|error|response\.(?:created|completed|failed|incomplete|error))"'
)
"""What an event must hold to be worth decoding. Quotes within content are escaped, so content never matches."""

_ONLY_USAGE = re.compile(rb'"choices"\s*:\s*(?:\[\s*\]|null)')
_SOME_USAGE = re.compile(rb'"usage"\s*:\s*[^n\s]')
_NO_USAGE = re.compile(rb',\s*"usage"\s*:\s*null')
_DONE = b"[DONE]"


def whole(body: bytes, reads: str) -> Told:
    """What an answer in one piece tells."""
    told = Told()
    try:
        message = _read_message(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        message = _salvaged(body)
    if message is not None:
        _take(told, message)
        if reads == "image" and message.data:
            told.facts |= _images(message.data)
        if reads == "audio" and not told.usage and isinstance(message.duration, int | float):
            told.facts["gen_ai.response.audio.duration"] = float(message.duration)
    return told


class Stream:
    """Reads one stream of events while it passes."""

    def __init__(self, *, hides_usage: bool) -> None:
        """`hides_usage`: its usage was asked for by us, and the client must not see that."""
        self.told = Told()
        self._hides = hides_usage
        self._events = events.Events()
        self._begun = False

    def feed(self, chunk: bytes) -> bytes:
        """What of it, and of what was held back, may go on to the client."""
        whole_events = self._events.feed(chunk)
        if not self._hides:
            for event in whole_events:
                self._read(event)
            return chunk
        return b"".join([passed for event in whole_events if (passed := self._passed(event))])

    def rest(self) -> bytes:
        """What was held back to the end."""
        rest = self._events.rest()
        passed = self._passed(rest) if rest else b""
        return passed if self._hides else b""

    def _passed(self, event: bytes) -> bytes:
        self._read(event)
        if b'"usage"' not in event:
            return event
        if _ONLY_USAGE.search(event) and _SOME_USAGE.search(event):
            return b""
        return _NO_USAGE.sub(b"", event)

    def _read(self, event: bytes) -> bool:
        """Whether it told anything."""
        if self._events.broken and len(event) > _MOST_OF_NONE:
            return False
        if self._begun and not _TELLING.search(event) and _DONE not in event:
            return False
        data = events.data(event)
        if not data:
            return False
        if data.strip() == _DONE:
            self.told.ended = True
            return False
        try:
            message = _read_message(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            message = _salvaged(data)
        if message is None:
            return False
        self._begun = True
        _take(self.told, message)
        return True


def _take(told: Told, message: _Message) -> None:
    kind = message.type if isinstance(message.type, str) else ""
    for inner in (message.message, message.response):
        if inner is not None:
            _take(told, inner)
    # An item of a stream has an id of its own; only the answer's counts.
    if isinstance(message.id, str) and not told.response_id and not kind.startswith("response."):
        told.response_id = message.id[:LONGEST_NAME]
    if isinstance(message.model, str) and message.model:
        told.model = message.model[:LONGEST_NAME]
    if isinstance(message.created_at, int | float) and 0 < message.created_at < _LATEST_S:
        told.created_s = int(message.created_at)
    if isinstance(message.service_tier, str):
        told.tier = message.service_tier[:LONGEST_NAME]
    for usage in (message.usage, message.x_groq.usage if message.x_groq else None):
        if isinstance(usage, dict):
            # What is told later is cumulative, but may leave out what was told before.
            told.usage |= {k: v for k, v in cast("dict[str, Any]", usage).items() if v is not None}
            if isinstance(tier := told.usage.get("service_tier"), str):
                told.tier = told.tier or tier
    _take_end(told, message, kind)


def _take_end(told: Told, message: _Message, kind: str) -> None:
    reasons = [choice.finish_reason for choice in message.choices or () if isinstance(choice.finish_reason, str)]
    stop = message.stop_reason
    if isinstance(message.delta, dict):
        stop = cast("dict[str, Any]", message.delta).get("stop_reason")
    if isinstance(stop, str):
        reasons.append(stop)
    if message.status == "incomplete" and isinstance(message.incomplete_details, dict):
        reasons.append(str(cast("dict[str, Any]", message.incomplete_details).get("reason")))
    elif message.status == "completed":
        reasons.append("completed")
    if reasons:
        told.finish = [*told.finish, *reasons][:_MOST_REASONS] if message.choices else reasons
    if message.error is not None:
        told.error = _error(message.error)
    elif kind == "error":
        told.error = _error(message)
    if kind in ("message_stop", "response.completed", "response.failed", "response.incomplete", "error"):
        told.ended = True


def _error(error: Any) -> str:
    """Its own name for what went wrong, never its words: those may quote content."""
    if isinstance(error, _Message):
        return str(error.code or "error")[:LONGEST_NAME]
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        for name in ("code", "type", "status"):
            if isinstance(fields.get(name), str | int):
                return str(fields[name])[:LONGEST_NAME]
    return "error"


def _salvaged(body: bytes) -> _Message | None:
    """The same from an answer of some odd type: what is of another type than expected is left out."""
    try:
        raw = _read_any(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if isinstance(raw, list) and raw:  # Google answers errors as a list
        raw = cast("list[Any]", raw)[0]
    if not isinstance(raw, dict):
        return None
    fields = cast("dict[str, Any]", raw)
    get = fields.get
    return _Message(get("id"), get("type"), get("model"), get("service_tier"), get("usage"), error=get("error"))


def _images(data: msgspec.Raw) -> dict[str, Any]:
    try:
        return {"gen_ai.response.image": len(_read_list(data))}
    except (msgspec.DecodeError, RecursionError):
        return {}
