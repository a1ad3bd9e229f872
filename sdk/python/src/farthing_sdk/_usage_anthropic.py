"""What Anthropic's Messages API answered goes in; fields of a record come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farthing_sdk._usage_openai import fields, number, part, text

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
    said = fields(usage)
    plain, read = number(said.get("input_tokens")), number(said.get("cache_read_input_tokens"))
    written = number(said.get("cache_creation_input_tokens"))
    parts = fields(said.get("cache_creation"))
    hour, minutes = (number(parts.get(f"ephemeral_{life}_input_tokens")) for life in ("1h", "5m"))
    if written is None and (hour is not None or minutes is not None):
        written = (hour or 0) + (minutes or 0)
    tools = fields(said.get("server_tool_use"))
    told: dict[str, Any] = {
        "cached_input_tokens": read,
        "cache_write_1h_tokens": hour,
        "cache_write_tokens": written if written is None or hour is None else max(written - hour, 0),
        "output_tokens": number(said.get("output_tokens")),
        "reasoning_tokens": number(part(said.get("output_tokens_details"), "thinking_tokens")),
        "web_searches": number(tools.get("web_search_requests")),
        "web_fetches": number(tools.get("web_fetch_requests")),
    }
    if plain is not None:
        told["input_tokens"] = plain + (read or 0) + (written or 0)
    place = text(said, "inference_geo")
    told["region"] = None if place == "not_available" else place
    # Being fast is charged like a tier of its own.
    told["service_tier"] = "fast" if said.get("speed") == "fast" else text(said, "service_tier")
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
