"""Anthropic's answers: a request body in, a JSON body or server-sent events out."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from stub_provider.served import TEXT, TOOL_ARGUMENTS, served


def message(request: dict[str, Any]) -> dict[str, Any]:
    """Messages in one piece."""
    turns: list[dict[str, Any]] = request["messages"]
    answered = any(block.get("type") == "tool_result" for turn in turns for block in _blocks(turn))
    answer = served(request["model"], bool(request.get("tools")), answered)
    said: dict[str, Any] = {"type": "text", "text": TEXT}
    if answer.calls_tool:
        said = {"type": "tool_use", "id": _id("toolu_"), "name": request["tools"][0]["name"], "input": TOOL_ARGUMENTS}
    return {
        "id": _id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [said],
        "stop_reason": "tool_use" if answer.calls_tool else "end_turn",
        "stop_sequence": None,
        "usage": answer.anthropic(),
    }


def message_stream(_: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """Messages event by event; the input side is told at the start, the output side at the end."""
    usage = {**whole["usage"], "output_tokens": 1}
    start: dict[str, Any] = {**whole, "content": [], "stop_reason": None, "usage": usage}
    end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    said = whole["content"][0]
    is_text = said["type"] == "text"
    yield _event("message_start", {"message": start})
    empty: dict[str, Any] = {"text": ""} if is_text else {"input": {}}
    yield _event("content_block_start", {"index": 0, "content_block": {**said, **empty}})
    yield _event("ping", {})
    if is_text:
        for word in TEXT.split(" "):
            yield _event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word + " "}})
    else:
        piece = {"type": "input_json_delta", "partial_json": json.dumps(said["input"])}
        yield _event("content_block_delta", {"index": 0, "delta": piece})
    yield _event("content_block_stop", {"index": 0})
    # What the last event tells is cumulative, and tells the input side again.
    counted = {name: count for name, count in whole["usage"].items() if name.endswith("_tokens")}
    yield _event("message_delta", {"delta": end, "usage": counted})
    yield _event("message_stop", {})


def count_tokens(request: dict[str, Any]) -> dict[str, Any]:
    """How much a message would be."""
    return {"input_tokens": served(request["model"]).input_tokens}


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    return {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "This request would exceed a rate limit."},
    }


def _event(kind: str, fields: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n"


def _blocks(turn: dict[str, Any]) -> list[dict[str, Any]]:
    content: str | list[dict[str, Any]] = turn["content"]
    return [] if isinstance(content, str) else content


def _id(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:24]
