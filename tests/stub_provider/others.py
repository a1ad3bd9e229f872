"""Answers of Google's, Bedrock's and Cohere's APIs: a request body in, which names its model, a JSON body or events out."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from stub_provider.served import TEXT, served


def generate_content(request: dict[str, Any]) -> dict[str, Any]:
    """Google's generateContent in one piece."""
    answer = served(request["model"])
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": answer.google(),
        "modelVersion": answer.model,
        "responseId": uuid.uuid4().hex[:20],
    }


def generate_content_stream(_: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    """Google's streamGenerateContent as server-sent events; each tells the usage so far."""
    words = TEXT.split(" ")
    for at, word in enumerate(words):
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": word + " "}]}, "index": 0}
        usage = {name: whole["usageMetadata"][name] for name in ("promptTokenCount",)}
        if at == len(words) - 1:
            candidate["finishReason"] = "STOP"
            usage = whole["usageMetadata"]
        event = {**whole, "candidates": [candidate], "usageMetadata": usage}
        yield f"data: {json.dumps(event, ensure_ascii=False)}\r\n\r\n"


def converse(request: dict[str, Any]) -> dict[str, Any]:
    """Bedrock's converse."""
    answer = served(request["model"])
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": TEXT}]}},
        "stopReason": "end_turn",
        "usage": answer.bedrock(),
        "metrics": {"latencyMs": 12},
    }


def cohere_chat(request: dict[str, Any]) -> dict[str, Any]:
    """Cohere's chat, version 2."""
    answer = served(request["model"])
    tokens = {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}
    return {
        "id": str(uuid.uuid4()),
        "message": {"role": "assistant", "content": [{"type": "text", "text": TEXT}]},
        "finish_reason": "COMPLETE",
        "usage": {"billed_units": tokens, "tokens": tokens},
    }


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    return {"error": {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}}
