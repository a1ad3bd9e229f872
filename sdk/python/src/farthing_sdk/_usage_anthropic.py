"""What Anthropic's Messages API answered goes in; fields of a record come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farthing_sdk._usage_openai import count, part, text

if TYPE_CHECKING:
    from collections.abc import Mapping


def operation_of(path: str) -> str | None:
    """What is done at `path`; None: nothing that uses tokens."""
    return "chat" if path.endswith("/messages") else None


def answered(answer: Any) -> dict[str, Any]:
    """Fields of a whole answer."""
    told: dict[str, Any] = {"response_id": text(answer, "id"), "response_model": text(answer, "model")}
    usage = part(answer, "usage")
    if usage is not None:
        told.update(usage_of(usage))
    return told


def usage_of(usage: Any) -> dict[str, Any]:
    """Fields of a `usage`, which tells the input without what a cache read or wrote."""
    told: dict[str, Any] = {}
    plain, read = count(usage, "input_tokens"), count(usage, "cache_read_input_tokens")
    written = count(usage, "cache_creation_input_tokens")
    parts = part(usage, "cache_creation")
    hour, minutes = count(parts, "ephemeral_1h_input_tokens"), count(parts, "ephemeral_5m_input_tokens")
    if written is None and (hour is not None or minutes is not None):
        written = (hour or 0) + (minutes or 0)
    told["cached_input_tokens"] = read
    told["cache_write_1h_tokens"] = hour
    told["cache_write_tokens"] = written if written is None or hour is None else max(written - hour, 0)
    if plain is not None:
        told["input_tokens"] = plain + (read or 0) + (written or 0)
    told["output_tokens"] = count(usage, "output_tokens")
    told["reasoning_tokens"] = count(part(usage, "output_tokens_details"), "thinking_tokens")
    told["web_searches"] = count(part(usage, "server_tool_use"), "web_search_requests")
    # Being fast is charged like a tier of its own.
    told["service_tier"] = "fast" if part(usage, "speed") == "fast" else text(usage, "service_tier")
    return told


class Counted:
    """The events of one stream go in one by one. Its usage is told in pieces, and the last word on each count holds."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._usage: dict[str, Any] = {}

    def chunk(self, event: Mapping[str, Any]) -> tuple[dict[str, Any], bool, bool]:
        """Of one event: the fields it tells, whether it says something, whether it is the last."""
        kind = event.get("type")
        if kind == "message_start":
            message = event.get("message")
            told = {**answered(message)}
            self._learn(part(message, "usage"))
            # So far one token of it, say; how much it will be only the end tells.
            told["output_tokens"] = None
            return told, False, False
        if kind == "message_delta":
            self._learn(event.get("usage"))
            return usage_of(self._usage), False, False
        if kind == "error":
            return {"status": "error", "error_code": text(event.get("error"), "type") or "stream_error"}, False, True
        return {}, kind == "content_block_delta", kind == "message_stop"

    def _learn(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self._usage.update({name: value for name, value in usage.items() if value is not None})  # pyright: ignore[reportUnknownVariableType]
