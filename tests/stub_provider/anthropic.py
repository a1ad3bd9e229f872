"""Anthropic's answers: a request body in, a JSON body or server-sent events out."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from stub_provider.served import TEXT, served


def message(request: dict[str, Any]) -> dict[str, Any]:
    """Messages in one piece."""
    answer = served(request["model"])
    return {
        "id": _id(),
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [{"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": answer.anthropic(),
    }


def message_stream(request: dict[str, Any]) -> Iterator[str]:
    """Messages event by event; the input side is told at the start, the output side at the end."""
    answer = served(request["model"])
    start: dict[str, Any] = {
        **message(request),
        "content": [],
        "stop_reason": None,
        "usage": answer.anthropic(output_tokens=1),
    }
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _event("message_start", {"message": start})
    yield _event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
    yield _event("ping", {})
    for word in TEXT.split(" "):
        yield _event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word + " "}})
    yield _event("content_block_stop", {"index": 0})
    yield _event("message_delta", {"delta": end, "usage": {"output_tokens": answer.output_tokens}})
    yield _event("message_stop", {})


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    return {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "This request would exceed a rate limit."},
    }


def _event(kind: str, fields: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n"


def _id() -> str:
    return "msg_" + uuid.uuid4().hex[:24]
