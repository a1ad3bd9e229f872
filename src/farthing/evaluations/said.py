"""What a call was given and answered, as far as it is kept, in; both as texts that can be judged out. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from farthing.model.span import Attributes, SpanEvent, Value
from farthing.normalize.content_values import Values
from farthing.normalize.messages import messages
from farthing.normalize.said import Message, Part


class Said(msgspec.Struct, frozen=True):
    """Of one call. Where the input is one message, it is that; else each begins with who speaks."""

    input: str
    output: str
    was_cut: bool = False
    """Some of it was too long to be kept."""


def of_span(attributes: Attributes, events: Sequence[SpanEvent], values: Values, *, was_cut: bool) -> Said | None:
    """What can be judged; None where no answer is kept."""
    told = messages(attributes, events)
    output = (
        "\n".join(filter(None, (_text(one.parts) for one in told.output))) if told.output else _whole(values.output)
    )
    if not output:
        return None
    spoken = [*([Message("system", told.system)] if told.system else []), *told.input]
    return Said(_conversation(spoken) if spoken else _whole(values.input), output, was_cut)


def _conversation(spoken: Sequence[Message]) -> str:
    if len(spoken) == 1:
        return _text(spoken[0].parts)
    return "\n\n".join(f"{one.role}: {_text(one.parts)}" for one in spoken)


def _text(parts: Iterable[Part]) -> str:
    """Words, where there are any; what else was said, as JSON."""
    held = list(parts)
    words = [part.text for part in held if part.type == "text" and part.text]
    if words:
        return "\n".join(words)
    return "\n".join(msgspec.json.encode(part).decode() for part in held if part.type != "reasoning")


def _whole(value: Value) -> str:
    told: Any = value
    if told is None:
        return ""
    return told if isinstance(told, str) else msgspec.json.encode(told).decode()
