"""Values as received in; text that every store takes out, JSON included."""

from typing import Any, cast

import msgspec

encode = msgspec.json.Encoder(enc_hook=str).encode
"""The value as JSON in bytes. Raises `UnicodeEncodeError` for what `as_json` mends."""


def as_json(value: Any) -> str:
    """The value as JSON."""
    try:
        return encode(value).decode()
    except UnicodeEncodeError:
        return encode(_speakable(value)).decode()


def as_text(value: str) -> str:
    """The same text without what no encoding can hold."""
    # Half of a surrogate pair is no text in any encoding; the rest of the string is.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return as_text(value)
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        return {as_text(k): _speakable(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_speakable(item) for item in cast("list[Any]", value)]
    return value
