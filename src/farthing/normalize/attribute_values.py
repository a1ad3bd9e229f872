"""An attribute's value as some library wrote it in; what it says, as text or as a list of tags, out."""

from typing import Any, cast

import msgspec

_TAKEN_OUT = ("[Scrubbed due to ", "[content not kept]", "[secret removed]")
"""How the marks begin that Logfire's scrubber and our own leave in a value's place: that says nothing."""

_JSON = ("langfuse.", "mlflow.", "user", "ai.telemetry.metadata.langfusePrompt")
"""How attributes begin whose values may be JSON within a text."""
_PROMPT = "langfusePrompt"


def is_taken_out(value: Any) -> bool:
    """Whether this is a mark that stands where something was."""
    return isinstance(value, str) and value.startswith("[") and value.startswith(_TAKEN_OUT)


def is_document(name: str) -> bool:
    """Whether a text of this attribute is JSON with the value somewhere inside."""
    return name.startswith(_JSON) and name.endswith(_PROMPT)


def text(name: str, value: Any) -> str:
    """A scalar as text; a list of scalars joined by commas; "" for anything deeper and for what was taken out."""
    if isinstance(value, str):
        if value.startswith("[") and value.startswith(_TAKEN_OUT):
            return ""
        return _decoded(name, value) if name.startswith(_JSON) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        parts = cast("list[Any]", value)
        if all(isinstance(part, str | int | float) for part in parts):
            return ",".join(str(part) for part in parts)
    return ""


def listed(value: Any) -> list[str]:
    """The items of a list: as it is, as JSON, or between commas."""
    if isinstance(value, str):
        if value.startswith(_TAKEN_OUT):
            return []
        decoded = _json(value) if value.startswith("[") else None
        value = value.split(",") if decoded is None else decoded
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def _decoded(name: str, value: str) -> str:
    """A text from within its JSON; of a prompt, its version."""
    if name.endswith(_PROMPT):
        prompt = _json(value)
        version = cast("dict[str, Any]", prompt).get("version") if isinstance(prompt, dict) else None
        return text("", version)
    if value.startswith('"'):
        inner = _json(value)
        return inner if isinstance(inner, str) else value
    return value


def _json(value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
