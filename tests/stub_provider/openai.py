"""OpenAI's answers: a request body in, a JSON body or server-sent events out."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

from stub_provider.served import TEXT, Served, served

CREATED = 1_750_000_000


def chat(request: dict[str, Any]) -> dict[str, Any]:
    """chat/completions in one piece."""
    answer = served(request["model"])
    return {
        "id": _id("chatcmpl-"),
        "object": "chat.completion",
        "created": CREATED,
        "model": answer.model,
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": TEXT, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": answer.openai_chat(),
    }


def chat_stream(request: dict[str, Any]) -> Iterator[str]:
    """chat/completions chunk by chunk; usage comes last, and only when it was asked for."""
    answer = served(request["model"])
    options: dict[str, Any] = request.get("stream_options") or {}
    asked_for_usage = bool(options.get("include_usage"))
    frame: dict[str, Any] = {
        "id": _id("chatcmpl-"),
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": answer.model,
        "service_tier": "default",
    }
    if asked_for_usage:
        frame["usage"] = None
    for delta, finish in _deltas():
        yield _data({**frame, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})
    if asked_for_usage:
        yield _data({**frame, "choices": [], "usage": answer.openai_chat()})
    yield "data: [DONE]\n\n"


def embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """Embeddings of whatever was sent."""
    answer = served(request["model"])
    sent: str | list[str] = request["input"]
    vectors = 1 if isinstance(sent, str) else len(sent)
    return {
        "object": "list",
        "model": answer.model,
        "data": [{"object": "embedding", "index": i, "embedding": [0.25, -0.5, 0.125]} for i in range(vectors)],
        "usage": answer.openai_embeddings(),
    }


def responses(request: dict[str, Any]) -> dict[str, Any]:
    """Responses in one piece."""
    answer = served(request["model"])
    return _response(_id("resp_"), _id("msg_"), answer)


def responses_stream(request: dict[str, Any]) -> Iterator[str]:
    """Responses event by event; the last one carries the whole response with its usage."""
    answer = served(request["model"])
    response_id, message_id = _id("resp_"), _id("msg_")
    whole = _response(response_id, message_id, answer)
    started: dict[str, Any] = {**whole, "status": "in_progress", "output": [], "usage": None}
    where: dict[str, Any] = {"item_id": message_id, "output_index": 0, "content_index": 0}
    item = whole["output"][0]
    part = item["content"][0]
    steps: list[dict[str, Any]] = [
        {"type": "response.created", "response": started},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **where, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **where, "delta": word, "logprobs": []} for word in _words()),
        {"type": "response.output_text.done", **where, "text": TEXT, "logprobs": []},
        {"type": "response.content_part.done", **where, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    for number, step in enumerate(steps):
        yield f"event: {step['type']}\n" + _data({**step, "sequence_number": number})


def rate_limited() -> dict[str, Any]:
    """The body of a 429."""
    message = "Rate limit reached for requests"
    return {"error": {"message": message, "type": "rate_limit_exceeded", "param": None, "code": "rate_limit_exceeded"}}


def _response(response_id: str, message_id: str, answer: Served) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": TEXT, "annotations": [], "logprobs": []}
    message: dict[str, Any] = {
        "id": message_id,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }
    return {
        "id": response_id,
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": answer.model,
        "output": [message],
        "parallel_tool_calls": True,
        "service_tier": "default",
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "metadata": {},
        "usage": answer.openai_responses(),
    }


def _deltas() -> Iterator[tuple[dict[str, Any], str | None]]:
    yield {"role": "assistant", "content": "", "refusal": None}, None
    for word in _words():
        yield {"content": word}, None
    yield {}, "stop"


def _words() -> list[str]:
    return [word + " " for word in TEXT.split(" ")]


def _data(event: dict[str, Any]) -> str:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"


def _id(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:24]
